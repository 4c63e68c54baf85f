/** JPEG files to pictures, turned upright by their EXIF orientation. */
import * as E from 'fp-ts/lib/Either.js';
import jpeg from 'jpeg-js';
import { type ChromaStep, fromChroma } from './chroma.js';
import { exifOrientation, oriented } from './orientation.js';
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

/** Markers of segments: frames (baseline, extended, progressive), the first scan, EXIF's and Adobe's. */
const frames = new Set([0xc0, 0xc1, 0xc2]);
const scan = 0xda;
const [exif, adobe] = [0xe1, 0xee];

interface Segments {
  /** The frame's content: 8 bits, height, width, then for each component id, sampling factors and table. */
  readonly frame?: Uint8Array;
  readonly orientation: number;
  /** The place of Adobe's byte for the colour transform. */
  readonly transformAt?: number;
}

const begins = (content: Uint8Array, text: string): boolean =>
  String.fromCharCode(...content.subarray(0, text.length)) === text;

/** The segments before the pixels. */
const segmentsOf = (bytes: Uint8Array): Segments => {
  let found: Segments = { orientation: 1 };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== scan;) {
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    const end = at + 2 + view.getUint16(at + 2);
    const content = bytes.subarray(at + 4, end);
    if (frames.has(marker)) found = { ...found, frame: content };
    if (marker === exif && begins(content, 'Exif\0\0'))
      found = { ...found, orientation: exifOrientation(content.subarray(6)) };
    if (marker === adobe && begins(content, 'Adobe')) found = { ...found, transformAt: at + 15 };
    at = end;
  }
  return found;
};

/** The distance of chroma samples in a frame of luma and two chroma components; undefined for all other frames. */
const chromaStep = ({ frame, transformAt }: Segments, bytes: Uint8Array): ChromaStep | undefined => {
  if (frame === undefined || frame[5] !== 3 || frame.length < 15) return undefined;
  if (transformAt !== undefined && bytes[transformAt] === 0) return undefined;
  const [luma, ...chroma] = [7, 10, 13].map((at) => ({ across: frame[at] >> 4, down: frame[at] & 15 }));
  const isKnown = [1, 2].includes(luma.across) && [1, 2].includes(luma.down) && luma.across * luma.down > 1;
  return isKnown && chroma.every(({ across, down }) => across === 1 && down === 1) ? luma : undefined;
};

const decoded = (bytes: Uint8Array): Picture => {
  const segments = segmentsOf(bytes);
  const step = chromaStep(segments, bytes);
  if (step === undefined) return oriented(jpeg.decode(bytes, options), segments.orientation);
  // The decoder converts colours where Adobe's segment asks for it, whatever its options say.
  const file = bytes.slice();
  if (segments.transformAt !== undefined) file[segments.transformAt] = 0;
  return oriented(
    fromChroma(jpeg.decode(file, { ...options, colorTransform: false }), step),
    segments.orientation,
  );
};

const problem =
  (where: string) =>
  (error: unknown): InputError => {
    const isTooLarge = error instanceof Error && /limit exceeded/.test(error.message);
    if (!isTooLarge) return damaged(where, 'JPEG')(error);
    const expected = `at most ${maxPixels} pixels, decoded in ${maxMemory} MiB`;
    return { kind: 'input', where, found: 'a JPEG file of more', expected };
  };

/** A picture from the bytes of a JPEG: grey, colour or CMYK. */
export const parseJpeg = (where: string, bytes: Uint8Array): E.Either<InputError, Picture> =>
  isWhole(bytes) ? E.tryCatch(() => decoded(bytes), problem(where)) : brokenOff(where, 'JPEG', bytes);
