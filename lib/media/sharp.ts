/**
 * Pictures in formats that the package `sharp` decodes: WebP, AVIF and TIFF, turned upright. Colours are the numbers of the
 * file: like PIL, and like the readers of PNG and JPEG, no colour profile is applied, and inks (CMYK) are taken off white.
 * Colours that an AVIF holds at half the size (4:2:0) are repeated for their four pixels; PIL interpolates between them.
 */
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { InputError } from '../data/inputError.js';
import { decodeWith } from './decoder.js';
import { type Picture, pixelBytes } from './picture.js';
import { maxPixels } from './size.js';

/** `a · b` of 255 each, as an 8-bit number. */
const product = (a: number, b: number): number => Math.round((a * b) / 255);

/** Colours of inks, [height · width · 4] of cyan, magenta, yellow and black, as PIL makes them. */
const fromInks = (inks: Uint8Array): Uint8Array => {
  const colours = new Uint8Array(inks.length);
  for (let i = 0; i < inks.length; i += pixelBytes) {
    const light = 255 - inks[i + 3];
    for (let c = 0; c < 3; c++) colours[i + c] = light - product(inks[i + c], light);
    colours[i + 3] = 255;
  }
  return colours;
};

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
      const image = sharp(bytes, {
        limitInputPixels: maxPixels,
        failOn: 'error',
        ignoreIcc: true,
      }).autoOrient();
      const isInks = (await image.metadata()).space === 'cmyk';
      const pixels = isInks
        ? image.pipelineColourspace('cmyk').toColourspace('cmyk')
        : image.toColourspace('srgb').ensureAlpha();
      const { data, info } = await pixels.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
      const values = new Uint8Array(data);
      return { width: info.width, height: info.height, data: isInks ? fromInks(values) : values };
    },
  );
