/** The orientation that cameras write beside pixels (EXIF), and pictures turned by it. */
import { type Picture, pixelBytes } from './picture.js';

/** The tag of the orientation in EXIF's first table of fields. */
const orientationTag = 0x0112;

/**
 * The orientation in a block of EXIF, a TIFF header with tables of fields: 1 to 8; 1, upright, if it has none.
 * Source: EXIF 2.32, 4.6.4, tag 274.
 */
export const exifOrientation = (exif: Uint8Array): number => {
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  if (exif.length < 8) return 1;
  const isLittle = view.getUint16(0) === 0x4949;
  const table = view.getUint32(4, isLittle);
  if (table + 2 > exif.length) return 1;
  const count = view.getUint16(table, isLittle);
  for (let i = 0; i < count; i++) {
    const field = table + 2 + 12 * i;
    if (field + 12 > exif.length) break;
    if (view.getUint16(field, isLittle) !== orientationTag) continue;
    const value = view.getUint16(field + 8, isLittle);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
};

/** The source pixel of (x, y) in a turned picture, by orientation; `right` and `bottom` are the last of the source. */
const sources: Readonly<
  Record<number, (x: number, y: number, right: number, bottom: number) => readonly [x: number, y: number]>
> = {
  2: (x, y, right) => [right - x, y],
  3: (x, y, right, bottom) => [right - x, bottom - y],
  4: (x, y, _, bottom) => [x, bottom - y],
  5: (x, y) => [y, x],
  6: (x, y, _, bottom) => [y, bottom - x],
  7: (x, y, right, bottom) => [right - y, bottom - x],
  8: (x, y, right) => [right - y, x],
};

/** A picture upright, from its stored pixels and their orientation, 1 to 8. */
export const oriented = (picture: Picture, orientation: number): Picture => {
  const source = sources[orientation];
  if (source === undefined) return picture;
  const isTurned = orientation >= 5;
  const [width, height] = isTurned ? [picture.height, picture.width] : [picture.width, picture.height];
  const pixels = new Uint32Array(new Uint8Array(picture.data).buffer);
  const turned = new Uint32Array(width * height);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) {
      const [fromX, fromY] = source(x, y, picture.width - 1, picture.height - 1);
      turned[at] = pixels[fromY * picture.width + fromX];
    }
  return { width, height, data: new Uint8Array(turned.buffer, 0, pixelBytes * width * height) };
};
