/** The options of compiled models and steps, and their checks. */
import { expectKnown } from '../data/nearest.js';
import type { OnnxOptions } from '../onnx/exportOnnx.js';
import { expectWhole } from '../onnx/expectWhole.js';
import type { OnnxRuntime } from './onnxruntime.js';

export interface CompileOptions {
  /** The module of an onnxruntime. Default in Node: `onnxruntime-node`; a page has to give one. */
  readonly runtime?: OnnxRuntime;
  /** Number of threads that one model uses. Default: one for each core of the processor. */
  readonly threads?: number;
  /** onnxruntime's execution providers, the best first: `['webgpu', 'wasm']` in a page with a GPU. */
  readonly providers?: readonly string[];
  /** Further options of onnxruntime's sessions, passed on unchanged. By default, in Node, waiting threads spin while a run lasts and sleep between runs. */
  readonly session?: Readonly<Record<string, unknown>>;
  /** The type that weights are held in: as for `exportOnnx`. */
  readonly weights?: OnnxOptions['weights'];
  /**
   * The type that products are computed in: as for `exportOnnx`. If not given, float32; on WebGPU, with float16 weights,
   * float16.
   */
  readonly products?: OnnxOptions['products'];
  /** Paths of parameters that int8 and int4 leave whole: as for `exportOnnx`. */
  readonly whole?: OnnxOptions['whole'];
}

const names = ['runtime', 'threads', 'providers', 'session', 'weights', 'products', 'whole'] as const;

const isThreads = (threads: unknown): boolean => Number.isInteger(threads) && (threads as number) >= 1;

/** True for a module of onnxruntime. */
const isRuntime = (runtime: Partial<OnnxRuntime>): boolean =>
  [runtime.Tensor, runtime.InferenceSession, runtime.env?.versions].every((part) => part !== undefined);

/**
 * Refuses options that `compile` or `compileStep` does not have, and numbers of threads and runtimes that are none.
 * @throws Error for a name that is not known, with the nearest one that is; RangeError for threads; TypeError for a runtime, and
 * for `whole` where no weights are rounded
 */
export const checkCompileOptions = (what: string, options: CompileOptions): void => {
  expectKnown(what, options, names);
  const { threads, runtime, weights, whole } = options;
  if (threads !== undefined && !isThreads(threads))
    throw new RangeError(`${what}: threads is ${String(threads)}, expected a whole number of at least 1`);
  if (runtime !== undefined && !isRuntime(runtime))
    throw new TypeError(
      `${what}: runtime is no module of onnxruntime, expected one, such as await import('onnxruntime-web')`,
    );
  expectWhole(what, { weights, whole });
};
