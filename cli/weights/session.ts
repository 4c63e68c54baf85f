/** A model's file opened by an onnxruntime, and the inputs that it is run on. */
import type { HostArray } from '../../lib/data/array.js';
import { type OnnxRuntime, runtimeTensor, type RuntimeSession } from '../../lib/run/onnxruntime.js';

/** A session with the names of its model's inputs and outputs. */
export type OpenModel = RuntimeSession & {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
};

type Create = (model: unknown, options: object) => Promise<OpenModel>;

/** Opens a model: a path, or the bytes of a file. What goes wrong is thrown and not printed. */
export const openModel = (
  { InferenceSession }: OnnxRuntime,
  model: string | Uint8Array,
  options: object,
): Promise<OpenModel> =>
  (InferenceSession.create.bind(InferenceSession) as unknown as Create)(model, {
    ...options,
    logSeverityLevel: 4,
  });

/** A model's inputs in order as the tensors that `run` takes. */
export const feedsOf = (
  runtime: OnnxRuntime,
  { inputNames }: OpenModel,
  inputs: readonly HostArray[],
): Parameters<RuntimeSession['run']>[0] =>
  Object.fromEntries(
    inputNames.map((name, i) => {
      const { dtype, shape, data } = inputs[i];
      return [name, runtimeTensor(runtime, dtype as 'float32', shape, data as Float32Array)];
    }),
  ) as Readonly<Record<string, never>>;
