/** The limit on the size of pictures: a few bytes can ask for any number of pixels. */
import * as E from 'fp-ts/lib/Either.js';
import { showSize } from './picture.js';
import { type InputError, inputError } from '../data/inputError.js';

/** The most pixels of a picture, 8192 × 8192. */
export const maxPixels = 2 ** 26;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A size that a file claims, if it is one that can be held. */
export const checkSize = <A extends Size>(where: string, size: A): E.Either<InputError, A> => {
  const pixels = size.width * size.height;
  if (!(pixels > 0)) return inputError(where, showSize(size), 'at least 1 × 1 pixels');
  return pixels <= maxPixels
    ? E.right(size)
    : inputError(
        where,
        `${showSize(size)}, ${Math.ceil(pixels / 1e6)} million in all`,
        `at most ${maxPixels} pixels`,
      );
};
