/** Errors for files that begin as their format demands and then break its rules. */
import * as E from 'fp-ts/lib/Either.js';
import { type InputError, inputError } from '../data/inputError.js';

/** A file whose content breaks the rules of its format; the problem may be what a decoder has thrown. */
export const damaged =
  (where: string, format: string) =>
  (problem: unknown): InputError => {
    const { message } = problem instanceof Error ? problem : { message: String(problem) };
    return {
      kind: 'input',
      where,
      found: `a damaged ${format} file: ${message}`,
      expected: `an intact ${format} file`,
    };
  };

/** A file that lacks its end. */
export const brokenOff = (where: string, format: string, bytes: Uint8Array): E.Either<InputError, never> =>
  inputError(where, `a ${format} file that breaks off after ${bytes.length} bytes`, `a whole ${format} file`);
