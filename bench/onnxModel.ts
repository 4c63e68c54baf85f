/** A model's file opened by an onnxruntime, and the flags of the commands that time one. */
import type { Command } from 'commander';
import type { HostArray } from '../lib/data/array.js';
import { type OnnxRuntime, runtimeTensor, type RuntimeSession } from '../lib/run/onnxruntime.js';

/** The model, weights and inputs that a command is for. */
export interface ModelFlags {
  readonly checkpoint?: string;
  readonly config?: string;
  readonly seed?: string;
  readonly inputs?: string;
}

/** Adds the flags to a command. */
export const modelFlags = (command: Command): Command =>
  command
    .argument('<preset>', 'name of a preset, as renga list shows it')
    .option('--checkpoint <file>', 'its weights; default: those in the package')
    .option('--config <file>', "change the preset's published config by a file of JSON")
    .option('--seed <n>', 'untrained parameters by this seed')
    .option(
      '--inputs <file>',
      'an .npz with an array for each input; default: held-out data, or numbers by name',
    );

/** A session with the names of its model's inputs and outputs. */
export type OpenModel = RuntimeSession & {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
};

type Create = (model: unknown, options: object) => Promise<OpenModel>;

/** Opens a model: a path, or the bytes of a file. */
export const openModel = (
  { InferenceSession }: OnnxRuntime,
  model: string | Uint8Array,
  options: object,
): Promise<OpenModel> =>
  (InferenceSession.create.bind(InferenceSession) as unknown as Create)(model, {
    ...options,
    logSeverityLevel: 3,
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
