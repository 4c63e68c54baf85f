/**
 * Node's file system, where there is one, and what it refuses as data. In a page everything but this works: bundlers
 * follow no import whose name is computed.
 */
import { either as E, type taskEither as TE } from 'fp-ts';
import type { CheckpointError } from './error.js';
import { errorOf } from './error.js';

export interface FileSystem {
  readonly fs: typeof import('node:fs');
  readonly path: typeof import('node:path');
}

/** The file system; a problem where there is none. */
export const fileSystem = async (): Promise<FileSystem> => {
  const [fs, path] = ['fs', 'path'].map((name) => ['node', name].join(':'));
  try {
    return {
      fs: (await import(/* @vite-ignore */ /* webpackIgnore: true */ fs)) as FileSystem['fs'],
      path: (await import(/* @vite-ignore */ /* webpackIgnore: true */ path)) as FileSystem['path'],
    };
  } catch {
    throw new FileProblem('there is no file system here; read the bytes and use parseCheckpoint');
  }
};

/** A file that cannot be used, on its way to the `inFile` around it; whoever reads an array of it meets it as an error. */
export class FileProblem extends Error {
  override readonly name = 'FileProblem';
  constructor(
    readonly problem: string,
    /** Which file, where it is another than the one that was asked for. */
    readonly path?: string,
  ) {
    super(path === undefined ? problem : `${path}: ${problem}`);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EISDIR: 'is a directory',
  EEXIST: 'there is a file of this name',
  ENOTDIR: 'a part of its path is not a directory',
  ENAMETOOLONG: 'a name that is too long',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'no space left in the quota',
  EFBIG: 'a file larger than is allowed',
  EROFS: 'the disk is read-only',
  EMFILE: 'too many open files',
  EIO: 'the disk cannot be read or written',
};

/** What the file system refuses, in words; undefined for an error of another kind. */
export const reasonOf = (error: unknown): string | undefined => {
  if (error instanceof FileProblem) return error.problem;
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return reasons[String(error.code)] ?? error.message;
};

/** Runs what touches a file; what is refused, and a problem of the file's contents, becomes data; all else is thrown on. */
export const inFile =
  <A>(path: string, run: () => Promise<A>): TE.TaskEither<CheckpointError, A> =>
  async () => {
    try {
      return E.right(await run());
    } catch (error) {
      const refused = errorOf(error);
      if (refused) return E.left(refused);
      const problem = reasonOf(error);
      if (problem === undefined) throw error;
      const file = error instanceof FileProblem ? error.path : undefined;
      return E.left({ kind: 'io', path: file ?? path, problem });
    }
  };
