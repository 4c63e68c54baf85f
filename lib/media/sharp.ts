/**
 * Pictures in formats that the package `sharp` decodes: WebP, AVIF and TIFF, turned upright. Where an AVIF holds colours at
 * half the size (4:2:0), each is repeated for its four pixels; PIL interpolates between them.
 */
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { InputError } from '../data/inputError.js';
import { decodeWith } from './decoder.js';
import type { Picture } from './picture.js';
import { maxPixels } from './size.js';

/** A picture from the bytes of such a file; of several pages, the first. */
export const parseBySharp = (
  where: string,
  format: string,
  bytes: Uint8Array,
): TaskEither<InputError, Picture> =>
  decodeWith(
    where,
    format,
    'sharp',
    () => import('sharp'),
    async ({ default: sharp }) => {
      const { data, info } = await sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error' })
        .autoOrient()
        .toColourspace('srgb')
        .ensureAlpha()
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true });
      return { width: info.width, height: info.height, data: new Uint8Array(data) };
    },
  );
