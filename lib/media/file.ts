/**
 * Whole files of bytes: read within a bound, written beside their place and moved there, so that nobody ever finds half
 * a file. What the file system refuses is an error as data.
 */
import { randomUUID } from 'node:crypto';
import { access, constants, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { either as E } from 'fp-ts';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type InputError, inputError } from '../data/inputError.js';

/** The largest file that is read, 256 MiB. */
export const maxFileBytes = 2 ** 28;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EISDIR: 'a directory',
  EEXIST: 'a file of this name',
  ENOTDIR: 'a part of the path that is not a directory',
  ENOSPC: 'no space left on the disk',
  EROFS: 'a read-only disk',
};

/** What a failed call of the file system found; anything else that was thrown is thrown on. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error) || !('code' in error)) throw error;
  return reasons[String(error.code)] ?? error.message;
};

/** The bytes of a file. */
export const readBytes =
  (path: string): TaskEither<InputError, Uint8Array> =>
  async () => {
    try {
      const file = await open(path, 'r');
      try {
        const stat = await file.stat();
        if (stat.isDirectory()) return inputError(path, 'a directory', 'a file');
        if (stat.size > maxFileBytes)
          return inputError(path, `${stat.size} bytes`, `at most ${maxFileBytes}`);
        return E.right(new Uint8Array(await file.readFile()));
      } finally {
        await file.close();
      }
    } catch (error) {
      return inputError(path, reasonOf(error), 'a file that can be read');
    }
  };

const aPlace = 'a place for a file';

/** What is at a path; undefined where nothing is. */
const statOf = (path: string) =>
  stat(path).catch((error: Error) => {
    if ('code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });

/** Whether a file can be written at a path, asked before the long work whose result it is to hold. */
export const checkPlace =
  (path: string): TaskEither<InputError, void> =>
  async () => {
    try {
      await access(dirname(path), constants.W_OK);
      const found = await statOf(path);
      if (found?.isDirectory()) return inputError(path, 'a directory', aPlace);
      // A device would be replaced by what is moved to its place.
      return found && !found.isFile()
        ? inputError(path, 'something other than a file', aPlace)
        : E.right(undefined);
    } catch (error) {
      return inputError(path, reasonOf(error), aPlace);
    }
  };

/** Writes a file, or leaves what was there before as it was. */
export const writeBytes =
  (path: string, bytes: Uint8Array): TaskEither<InputError, void> =>
  async () => {
    const partial = `${path}.${randomUUID()}.partial`;
    try {
      const file = await open(partial, 'wx');
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(partial, path);
      return E.right(undefined);
    } catch (error) {
      await rm(partial, { force: true });
      return inputError(path, reasonOf(error), aPlace);
    }
  };
