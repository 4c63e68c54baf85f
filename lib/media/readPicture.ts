/**
 * Pictures in files, as models take them: upright by their EXIF orientation, opaque over white. PNG, JPEG, GIF (its
 * first frame) and BMP are read by packages that come along; WebP, AVIF and TIFF by `sharp`, an optional peer. The format
 * is told from the file's bytes, not from its name.
 */
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type InputError, inputError } from '../data/inputError.js';
import { readBytes, writeBytes } from '../files/bytes.js';
import { formatOf, showFormat } from './format.js';
import { onWhite, type Picture } from './picture.js';

const expected = 'a picture in PNG, JPEG, GIF, BMP, WebP, AVIF or TIFF';

/** HEVC, which HEIC holds, has no decoder under a licence that fits. */
const convertHeic =
  'on a Mac, sips -s format jpeg a.heic --out a.jpg writes a JPEG; elsewhere, heif-convert a.heic a.jpg';

const decode = (where: string, bytes: Uint8Array): TaskEither<InputError, Picture> => {
  const format = formatOf(bytes);
  switch (format) {
    case 'PNG':
      return async () => (await import('./png.js')).parsePng(where, bytes);
    case 'JPEG':
      return async () => (await import('./jpeg.js')).parseJpeg(where, bytes);
    case 'BMP':
      return async () => (await import('./bmp.js')).parseBmp(where, bytes);
    case 'GIF':
      return pipe(
        TE.fromTask(() => import('./gif.js')),
        TE.chainEitherK(({ parseGif }) => parseGif(where, bytes, 1)),
        TE.map(([first]) => first),
      );
    case 'WebP':
    case 'AVIF':
    case 'TIFF':
      return async () => (await import('./sharp.js')).parseBySharp(where, format, bytes)();
    case 'HEIC':
      return TE.fromEither(inputError(where, 'a photograph in HEIC', `${expected}; ${convertHeic}`));
    default:
      return TE.fromEither(inputError(where, showFormat(bytes), expected));
  }
};

/**
 * A picture from the bytes of a file, upright and opaque.
 * @param where  the file's name in errors
 */
export const parsePicture = (where: string, bytes: Uint8Array): TaskEither<InputError, Picture> =>
  pipe(decode(where, bytes), TE.map(onWhite));

/**
 * The picture in a file, upright and opaque.
 * @example const picture = await readPicture('dog.jpg')(); // { _tag: 'Right', right: { width, height, data } }
 */
export const readPicture = (path: string): TaskEither<InputError, Picture> =>
  pipe(
    readBytes(path),
    TE.chain((bytes) => parsePicture(path, bytes)),
  );

/** Writes a picture as PNG, with its opacity. */
export const writePicture = (path: string, picture: Picture): TaskEither<InputError, void> =>
  pipe(
    TE.fromTask(() => import('./png.js')),
    TE.chain(({ formatPng }) => writeBytes(path, formatPng(picture))),
  );
