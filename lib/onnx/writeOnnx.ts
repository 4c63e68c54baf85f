/** ONNX models in files: a model, and beside it a file of its weights where they are too large for one. */
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { writeFiles, type WriteOptions } from '../files/atomicFiles.js';
import type { CheckpointError } from '../files/error.js';
import { fileSystem, inFile } from '../files/fileSystem.js';
import type { OnnxModel } from './exportOnnx.js';
import { onnxFile } from './onnxFile.js';
import { byteLength } from './tensor.js';

export interface WriteOnnxOptions extends WriteOptions {
  /**
   * Whether weights are in a file of their own, `model.onnx.data` for `model.onnx`. If not given they are where they
   * take more than 1.5 GB: a file of protobuf ends at 2.
   */
  readonly externalData?: boolean;
}

/** What was written. */
export interface WrittenOnnx {
  /** The model's file, after that of its weights where there is one. */
  readonly files: readonly string[];
  readonly bytes: number;
}

const mostInside = 1.5e9;

/**
 * Writes a model. Its files appear under their names when they are whole; what was there before stays until then.
 */
export const writeOnnx = (
  path: string,
  model: OnnxModel,
  { externalData, ...options }: WriteOnnxOptions = {},
): TaskEither<CheckpointError, WrittenOnnx> =>
  inFile(path, async () => {
    const total = model.initializers.reduce((sum, each) => sum + byteLength(each), 0);
    const isExternal = externalData ?? total > mostInside;
    const dataPath = `${path}.data`;
    const { basename } = (await fileSystem()).path;
    const { model: main, data } = onnxFile(model, isExternal ? basename(dataPath) : undefined);
    const plans = [...(data ? [{ path: dataPath, parts: data.parts }] : []), { path, parts: main.parts }];
    const bytes = await writeFiles(plans, main.length + (data?.length ?? 0), options);
    return { files: plans.map((plan) => plan.path), bytes };
  });
