/**
 * Pictures put together: enlarged without blur, shrunk without gaps, beside and below each other.
 */
import { type Picture, pictureOf, pixelBytes } from './picture.js';

type Pixel = readonly [red: number, green: number, blue: number, opacity?: number];

const pixelAt = ({ width, data }: Picture, x: number, y: number): Pixel => {
  const at = pixelBytes * (y * width + x);
  return [data[at], data[at + 1], data[at + 2], data[at + 3]];
};

/** Each pixel as a square of `factor` pixels a side. */
export const enlarged = (picture: Picture, factor: number): Picture =>
  pictureOf(factor * picture.width, factor * picture.height, (x, y) =>
    pixelAt(picture, Math.floor(x / factor), Math.floor(y / factor)),
  );

/** Means of squares of `factor` pixels a side; what is left over at the right and below is cut off. */
export const shrunk = (picture: Picture, factor: number): Picture => {
  const [width, height] = [picture.width, picture.height].map((side) =>
    Math.max(1, Math.floor(side / factor)),
  );
  return pictureOf(width, height, (x, y) => {
    const sums = [0, 0, 0];
    for (let i = 0; i < factor * factor; i++) {
      const pixel = pixelAt(picture, factor * x + (i % factor), factor * y + Math.floor(i / factor));
      for (let c = 0; c < 3; c++) sums[c] += pixel[c] as number;
    }
    return [sums[0], sums[1], sums[2]].map((sum) => sum / factor ** 2) as unknown as Pixel;
  });
};

/** The picture as near to a side of `aim` pixels as whole factors bring its longer one. */
export const near = (picture: Picture, aim: number): Picture => {
  const side = Math.max(picture.width, picture.height);
  if (side <= aim) return enlarged(picture, Math.max(1, Math.floor(aim / side)));
  const factor = Math.floor(side / aim);
  return factor > 1 ? shrunk(picture, factor) : picture;
};

/** Transparent pixels between pictures. */
export const gap = 8;

interface Placed {
  readonly picture: Picture;
  readonly left: number;
  readonly top: number;
}

const placed = (width: number, height: number, pictures: readonly Placed[]): Picture => {
  const data = new Uint8ClampedArray(pixelBytes * width * height);
  for (const { picture, left, top } of pictures)
    for (let y = 0; y < picture.height; y++) {
      const from = pixelBytes * y * picture.width;
      const row = picture.data.subarray(from, from + pixelBytes * picture.width);
      data.set(row, pixelBytes * ((top + y) * width + left));
    }
  return { width, height, data };
};

const starts = (lengths: readonly number[], between: number): number[] =>
  lengths.map((_, i) => lengths.slice(0, i).reduce((sum, length) => sum + length + between, 0));

const total = (lengths: readonly number[], between: number): number =>
  lengths.reduce((sum, length) => sum + length, 0) + between * (lengths.length - 1);

/** Pictures from left to right, their upper edges in line. */
export const beside = (pictures: readonly Picture[], between = gap): Picture => {
  const widths = pictures.map(({ width }) => width);
  const lefts = starts(widths, between);
  const height = Math.max(...pictures.map((picture) => picture.height));
  return placed(
    total(widths, between),
    height,
    pictures.map((picture, i) => ({ picture, left: lefts[i], top: 0 })),
  );
};

/** Pictures from top to bottom, their left edges in line. */
export const below = (pictures: readonly Picture[], between = gap): Picture => {
  const heights = pictures.map(({ height }) => height);
  const tops = starts(heights, between);
  const width = Math.max(...pictures.map((picture) => picture.width));
  return placed(
    width,
    total(heights, between),
    pictures.map((picture, i) => ({ picture, left: 0, top: tops[i] })),
  );
};
