/** BMP files to pictures: palettes of 1, 4 and 8 bits, colours of 16, 24 and 32 bits; compressed ones are refused. */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { type InputError, inputError } from '../data/inputError.js';
import { brokenOff } from './damaged.js';
import { type Picture, pictureOf } from './picture.js';
import { checkSize } from './size.js';

interface Header {
  readonly width: number;
  readonly height: number;
  /** True if the first row in the file is the uppermost. */
  readonly isTopDown: boolean;
  readonly bits: number;
  /** The place of the first pixel. */
  readonly pixels: number;
  /** Colours of the palette, from 0 to 255. */
  readonly palette: readonly (readonly [red: number, green: number, blue: number])[];
  /** Bits of a pixel that hold red, green and blue, for 16 and 32 bits. */
  readonly masks: readonly number[];
}

/** Bytes of the file's own header. */
const fileHeader = 14;
/** Values of the field for compression: none, and colours by masks. */
const [uncompressed, byMasks] = [0, 3];

const usualMasks: Readonly<Record<number, readonly number[]>> = {
  16: [0x7c00, 0x03e0, 0x001f],
  32: [0xff0000, 0xff00, 0xff],
};

/** Bytes of a row, which fills up whole words of 4 bytes. */
const rowBytes = ({ width, bits }: Header): number => 4 * Math.ceil((width * bits) / 32);

const headerOf = (where: string, bytes: Uint8Array): E.Either<InputError, Header> => {
  if (bytes.length < 54) return brokenOff(where, 'BMP', bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [pixels, length] = [view.getUint32(10, true), view.getUint32(14, true)];
  const [bits, compression, colours] = [28, 30, 46].map((at, i) =>
    i === 0 ? view.getUint16(at, true) : view.getUint32(at, true),
  );
  const rows = view.getInt32(22, true);
  const isKnown =
    length >= 40 &&
    (compression === uncompressed || (compression === byMasks && bits >= 16)) &&
    [1, 4, 8, 16, 24, 32].includes(bits);
  if (!isKnown)
    return inputError(where, `a BMP of ${bits} bits a pixel, compressed or of an old kind`, 'a plain BMP');
  const paletteAt = fileHeader + length;
  const count = bits > 8 ? 0 : colours || 2 ** bits;
  if (count > 256 || paletteAt + 4 * count > bytes.length) return brokenOff(where, 'BMP', bytes);
  const masksAt = fileHeader + 40;
  const hasMasks = compression === byMasks && masksAt + 12 <= bytes.length;
  return E.right({
    width: view.getInt32(18, true),
    height: Math.abs(rows),
    isTopDown: rows < 0,
    bits,
    pixels,
    palette: Array.from({ length: count }, (_, i) => {
      const [blue, green, red] = bytes.subarray(paletteAt + 4 * i);
      return [red, green, blue] as const;
    }),
    masks: hasMasks ? [0, 4, 8].map((at) => view.getUint32(masksAt + at, true)) : (usualMasks[bits] ?? []),
  });
};

/** The bits of a value under a mask, as a share of their largest, from 0 to 255. */
const masked = (value: number, mask: number): number => {
  if (mask === 0) return 0;
  const lowest = 31 - Math.clz32(mask & -mask);
  return Math.floor((255 * ((value & mask) >>> lowest)) / (mask >>> lowest));
};

const pixelReader = (bytes: Uint8Array, header: Header) => {
  const { height, isTopDown, bits, pixels, palette, masks } = header;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rowAt = (y: number) => pixels + (isTopDown ? y : height - 1 - y) * rowBytes(header);
  return (x: number, y: number): readonly [red: number, green: number, blue: number] => {
    if (bits <= 8) {
      const byte = bytes[rowAt(y) + ((x * bits) >> 3)];
      const index = (byte >> (8 - bits - ((x * bits) & 7))) & (2 ** bits - 1);
      return palette[index] ?? [0, 0, 0];
    }
    const at = rowAt(y) + (x * bits) / 8;
    if (bits === 24) return [bytes[at + 2], bytes[at + 1], bytes[at]];
    const value = bits === 16 ? view.getUint16(at, true) : view.getUint32(at, true);
    const [red, green, blue] = masks.map((mask) => masked(value, mask));
    return [red, green, blue];
  };
};

/** A picture from the bytes of a BMP; the fourth byte of 32-bit pixels is not taken for opacity. */
export const parseBmp = (where: string, bytes: Uint8Array): E.Either<InputError, Picture> =>
  pipe(
    headerOf(where, bytes),
    E.chain((header) => checkSize(where, header)),
    E.filterOrElse(
      (header) => header.pixels + rowBytes(header) * header.height <= bytes.length,
      () => ({
        kind: 'input' as const,
        where,
        found: `a BMP file that breaks off after ${bytes.length} bytes`,
        expected: 'a whole BMP file',
      }),
    ),
    E.map((header) => pictureOf(header.width, header.height, pixelReader(bytes, header))),
  );
