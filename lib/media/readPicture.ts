/** Pictures in files: PNG, JPEG or the first frame of a GIF, whatever they are called; written as PNG. */
import { either as E, taskEither as TE } from 'fp-ts';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Picture } from './picture.js';
import { type InputError, inputError } from '../data/inputError.js';
import { readBytes, writeBytes } from '../files/bytes.js';
import { formatOf, showFormat } from './format.js';
import { parseGif } from './gif.js';
import { parseJpeg } from './jpeg.js';
import { formatPng, parsePng } from './png.js';

/**
 * A picture from the bytes of a file.
 * @param where  what errors call it
 */
export const parsePicture = (where: string, bytes: Uint8Array): E.Either<InputError, Picture> => {
  switch (formatOf(bytes)) {
    case 'PNG':
      return parsePng(where, bytes);
    case 'JPEG':
      return parseJpeg(where, bytes);
    case 'GIF':
      return E.map(([first]: readonly Picture[]) => first)(parseGif(where, bytes, 1));
    default:
      return inputError(where, showFormat(bytes), 'a picture in PNG, JPEG or GIF');
  }
};

/** The picture in a file. */
export const readPicture = (path: string): TaskEither<InputError, Picture> =>
  pipe(
    readBytes(path),
    TE.chainEitherK((bytes) => parsePicture(path, bytes)),
  );

/** Writes a picture as PNG. */
export const writePicture = (path: string, picture: Picture): TaskEither<InputError, void> =>
  writeBytes(path, formatPng(picture));
