/**
 * Pictures in host memory, as browsers and decoders give them: an `ImageData` is one. What is done to pixels before and
 * after a network is in the files beside this one; files and screens are not known here.
 */
import * as E from 'fp-ts/lib/Either.js';
import { type InputError, inputError } from '../data/inputError.js';
import { isRecord } from '../data/nest.js';

/** A colour picture of 8 bits a channel. Models take red, green and blue; opacity is carried along and not used. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, opacity in [0, 255], pixel by pixel, row by row from the top: 4·width·height bytes. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** A rectangle of pixels in a picture. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Bytes of a pixel. */
export const pixelBytes = 4;

/** Weights of red, green and blue in a grey value. Source: ITU-R BT.601. */
export const luma = [0.299, 0.587, 0.114];

/** Width by height, as errors say it. */
export const showSize = ({ width, height }: { readonly width: number; readonly height: number }): string =>
  `${width} × ${height} pixels`;

/** A picture that somebody made, checked: whole positive sizes, and as many bytes as they ask for. */
export const checkPicture = (where: string, picture: Picture): E.Either<InputError, Picture> => {
  if (!isRecord(picture)) return inputError(where, String(picture), 'a picture');
  const { width, height, data } = picture;
  if (!ArrayBuffer.isView(data)) return inputError(where, `${typeof data} for its pixels`, 'a Uint8Array');
  const isSize = [width, height].every((n) => Number.isSafeInteger(n) && n > 0);
  if (!isSize) return inputError(where, showSize(picture), 'a picture of at least 1 × 1 pixels');
  const size = pixelBytes * width * height;
  return data.length === size
    ? E.right(picture)
    : inputError(
        where,
        `${data.length} bytes of pixels`,
        `${size} bytes, 4 for each of ${showSize(picture)}`,
      );
};

/** A picture whose pixels are given by a function of column and row; opaque where no opacity is given. */
export const pictureOf = (
  width: number,
  height: number,
  pixel: (x: number, y: number) => readonly [red: number, green: number, blue: number, opacity?: number],
): Picture => {
  const data = new Uint8ClampedArray(pixelBytes * width * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += pixelBytes) {
      const [red, green, blue, opacity = 255] = pixel(x, y);
      data.set([red, green, blue, opacity], at);
    }
  }
  return { width, height, data };
};

/** A picture over white, which shows where it is transparent; opaque pictures are given back as they are. */
export const onWhite = (picture: Picture): Picture => {
  const { data } = picture;
  let isOpaque = true;
  for (let at = 3; at < data.length && isOpaque; at += pixelBytes) isOpaque = data[at] === 255;
  if (isOpaque) return picture;
  const flat = new Uint8ClampedArray(data.length);
  for (let at = 0; at < data.length; at += pixelBytes) {
    const opacity = data[at + 3];
    for (let c = 0; c < 3; c++) flat[at + c] = (data[at + c] * opacity + 255 * (255 - opacity)) / 255;
    flat[at + 3] = 255;
  }
  return { ...picture, data: flat };
};

/**
 * The part of a picture inside an area.
 * @throws RangeError when the area reaches outside
 */
export const crop = (picture: Picture, area: Area): Picture => {
  const { left, top, width, height } = area;
  const isInside = left >= 0 && top >= 0 && left + width <= picture.width && top + height <= picture.height;
  if (!isInside) {
    throw new RangeError(`${showSize(area)} at (${left}, ${top}) reach outside ${showSize(picture)}`);
  }
  const data = new Uint8ClampedArray(pixelBytes * width * height);
  for (let y = 0; y < height; y++) {
    const from = pixelBytes * ((top + y) * picture.width + left);
    data.set(picture.data.subarray(from, from + pixelBytes * width), pixelBytes * width * y);
  }
  return { width, height, data };
};

/**
 * Red, green and blue as numbers for a network: each is computed in double precision, as NumPy does, and rounded once.
 *
 * @param valueOf  what becomes of a value in [0, 255] of channel 0, 1 or 2
 * @returns        [height, width, 3] float32
 */
export const pixelValues = (
  { data }: Picture,
  valueOf: (value: number, channel: number) => number,
): Float32Array => {
  const values = new Float32Array((data.length / pixelBytes) * 3);
  for (let from = 0, to = 0; from < data.length; from += pixelBytes, to += 3) {
    for (let c = 0; c < 3; c++) values[to + c] = valueOf(data[from + c], c);
  }
  return values;
};
