/** ONNX models in files: a model, and beside it a file of its weights where they are too large for one. */
import { either as E } from 'fp-ts';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { OnnxModel } from './exportOnnx.js';
import { onnxFile, type Parts } from './onnxFile.js';
import { byteLength } from './tensor.js';

/** A file that could not be written. */
export interface OnnxFileError {
  readonly kind: 'onnx-file';
  readonly path: string;
  readonly problem: string;
}

export interface WriteOnnxOptions {
  /**
   * Whether weights are in a file of their own, `model.onnx.data` for `model.onnx`. If not given they are where they
   * take more than 1.5 GB: a file of protobuf ends at 2.
   */
  readonly externalData?: boolean;
}

/** What was written. */
export interface WrittenFiles {
  readonly paths: readonly string[];
  readonly bytes: number;
}

/** An error as people read it. */
export const showOnnxFileError = ({ path, problem }: OnnxFileError): string => `${path}: ${problem}`;

const mostInside = 1.5e9;

type FileSystem = typeof import('node:fs/promises');

/** Bundlers for the browser follow no import whose name is computed; there, the import fails when it is run. */
const fileSystem = async (): Promise<FileSystem> => {
  const name = ['node', 'fs/promises'].join(':');
  return (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as FileSystem;
};

const longestWrite = 1 << 24;

const write = async ({ open }: FileSystem, path: string, { parts }: Parts): Promise<void> => {
  const file = await open(path, 'wx');
  try {
    for (const part of parts()) {
      for (let from = 0; from < part.length;) {
        const { bytesWritten } = await file.write(part, from, Math.min(longestWrite, part.length - from));
        from += bytesWritten;
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
};

const nameOf = (path: string): string => path.replace(/^.*[\\/]/, '');

/**
 * Writes a model. Its files appear under their names when they are whole; what was there before stays until then.
 */
export const writeOnnx =
  (
    path: string,
    model: OnnxModel,
    { externalData }: WriteOnnxOptions = {},
  ): TaskEither<OnnxFileError, WrittenFiles> =>
  async () => {
    const total = model.initializers.reduce((sum, each) => sum + byteLength(each), 0);
    const isExternal = externalData ?? total > mostInside;
    const dataPath = `${path}.data`;
    const { model: main, data } = onnxFile(model, isExternal ? nameOf(dataPath) : undefined);
    const files = [...(data ? [{ path: dataPath, content: data }] : []), { path, content: main }];
    const partial = (place: string) => `${place}.partial`;
    let fs: FileSystem | undefined;
    try {
      fs = await fileSystem();
      for (const { path, content } of files) await write(fs, partial(path), content);
      for (const { path } of files) await fs.rename(partial(path), path);
      const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
      return E.right({ paths: files.map(({ path }) => path), bytes });
    } catch (error) {
      for (const { path } of files) await fs?.rm(partial(path), { force: true });
      return E.left({ kind: 'onnx-file', path, problem: (error as Error).message });
    }
  };
