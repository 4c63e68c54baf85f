/**
 * Whole files of bytes that a person names: read within a bound, written whole or not at all. What the file system
 * refuses is an error in the person's input.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type InputError, inputError } from '../data/inputError.js';
import { aFile, aPlace, reasonOf } from './error.js';
import { fileSystem } from './fileSystem.js';
import { isStandardInput, standardInputBytes } from './standardInput.js';
import { writeFile } from './write.js';

/** The largest file that is read, 256 MiB. */
const maxFileBytes = 2 ** 28;

/** Runs work on a file; what the file system refuses is an error in the person's input. */
export const withFile =
  <A>(
    path: string,
    expected: string,
    run: () => Promise<E.Either<InputError, A>>,
  ): TaskEither<InputError, A> =>
  async () => {
    try {
      return await run();
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === undefined) throw error;
      return inputError(path, reason, expected);
    }
  };

/** The bytes of a file. */
export const readBytes = (path: string): TaskEither<InputError, Uint8Array> =>
  withFile(path, aFile, async () => {
    if (isStandardInput(path)) return E.right(await standardInputBytes(maxFileBytes));
    const { fs } = await fileSystem();
    const file = await fs.promises.open(path, 'r');
    try {
      const found = await file.stat();
      if (found.isDirectory()) return inputError(path, 'a directory', 'a file');
      if (found.size > maxFileBytes)
        return inputError(path, `${found.size} bytes`, `at most ${maxFileBytes}`);
      return E.right(new Uint8Array(await file.readFile()));
    } finally {
      await file.close();
    }
  });

/** All bytes of the standard input, within the same bound. */
export const readStandardInput = (where: string): TaskEither<InputError, Uint8Array> =>
  withFile(where, 'bytes', async () => E.right(await standardInputBytes(maxFileBytes)));

/** True if a file can be written at a path, asked before the long work whose result it is to hold. */
export const checkPlace = (path: string): TaskEither<InputError, void> =>
  withFile(path, aPlace, async () => {
    const { fs, path: paths } = await fileSystem();
    const { access, constants, stat } = fs.promises;
    const found = await stat(path).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (found?.isDirectory()) return inputError(path, 'a directory', aPlace);
    // Beside a file its new contents are written; a stream is written to as it is.
    await (found && !found.isFile()
      ? access(path, constants.W_OK)
      : access(paths.dirname(path), constants.W_OK));
    return E.right(undefined);
  });

/** Writes a file, or leaves the old one as it was. */
export const writeBytes = (path: string, bytes: Uint8Array): TaskEither<InputError, void> =>
  withFile(path, aPlace, async () => {
    await writeFile({ path, parts: () => [bytes] }, bytes.length);
    return E.right(undefined);
  });
