/**
 * Block matching, the classical way to optical flow, to compare a model with: each pixel goes where the square around it
 * differs least. Nothing is learned.
 */
import { float32, type HostArray } from '../../../lib/data/array.js';

export interface BlockOptions {
  /** Pixels of a side of the squares that are compared; odd. */
  readonly block: number;
  /** The farthest motion that is tried, in pixels of each direction. */
  readonly reach: number;
}

const within = (i: number, length: number): number => Math.max(0, Math.min(length - 1, i));

/** Sums over squares; beyond the edges the nearest pixel counts again. */
const boxSums = (values: Float64Array, height: number, width: number, block: number): Float64Array => {
  const radius = (block - 1) / 2;
  const [rows, sums] = [new Float64Array(values.length), new Float64Array(values.length)];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let d = -radius; d <= radius; d++) rows[y * width + x] += values[y * width + within(x + d, width)];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let d = -radius; d <= radius; d++) sums[y * width + x] += rows[within(y + d, height) * width + x];
  return sums;
};

/** The place of the least value of a parabola through three points at -1, 0 and 1, the middle one the least. */
const vertex = (before: number, least: number, after: number): number => {
  const bend = before - 2 * least + after;
  return bend > 0 ? (before - after) / (2 * bend) : 0;
};

/** The squared length of the motion of a place in the list of motions. */
const lengthOf = (shift: number, reach: number): number => {
  const side = 2 * reach + 1;
  return ((shift % side) - reach) ** 2 + (Math.floor(shift / side) - reach) ** 2;
};

/**
 * The flow of a pair by block matching: the sum of squared differences over squares is least, refined between pixels by
 * a parabola in each direction. Of equal sums the shortest motion is taken.
 * @param first   [H, W, C], as second
 * @returns       [H, W, 2], pixels to the right and down
 * @throws RangeError for a block that is no odd number from 1
 */
export const blockMatching = (
  first: HostArray,
  second: HostArray,
  { block, reach }: BlockOptions,
): HostArray<'float32'> => {
  if (!Number.isInteger(block) || block < 1 || block % 2 === 0)
    throw new RangeError(`blockMatching: block is ${block}, expected an odd number from 1`);
  const [height, width, channels] = first.shape;
  const [a, b] = [first.data, second.data] as [Float32Array, Float32Array];
  const side = 2 * reach + 1;
  const sums: Float64Array[] = [];
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const differences = new Float64Array(height * width);
      for (let y = 0, i = 0; y < height; y++) {
        for (let x = 0; x < width; x++, i++) {
          const there = within(y + dy, height) * width + within(x + dx, width);
          for (let c = 0; c < channels; c++)
            differences[i] += (a[channels * i + c] - b[channels * there + c]) ** 2;
        }
      }
      sums.push(boxSums(differences, height, width, block));
    }
  }
  const nearestFirst = sums
    .map((_, shift) => shift)
    .sort((p, q) => lengthOf(p, reach) - lengthOf(q, reach) || p - q);
  const flow = new Float32Array(2 * height * width);
  for (let i = 0; i < height * width; i++) {
    let best = nearestFirst[0];
    for (const shift of nearestFirst) if (sums[shift][i] < sums[best][i]) best = shift;
    const [dx, dy] = [(best % side) - reach, Math.floor(best / side) - reach];
    const least = sums[best][i];
    const finer = (step: number, at: number): number =>
      Math.abs(at) === reach ? 0 : vertex(sums[best - step][i], least, sums[best + step][i]);
    flow.set([dx + finer(1, dx), dy + finer(side, dy)], 2 * i);
  }
  return float32([height, width, 2], flow);
};
