/**
 * What computes for a command: onnxruntime where it is installed, or the library's own engine.
 */
import { type Command, Option } from 'commander';
import { engine } from '../lib/engine/index.js';
import { onnxruntime, type OnnxRuntime } from '../lib/run/index.js';
import { compiledWeights } from '../presets/index.js';
import type { AnyModel } from '../presets/any.js';
import type { Weights } from '../presets/preset.js';
import { Failure } from './failure.js';
import { loadWeights, type ModelOptions, wholeNumber } from './load.js';

export interface RunOptions extends ModelOptions {
  readonly engine?: 'onnxruntime' | 'wasm' | 'cpu';
  readonly threads?: string;
}

/** What commands that run a model take. */
export const runOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--engine <name>',
        'what computes: if not given, onnxruntime where onnxruntime-node is installed, else wasm',
      ).choices(['onnxruntime', 'wasm', 'cpu']),
    )
    .option('--threads <n>', 'how many threads compute; one for each core if not given');

/** onnxruntime where it is asked for, or is there and nothing else is asked for. */
export const runtimeFor = async (wanted: RunOptions['engine']): Promise<OnnxRuntime | undefined> => {
  if (wanted === undefined) return onnxruntime().catch(() => undefined);
  if (wanted !== 'onnxruntime') return undefined;
  return onnxruntime().catch((error: unknown) => {
    throw new Failure(`--engine onnxruntime: ${(error as Error).message}`);
  });
};

/** A version to show, of onnxruntime in Node. */
export const versionOf = ({ env }: OnnxRuntime): string => env.versions.node ?? env.versions.common;

/** At a terminal; results go elsewhere. */
const tell = (what: string): void => {
  if (process.stderr.isTTY) console.error(`computed by ${what}`);
};

/** Loads a model's weights, and uses them with what computes. */
export const withWeights = async <R>(
  model: AnyModel,
  options: RunOptions,
  use: (weights: Weights) => Promise<R>,
): Promise<R> => {
  const threads = options.threads === undefined ? undefined : wholeNumber('--threads', options.threads, 1);
  const runtime = await runtimeFor(options.engine);
  const own = await engine({ backend: options.engine === 'cpu' ? 'cpu' : 'wasm', threads });
  const weights = await loadWeights(model, options);
  if (!runtime) {
    tell(own.backend === 'wasm' ? `wasm, threads: ${own.threads}` : own.backend);
    return use(weights);
  }
  tell(`onnxruntime ${versionOf(runtime)}; --engine wasm asks for the library's own kernels`);
  await using compiled = compiledWeights(weights, { runtime, threads });
  return await use(compiled);
};
