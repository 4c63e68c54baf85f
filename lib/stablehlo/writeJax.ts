/** Programs for JAX in files. */
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { expectKnown } from '../data/nearest.js';
import { kindOf } from '../data/weights.js';
import { aPlace, type FileError, inFile } from '../files/error.js';
import { writeFile } from '../files/write.js';
import type { WriteOptions } from '../files/writeOptions.js';

/**
 * Writes a program's bytes, as `exportJax` gives them. The file appears when it is whole; an old one stays until then.
 * @returns the number of bytes
 * @throws TypeError for what is no program; Error for options that are not known
 */
export const writeJax = (
  path: string,
  program: Uint8Array,
  options: WriteOptions = {},
): TaskEither<FileError, number> => {
  expectKnown('writeJax', options, ['onProgress', 'signal']);
  if (!(program instanceof Uint8Array))
    throw new TypeError(
      `writeJax: the program is ${kindOf(program)}, expected bytes, as exportJax gives them`,
    );
  return inFile(path, () => writeFile({ path, parts: () => [program] }, program.length, options), aPlace);
};
