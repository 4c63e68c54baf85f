/**
 * The engine of the page that trains: the one whose steps are faster where the browser offers a graphics processor,
 * WebAssembly elsewhere. A step of so small a model is hundreds of short programs, so that it is measured, not guessed.
 */
import type { EngineInfo } from '../../../lib/engine/index.js';
import type { Choice } from '../backend.js';

/** Seconds of the fastest of a few steps on the engine that runs. */
export type Pace = () => Promise<number>;

/** An engine that runs, and the measured steps that it was chosen by. */
export interface Chosen {
  readonly info: EngineInfo;
  /** The engine that was slower, or failed; undefined where nothing was measured. */
  readonly measured?: { readonly seconds: number; readonly other: EngineInfo; readonly otherSeconds: number };
}

/**
 * Starts both backends one after the other, measures steps on each, and leaves the faster one running.
 * @param start  starts a backend, or another one in its place
 */
export const chooseFaster = async (
  start: (choice: Choice) => Promise<EngineInfo>,
  pace: Pace,
): Promise<Chosen> => {
  const onWasm = await start('wasm');
  const wasmSeconds = await pace();
  const onGpu = await start('webgpu');
  if (onGpu.backend !== 'webgpu') return { info: onGpu };
  const failed = (error: unknown): string => (error instanceof Error ? error.message : String(error));
  const measured = await pace().catch(failed);
  if (typeof measured === 'string')
    return { info: { ...(await start('wasm')), reason: `WebGPU: ${measured}` } };
  return measured < wasmSeconds
    ? { info: onGpu, measured: { seconds: measured, other: onWasm, otherSeconds: wasmSeconds } }
    : {
        info: await start('wasm'),
        measured: { seconds: wasmSeconds, other: onGpu, otherSeconds: measured },
      };
};
