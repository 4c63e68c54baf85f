/**
 * Bicubic and bilinear resizing of pictures with OpenCV's conventions: pixels' centres are at half-integers, the border
 * is repeated outward, nothing is smoothed before shrinking. All four channels are resized alike.
 */
import { type Picture, pixelBytes } from './picture.js';

/** For one output pixel: the source pixels it is made of, and how much of each. */
interface Taps {
  readonly from: readonly number[];
  readonly weights: readonly number[];
}

const asItIs = (position: number): number => position;

const clamp = (n: number, length: number): number => Math.min(Math.max(n, 0), length - 1);

/** Taps for every output pixel along one side; the weights are given for a position in [0, 1) between two centres. */
const taps = (
  length: number,
  newLength: number,
  reach: number,
  weightsAt: (fraction: number) => readonly number[],
  rounded: (position: number) => number,
): readonly Taps[] =>
  Array.from({ length: newLength }, (_, i) => {
    const centre = rounded((i + 0.5) * (length / newLength) - 0.5);
    const before = Math.floor(centre);
    const weights = weightsAt(centre - before);
    return { from: weights.map((_, k) => clamp(before - reach + k, length)), weights };
  });

/** The cubic convolution's sharpness, as OpenCV has it; others use -0.5. */
const a = -0.75;

/** Weights of the four nearest centres. Source: Keys 1981, equation 15. */
const cubicWeights = (x: number): readonly number[] => {
  const outer = (d: number) => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; // 1 <= d < 2
  const inner = (d: number) => ((a + 2) * d - (a + 3)) * d * d + 1; // 0 <= d <= 1
  const [first, second, third] = [outer(x + 1), inner(x), inner(1 - x)];
  return [first, second, third, 1 - first - second - third];
};

/** Rows resized to the new width: [height, newWidth, 4]; each value is rounded to a number that `rows` can hold. */
const resizeRows = <A extends Float64Array | Int32Array>(
  { width, height, data }: Picture,
  across: readonly Taps[],
  rows: A,
): A => {
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (const { from, weights } of across) {
      for (let c = 0; c < pixelBytes; c++) {
        let sum = 0;
        for (let k = 0; k < from.length; k++) {
          sum += weights[k] * data[pixelBytes * (y * width + from[k]) + c];
        }
        rows[at++] = sum;
      }
    }
  }
  return rows;
};

/** Rows [height, newWidth, 4] mixed to the new height; rounding to whole values in [0, 255] is the mixture's. */
const mixRows = (
  rows: Float64Array | Int32Array,
  newWidth: number,
  down: readonly Taps[],
  mix: (values: readonly number[], weights: readonly number[]) => number,
): Picture => {
  const stride = pixelBytes * newWidth;
  const data = new Uint8ClampedArray(stride * down.length);
  down.forEach(({ from, weights }, y) => {
    const values: number[] = weights.map(() => 0);
    for (let x = 0; x < stride; x++) {
      for (let k = 0; k < from.length; k++) values[k] = rows[stride * from[k] + x];
      data[stride * y + x] = mix(values, weights);
    }
  });
  return { width: newWidth, height: down.length, data };
};

const weightedSum = (values: readonly number[], weights: readonly number[]): number => {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k] * weights[k];
  return sum;
};

/**
 * Bicubic resizing. Sums are in double precision and rounded once, which is what OpenCV gives where it calls Intel's
 * library; elsewhere its 11-bit weights make one value in 25 differ by 1.
 * Source: OpenCV's `resize` with `INTER_CUBIC`; Keys 1981, "Cubic convolution interpolation".
 */
export const resizeCubic = (picture: Picture, width: number, height: number): Picture => {
  const across = taps(picture.width, width, 1, cubicWeights, asItIs);
  const down = taps(picture.height, height, 1, cubicWeights, asItIs);
  const rows = resizeRows(picture, across, new Float64Array(picture.height * width * pixelBytes));
  return mixRows(rows, width, down, weightedSum); // a clamped array rounds halves to even, and saturates
};

/** Weights of OpenCV's fixed-point bilinear sums are multiples of 1/2048. */
const one = 2048;

const linearWeights = (x: number): readonly number[] => [
  roundHalfToEven(one * Math.fround(1 - x)),
  roundHalfToEven(one * x),
];

const roundHalfToEven = (x: number): number => {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
};

/** Two 19-bit values and their weights to 8 bits; each is cut to 16 bits on the way, as OpenCV does. */
const fixedPointMix = ([above, below]: readonly number[], [near, far]: readonly number[]): number =>
  ((((above >> 4) * near) >> 16) + (((below >> 4) * far) >> 16) + 2) >> 2;

/** The mean of two by two pixels, halves up. */
const halve = (picture: Picture): Picture => {
  const [width, height, stride] = [picture.width / 2, picture.height / 2, pixelBytes * picture.width];
  const data = new Uint8ClampedArray(pixelBytes * width * height);
  for (let to = 0; to < data.length; to++) {
    const [pixel, c] = [Math.floor(to / pixelBytes), to % pixelBytes];
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const from = stride * 2 * y + pixelBytes * 2 * x + c;
    const [top, bottom] = [from, from + stride].map((i) => picture.data[i] + picture.data[i + pixelBytes]);
    data[to] = (top + bottom + 2) >> 2;
  }
  return { width, height, data };
};

/**
 * Bilinear resizing in OpenCV's fixed-point arithmetic, to the last bit. Shrinking to exactly a half takes means.
 * Source: OpenCV's `resize` with `INTER_LINEAR`, its default, for 8-bit pictures.
 */
export const resizeLinear = (picture: Picture, width: number, height: number): Picture => {
  if (picture.width === 2 * width && picture.height === 2 * height) return halve(picture);
  const across = taps(picture.width, width, 0, linearWeights, Math.fround);
  const down = taps(picture.height, height, 0, linearWeights, Math.fround);
  const rows = resizeRows(picture, across, new Int32Array(picture.height * width * pixelBytes));
  return mixRows(rows, width, down, fixedPointMix);
};
