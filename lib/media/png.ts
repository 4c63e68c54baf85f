/** PNG files to pictures, turned upright by their EXIF orientation, and back. */
import { inflateSync } from 'node:zlib';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { PNG } from 'pngjs';
import { exifOrientation, oriented } from './orientation.js';
import type { Picture } from './picture.js';
import type { InputError } from '../data/inputError.js';
import { brokenOff, damaged } from './damaged.js';
import { checkSize, type Size } from './size.js';

/** The fields of a PNG's header, read before any pixel is decoded. */
interface Header extends Size {
  readonly bitDepth: number;
  readonly colourType: number;
  /** The end of the last chunk; later bytes are not the picture's. */
  readonly end: number;
  readonly orientation: number;
  /** The compressed pixels. */
  readonly data: readonly Uint8Array[];
}

const signatureLength = 8;

/** Goes from chunk to chunk: length, type, data, check sum. */
const header = (where: string, bytes: Uint8Array): E.Either<InputError, Header> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = (at: number) => String.fromCharCode(...bytes.subarray(at + 4, at + 8));
  const data: Uint8Array[] = [];
  let orientation = 1;
  for (let at = signatureLength; at + 12 <= bytes.length;) {
    const next = at + 12 + view.getUint32(at);
    if (next > bytes.length) break;
    if (at === signatureLength && (type(at) !== 'IHDR' || next !== at + 25)) {
      return E.left(damaged(where, 'PNG')('its header does not come first'));
    }
    if (type(at) === 'eXIf') orientation = exifOrientation(bytes.subarray(at + 8, next - 4));
    if (type(at) === 'IDAT') data.push(bytes.subarray(at + 8, next - 4));
    if (type(at) === 'IEND') {
      const [width, height] = [16, 20].map((offset) => view.getUint32(offset));
      const [bitDepth, colourType] = [bytes[24], bytes[25]];
      return E.right({ width, height, bitDepth, colourType, orientation, end: next, data });
    }
    at = next;
  }
  return brokenOff(where, 'PNG', bytes);
};

/** Samples of a pixel, by colour type: grey, colour, one of a palette, and the first two with opacity. */
const samplesOfType: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Bytes of the rows, each with the byte that says how it is filtered; at least, where they are interlaced. */
const rowBytes = ({ width, height, bitDepth, colourType }: Header): number =>
  height * (1 + Math.ceil((width * bitDepth * (samplesOfType[colourType] ?? 0)) / 8));

/** Interlaced pictures have up to twice as many rows, and bits that fill up their bytes. */
const interlaceBytes = ({ width, height }: Header): number => 16 * (width + height) + 64;

const isTooLong = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';

/** Inflates the pixels within a bound and frees them: the decoder has none, and leaves those that are missing to chance. */
const checkInflated = (where: string, found: Header): E.Either<InputError, Header> => {
  const size = rowBytes(found);
  const maxOutputLength = size + interlaceBytes(found);
  return pipe(
    E.tryCatch(
      () => inflateSync(Buffer.concat(found.data), { maxOutputLength }),
      (error) => damaged(where, 'PNG')(isTooLong(error) ? `it has more than ${size} bytes of pixels` : error),
    ),
    E.filterOrElse(
      (inflated) => inflated.length >= size,
      ({ length }) => damaged(where, 'PNG')(`it has ${length} of ${size} bytes of pixels`),
    ),
    E.map(() => found),
  );
};

/** The pixels of 16 bits a channel by their upper bytes, others as they are. */
const decoded = (bytes: Uint8Array, { bitDepth, end }: Header): Picture => {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, end);
  if (bitDepth !== 16) {
    const { width, height, data } = PNG.sync.read(file);
    return { width, height, data: new Uint8Array(data) };
  }
  const { width, height, data } = PNG.sync.read(file, { skipRescale: true });
  return { width, height, data: Uint8Array.from(data as unknown as Uint16Array, (value) => value >> 8) };
};

/** The header of a PNG whose pixels are all there, and no more than its size says. */
export const checkedPng = (where: string, bytes: Uint8Array): E.Either<InputError, Header> =>
  pipe(
    header(where, bytes),
    E.chain((found) => checkSize(where, found)),
    E.chain((found) => checkInflated(where, found)),
  );

/** A picture from the bytes of a PNG of any kind; of 16 bits a channel, the upper 8 are taken. */
export const parsePng = (where: string, bytes: Uint8Array): E.Either<InputError, Picture> =>
  pipe(
    checkedPng(where, bytes),
    E.chain((found) =>
      E.tryCatch(() => oriented(decoded(bytes, found), found.orientation), damaged(where, 'PNG')),
    ),
  );

/** A picture as a PNG. */
export const formatPng = ({ width, height, data }: Picture): Uint8Array => {
  const png = new PNG({ width, height });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(PNG.sync.write(png));
};
