/** ONNX models in files: a model, and beside it a file of its weights where they are too large for one. */
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { expectKnown } from '../data/nearest.js';
import { kindOf } from '../data/weights.js';
import { aPlace, type FileError, inFile } from '../files/error.js';
import { placeOf, writeFile } from '../files/write.js';
import type { WriteOptions } from '../files/writeOptions.js';
import { writeSet } from '../files/writeSet.js';
import { fileSystem } from '../files/fileSystem.js';
import type { OnnxModel } from './exportOnnx.js';
import { onnxFile } from './onnxFile.js';
import { byteLength } from './tensor.js';

export interface WriteOnnxOptions extends WriteOptions {
  /**
   * True to write weights to a file of their own, `model.onnx.data` for `model.onnx`. If not given, weights of more than
   * 1.5 GB are: a file of protobuf ends at 2.
   */
  readonly externalData?: boolean;
}

/** The files that were written. */
export interface WrittenOnnx {
  /** The model's file, after that of its weights where there is one. */
  readonly files: readonly string[];
  readonly bytes: number;
}

const mostInside = 1.5e9;

/** The file of weights of `model.onnx`: `model.onnx.data`, or with a mark where there was one already. */
const dataName = (name: string, mark?: string): string =>
  mark === undefined ? `${name}.data` : `${name}.${mark}.data`;

const isDataOf = (name: string, file: string): boolean =>
  file.startsWith(name) && /^(\.[0-9a-f]{8})?\.data$/.test(file.slice(name.length));

/**
 * Writes a model. Its files appear under their names when they are whole; the old ones stay until then, and
 * a file of weights beside an old model goes with it.
 * @throws Error for options that are not known
 */
export const writeOnnx = (
  path: string,
  model: OnnxModel,
  given: WriteOnnxOptions = {},
): TaskEither<FileError, WrittenOnnx> => {
  expectKnown('writeOnnx', given, ['externalData', 'onProgress', 'signal']);
  if (!Array.isArray(model?.initializers))
    throw new TypeError(`writeOnnx: the model is ${kindOf(model)}, expected one as exportOnnx gives it`);
  const { externalData, ...options } = given;
  return inFile(
    path,
    async () => {
      const total = model.initializers.reduce((sum, each) => sum + byteLength(each), 0);
      const isExternal = externalData ?? total > mostInside;
      const name = (await fileSystem()).path.basename(path);
      const { model: main, data } = onnxFile(model, isExternal ? dataName(name) : undefined);
      const isPart = (file: string) => isDataOf(name, file);
      if (!data) {
        if ((await placeOf(path)).old) {
          const set = { main: path, parts: [], mainParts: () => main.parts, isPart };
          return writeSet(set, main.length, options);
        }
        const bytes = await writeFile({ path, parts: main.parts }, main.length, options);
        return { files: [path], bytes };
      }
      const set = {
        main: path,
        parts: [{ name: (mark?: string) => dataName(name, mark), parts: data.parts }],
        mainParts: ([location]: readonly string[]) => onnxFile(model, location).model.parts,
        isPart,
      };
      return writeSet(set, main.length + data.length, options);
    },
    aPlace,
  );
};
