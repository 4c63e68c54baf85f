/**
 * Colours of JPEG files whose chroma has fewer samples than their luma: upsampled by triangles, as libjpeg does, and
 * converted to red, green and blue.
 * Source: libjpeg-turbo, jdsample.c (`h2v1_fancy_upsample`, `h2v2_fancy_upsample`, `h1v2_fancy_upsample`) and jdcolor.c.
 */
import { type Picture, pixelBytes } from './picture.js';

/** Luma samples for each chroma sample, across and down: 1 or 2. */
export interface ChromaStep {
  readonly across: number;
  readonly down: number;
}

/** A row of chroma at full height: sums of the nearest row, three times, and the next one. */
const rowSums = (
  { width, height, data }: Picture,
  channel: number,
  y: number,
  { across, down }: ChromaStep,
): Int32Array => {
  const at = (x: number, row: number) => data[pixelBytes * (row * width + x) + channel];
  const near = y - (y % down);
  const next = Math.min(Math.max(near + (y % down === 0 ? -down : down), 0), height - 1);
  const other = next - (next % down);
  return Int32Array.from({ length: Math.ceil(width / across) }, (_, i) =>
    down === 1 ? at(across * i, y) : 3 * at(across * i, near) + at(across * i, other),
  );
};

/** A row of chroma at full width, from sums over one row (`down` 1) or two. */
const widened = (
  sums: Int32Array,
  width: number,
  isOddRow: boolean,
  { across, down }: ChromaStep,
): Int32Array => {
  if (across === 1) return sums.map((sum) => (sum + (isOddRow ? 2 : 1)) >> 2);
  const [shift, even, odd] = down === 1 ? [2, 1, 2] : [4, 8, 7];
  const last = sums.length - 1;
  return Int32Array.from({ length: width }, (_, x) => {
    const i = x >> 1;
    return x % 2 === 0
      ? (3 * sums[i] + sums[Math.max(i - 1, 0)] + even) >> shift
      : (3 * sums[i] + sums[Math.min(i + 1, last)] + odd) >> shift;
  });
};

/** Factors of the conversion, in 16 bits after the point. */
const fixed = (factor: number): number => Math.round(factor * 65536);
const [redCr, greenCb, greenCr, blueCb] = [1.402, 0.34414, 0.71414, 1.772].map(fixed);
const half = 32768;

/**
 * Red, green and blue of a picture that holds Y, Cb and Cr with each chroma sample repeated.
 * @param step  the distance of chroma samples, not 1 in both directions
 */
export const fromChroma = (picture: Picture, step: ChromaStep): Picture => {
  const { width, height, data } = picture;
  const colours = new Uint8ClampedArray(data.length).fill(255);
  for (let y = 0, at = 0; y < height; y++) {
    const [blues, reds] = [1, 2].map((channel) =>
      widened(rowSums(picture, channel, y, step), width, y % 2 === 1, step),
    );
    for (let x = 0; x < width; x++, at += pixelBytes) {
      const [luma, cb, cr] = [data[at], blues[x] - 128, reds[x] - 128];
      colours[at] = luma + ((redCr * cr + half) >> 16);
      colours[at + 1] = luma + ((-greenCb * cb - greenCr * cr + half) >> 16);
      colours[at + 2] = luma + ((blueCb * cb + half) >> 16);
    }
  }
  return { width, height, data: colours };
};
