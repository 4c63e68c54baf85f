/** A person's texts: files in UTF-8. Bytes that are none are refused with their place, never replaced in silence. */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type InputError, inputError } from '../data/inputError.js';
import { grouped } from '../data/quantities.js';
import { readBytes } from './bytes.js';

/** The text in some bytes; undefined where a byte does not fit. An open end may be cut off in a character. */
const decoded = (bytes: Uint8Array, hasOpenEnd = false): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: hasOpenEnd });
  } catch {
    return undefined;
  }
};

/** The number of bytes before the first one that does not fit, of bytes that are no UTF-8. */
const fittingBytes = (bytes: Uint8Array): number => {
  let [fits, fails] = [0, bytes.length + 1];
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if (decoded(bytes.subarray(0, middle), true) === undefined) fails = middle;
    else fits = middle;
  }
  // The byte before may have begun a character that the next one does not go on with.
  while (decoded(bytes.subarray(0, fits)) === undefined) fits -= 1;
  return fits;
};

/**
 * The text in the bytes of a file.
 * @returns a left with the first byte that is no UTF-8, its place and its line, each counted from 1
 */
export const textOf = (path: string, bytes: Uint8Array): E.Either<InputError, string> => {
  const text = decoded(bytes);
  if (text !== undefined) return E.right(text);
  const before = fittingBytes(bytes);
  const isCut = decoded(bytes, true) !== undefined;
  const line = bytes.subarray(0, before).filter((byte) => byte === 10).length + 1;
  const found = isCut
    ? 'an end within a character'
    : `0x${bytes[before].toString(16).padStart(2, '0')} at byte ${grouped(before + 1)}, line ${grouped(line)}, which is no UTF-8`;
  return inputError(
    path,
    found,
    'a text in UTF-8; another encoding is converted by: iconv -f latin1 -t utf-8 FILE > NEW',
  );
};

/** The text of a file. */
export const readText = (path: string): TE.TaskEither<InputError, string> =>
  pipe(
    readBytes(path),
    TE.chainEitherK((bytes) => textOf(path, bytes)),
  );
