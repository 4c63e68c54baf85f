/**
 * Matrices in fewer bits: whole numbers, and one scale for each block of rows of each column. Blocks lie along the axis
 * that a product sums over, so that a block's sum is scaled once. Zero stays zero.
 */
import { fromFloat16 } from './array.js';
import { toFloat16 } from './halfFloat.js';

/** Bits, blocks and pairs of the levels that a matrix is rounded to. */
export interface LevelOptions {
  /** Bits of a level: 4 for levels from -8 to 7, 8 from -128 to 127. */
  readonly bits: 4 | 8;
  /** Rows that share a scale; all of them if not given. */
  readonly blockSize?: number;
  /**
   * True for levels whose products with bytes can be summed in 16 bits, two at a time, as processors without a
   * wider instruction do: levels of the same sign in rows 2i and 2i + 1 are at most 128 together.
   */
  readonly isPaired?: boolean;
}

/** A matrix [rows, columns] as levels · scales. */
export interface Levels {
  readonly rows: number;
  readonly columns: number;
  readonly blockSize: number;
  /** Of each column, one after the other, its rows: [columns, rows], signed. */
  readonly levels: Int8Array;
  /** [columns, blocks]; each is a number that a float16 holds. */
  readonly scales: Float32Array;
}

/** The number of blocks of a column. */
export const blocksOf = ({ rows, blockSize }: Pick<Levels, 'rows' | 'blockSize'>): number =>
  Math.ceil(rows / blockSize);

/** The smallest scale that a float16 holds; a block of zeros has it. Below `smallestNormal` scales lie that far apart. */
const smallestScale = 2 ** -24;
const smallestNormal = 2 ** -14;

/** The nearest scale that a float16 holds; a coarse one is rounded up, so that no level of its block is cut off. */
const representable = (scale: number): number => {
  const size = Math.abs(scale);
  if (size >= smallestNormal) return fromFloat16(toFloat16(scale));
  return (Math.sign(scale) || 1) * Math.max(1, Math.ceil(size / smallestScale)) * smallestScale;
};

/** The number of a block that is farthest from zero; of pairs, the largest sum of one sign. NaN if the block has one. */
const farthestOf = (block: Float32Array, isPaired: boolean): number => {
  let farthest = 0;
  for (let i = 0; i < block.length; i++) {
    if (Number.isNaN(block[i])) return NaN;
    if (Math.abs(block[i]) > Math.abs(farthest)) farthest = block[i];
    if (!isPaired || i % 2 === 0) continue;
    const [a, b] = [block[i - 1], block[i]];
    if (a * b > 0 && Math.abs(a + b) > Math.abs(farthest)) farthest = a + b;
  }
  return farthest;
};

/** Throws an error that says where a number is which no level stands for. */
export type RefuseNumber = (found: number) => never;

const refuseNumber: RefuseNumber = (found) => {
  throw new RangeError(`found the number ${found}, expected finite ones whose scale a float16 holds`);
};

/**
 * Rounds a matrix to levels.
 * @param values        row-major [rows, columns], or [columns, rows] if it is transposed
 * @param isTransposed  true for a matrix whose rows are the product's columns
 * @param refuse        called with a number that is not finite, or so large that no float16 is its block's scale
 */
export const toLevels = (
  values: Float32Array,
  { rows, columns, isTransposed = false }: Pick<Levels, 'rows' | 'columns'> & { isTransposed?: boolean },
  { bits, blockSize = rows, isPaired = false }: LevelOptions,
  refuse: RefuseNumber = refuseNumber,
): Levels => {
  const blocks = blocksOf({ rows, blockSize });
  const levels = new Int8Array(rows * columns);
  const scales = new Float32Array(columns * blocks);
  const buffer = new Float32Array(blockSize);
  const [step, stride] = isTransposed ? [1, rows] : [columns, 1];
  // Four bits reach one level farther below zero than above it: the farthest number takes that one.
  const [largest, smallest, farthestLevel] = bits === 4 ? [7, -8, -8] : [127, -127, 127];
  for (let column = 0; column < columns; column++) {
    for (let block = 0; block < blocks; block++) {
      const [first, end] = [block * blockSize, Math.min(rows, (block + 1) * blockSize)];
      const numbers = buffer.subarray(0, end - first);
      for (let i = 0; i < numbers.length; i++) numbers[i] = values[(first + i) * step + column * stride];
      const farthest = farthestOf(numbers, isPaired);
      const scale = representable((bits === 8 ? Math.abs(farthest) : farthest) / farthestLevel);
      if (!Number.isFinite(scale)) refuse(farthest);
      scales[column * blocks + block] = scale;
      for (let i = 0; i < numbers.length; i++)
        levels[column * rows + first + i] = Math.max(
          smallest,
          Math.min(largest, Math.round(numbers[i] / scale)),
        );
    }
  }
  return { rows, columns, blockSize, levels, scales };
};

/** The numbers that levels stand for, row-major [rows, columns]. */
export const fromLevels = (from: Levels): Float32Array => {
  const { rows, columns, blockSize, levels, scales } = from;
  const blocks = blocksOf(from);
  const values = new Float32Array(rows * columns);
  for (let column = 0; column < columns; column++)
    for (let row = 0; row < rows; row++)
      values[row * columns + column] =
        levels[column * rows + row] * scales[column * blocks + Math.floor(row / blockSize)];
  return values;
};
