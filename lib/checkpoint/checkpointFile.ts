/** Checkpoints in files: read into memory at the speed of the disk, written beside their place and moved there. */
import { either as E, taskEither as TE } from 'fp-ts';
import type { HostArray } from '../array.js';
import { bytesPerElement, sizeOf } from '../array.js';
import type { Tree } from '../tree.js';
import type { Checkpoint } from './checkpoint.js';
import { parseCheckpoint } from './checkpoint.js';
import type { CheckpointError } from './error.js';
import { attempt } from './error.js';
import { checkpointArrays } from './namedCheckpoint.js';
import { npzParts } from './npz.js';
import type { ZipOptions } from './zip.js';

export interface ReadOptions {
  /** Called after each part of the file, and so at least once for a file that is not empty. */
  readonly onProgress?: (bytesRead: number, totalBytes: number) => void;
}

/**
 * The checkpoint in a `.pickle`, `.pystate` or `.npz` file; see `parseCheckpoint`. The file is held in memory as one
 * array of bytes, of which Node 20 allows 4 GiB.
 */
export const readCheckpoint = (
  path: string,
  options: ReadOptions = {},
): TE.TaskEither<CheckpointError, Checkpoint> =>
  TE.chainEitherK(parseCheckpoint)(inFile(path, () => readBytes(path, options)));

export interface WriteOptions extends ZipOptions {
  /** Called after each part; the total is what the arrays take before compression. */
  readonly onProgress?: (bytesWritten: number, totalBytes: number) => void;
}

/** What a file keeps of a checkpoint; `state` may be left out. */
export interface Savable {
  readonly params: Tree<HostArray>;
  readonly state?: Tree<HostArray>;
}

/**
 * Writes parameters and state to an `.npz`, one array at a time. The file appears under its name when it is whole;
 * a file that was there before stays as it is until then.
 */
export const writeNpz = (
  path: string,
  { params, state = {} }: Savable,
  options: WriteOptions = {},
): TE.TaskEither<CheckpointError, void> =>
  TE.chain((arrays: ReadonlyMap<string, HostArray>) =>
    inFile(path, () => replaceFile(path, arrays, options)),
  )(TE.fromEither(attempt(() => checkpointArrays(params, state))));

type FileSystem = typeof import('node:fs/promises');

/** Bundlers for the browser follow no import whose name is computed; there, the import fails when it is run. */
const fileSystem = async (): Promise<FileSystem> => {
  const name = ['node', 'fs/promises'].join(':');
  try {
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as FileSystem;
  } catch {
    throw new FileProblem('there is no file system here; read the bytes and use parseCheckpoint');
  }
};

const partLength = 1 << 24;

const readBytes = async (path: string, { onProgress }: ReadOptions): Promise<Uint8Array> => {
  const { open } = await fileSystem();
  const file = await open(path, 'r');
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new FileProblem(stat.isDirectory() ? 'is a directory' : 'not a regular file');
    const bytes = allocate(stat.size);
    let length = 0;
    while (length < bytes.length) {
      const part = bytes.subarray(length, length + partLength);
      const { bytesRead } = await file.read(part, 0, part.length);
      if (bytesRead === 0) break;
      length += bytesRead;
      onProgress?.(length, bytes.length);
    }
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
};

const allocate = (size: number): Uint8Array => {
  try {
    return new Uint8Array(size);
  } catch {
    throw new FileProblem(`${size} bytes, more than one array in memory can hold`);
  }
};

const replaceFile = async (
  path: string,
  arrays: ReadonlyMap<string, HostArray>,
  options: WriteOptions,
): Promise<void> => {
  const { open, rename, rm } = await fileSystem();
  const partial = `${path}.${Math.random().toString(36).slice(2)}.partial`;
  const file = await open(partial, 'wx');
  try {
    await writeParts(file, arrays, options).finally(() => file.close());
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
};

const writeParts = async (
  file: Awaited<ReturnType<FileSystem['open']>>,
  arrays: ReadonlyMap<string, HostArray>,
  { onProgress, ...options }: WriteOptions,
): Promise<void> => {
  let [written, total] = [0, 0];
  for (const { shape, dtype } of arrays.values()) total += sizeOf(shape) * bytesPerElement[dtype];
  for (const part of npzParts(arrays, options)) {
    for (let from = 0; from < part.length; from += partLength) {
      const { bytesWritten } = await file.write(part, from, Math.min(partLength, part.length - from));
      written += bytesWritten;
    }
    onProgress?.(written, total);
  }
  await file.sync();
};

/** A file that is there and cannot be used. */
class FileProblem extends Error {}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EISDIR: 'is a directory',
  ENOTDIR: 'a part of its path is not a directory',
  ENOSPC: 'no space left on the disk',
  EROFS: 'the disk is read-only',
  EMFILE: 'too many open files',
};

/** Runs what touches a file; what the file system refuses becomes data, and anything else is thrown on. */
const inFile =
  <A>(path: string, run: () => Promise<A>): TE.TaskEither<CheckpointError, A> =>
  async () => {
    try {
      return E.right(await run());
    } catch (error) {
      const problem = problemOf(error);
      if (problem === undefined) throw error;
      return E.left({ kind: 'io', path, problem });
    }
  };

const problemOf = (error: unknown): string | undefined => {
  if (error instanceof FileProblem) return error.message;
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return reasons[String(error.code)] ?? error.message;
};
