/**
 * Whole files of bytes: read within a bound, written beside their place and moved there, so that nobody ever finds half
 * a file. What the file system refuses is an error as data.
 */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { either as E } from 'fp-ts';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type InputError, refuse } from '../../presets/preset.js';

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
        if (stat.isDirectory()) return refuse(path, 'a directory', 'a file');
        if (stat.size > maxFileBytes) return refuse(path, `${stat.size} bytes`, `at most ${maxFileBytes}`);
        return E.right(new Uint8Array(await file.readFile()));
      } finally {
        await file.close();
      }
    } catch (error) {
      return refuse(path, reasonOf(error), 'a file that can be read');
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
      return refuse(path, reasonOf(error), 'a place for a file');
    }
  };
