/** PNG files of 16 bits a channel in red, green and blue, with all of their bits. */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { PNG } from 'pngjs';
import { type InputError, inputError } from '../data/inputError.js';
import { damaged } from './damaged.js';
import { checkedPng } from './png.js';

/** Red, green and blue of each pixel from 0 to 65,535: [height, width, 3]. */
export interface Picture16 {
  readonly width: number;
  readonly height: number;
  readonly data: Uint16Array;
}

/** The values of a PNG of 16 bits a channel; a PNG of 8 bits is refused. */
export const parsePng16 = (where: string, bytes: Uint8Array): E.Either<InputError, Picture16> =>
  pipe(
    checkedPng(where, bytes),
    E.chain((found) =>
      found.bitDepth === 16 && found.colourType === 2
        ? E.right(found)
        : inputError(where, `a PNG of ${found.bitDepth} bits a channel`, 'one of 16 bits, in colour'),
    ),
    E.chain(({ end }) =>
      E.tryCatch(
        () => {
          const file = Buffer.from(bytes.buffer, bytes.byteOffset, end);
          const { width, height, data } = PNG.sync.read(file, { skipRescale: true });
          const values = data as unknown as Uint16Array; // with opacity
          const own = new Uint16Array(3 * width * height);
          for (let i = 0; i < width * height; i++)
            for (let c = 0; c < 3; c++) own[3 * i + c] = values[4 * i + c];
          return { width, height, data: own };
        },
        damaged(where, 'PNG'),
      ),
    ),
  );

/** A PNG of 16 bits a channel. */
export const formatPng16 = ({ width, height, data }: Picture16): Uint8Array => {
  const values = new Uint16Array(4 * width * height).fill(2 ** 16 - 1);
  for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) values[4 * i + c] = data[3 * i + c];
  const options = {
    width,
    height,
    bitDepth: 16,
    colorType: 2,
    inputColorType: 6,
    inputHasAlpha: true,
  } as const;
  const png = new PNG(options);
  png.data = Buffer.from(values.buffer);
  return new Uint8Array(PNG.sync.write(png, options));
};
