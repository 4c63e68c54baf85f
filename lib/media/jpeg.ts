/** JPEG files to pictures. How a camera was held is not looked at: the pixels stay as they are stored. */
import { either as E } from 'fp-ts';
import jpeg from 'jpeg-js';
import type { Picture } from './picture.js';
import type { InputError } from '../data/inputError.js';
import { brokenOff, damaged } from './damaged.js';
import { maxPixels } from './size.js';

/** Memory that decoding may take, in MiB. */
const maxMemory = 2048;

const options = {
  useTArray: true,
  tolerantDecoding: false,
  maxResolutionInMP: maxPixels / 1e6,
  maxMemoryUsageInMB: maxMemory,
} as const;

/** Tells if the marker of the image's end is there; some cameras write more after it. */
const isWhole = (bytes: Uint8Array): boolean => {
  for (let i = bytes.length - 2; i >= 0; i--) if (bytes[i] === 0xff && bytes[i + 1] === 0xd9) return true;
  return false;
};

const problem =
  (where: string) =>
  (error: unknown): InputError => {
    const isTooLarge = error instanceof Error && /limit exceeded/.test(error.message);
    if (!isTooLarge) return damaged(where, 'JPEG')(error);
    const expected = `at most ${maxPixels} pixels, decoded in ${maxMemory} MiB`;
    return { kind: 'input', where, found: 'a JPEG file of more', expected };
  };

/** A picture from the bytes of a JPEG, grey, colour or of four inks. */
export const parseJpeg = (where: string, bytes: Uint8Array): E.Either<InputError, Picture> =>
  isWhole(bytes)
    ? E.tryCatch(() => {
        const { width, height, data } = jpeg.decode(bytes, options);
        return { width, height, data };
      }, problem(where))
    : brokenOff(where, 'JPEG', bytes);
