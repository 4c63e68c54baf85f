/**
 * The arrangement of an array under two names: the same, with its axes in another order, with leading axes of length 1, with
 * another element type. Arrays stay views; their elements are moved when they are asked for.
 */
import * as E from 'fp-ts/lib/Either.js';
import { array, bytesOf, type HostArray, type Shape } from '../../data/array.js';
import { FileArray, rowMajorStrides } from '../fileArray.js';

/** The difference between the array on the right of a mapping and the one on the left. */
export type Arrangement =
  /** The right's axes are the left's in this order: [1, 0] is a transpose. */
  | { readonly kind: 'axes'; readonly order: readonly number[] }
  /** The left begins with so many axes of length 1 that the right does not have. */
  | { readonly kind: 'leadingOnes'; readonly count: number }
  /** A whole number, int32 on the left and int64 on the right. */
  | { readonly kind: 'counter' };

/** From the left to the right of a mapping, or back. */
export type Direction = 'toRight' | 'toLeft';

/** The transpose of a matrix. */
export const transposed: Arrangement = { kind: 'axes', order: [1, 0] };

/** The arrangement in words. */
export const showArrangement = (arrangement: Arrangement): string => {
  switch (arrangement.kind) {
    case 'axes':
      return arrangement.order.join() === '1,0' ? 'transposed' : `axes ${arrangement.order.join(', ')}`;
    case 'leadingOnes':
      return `${arrangement.count} leading axes of 1`;
    case 'counter':
      return 'int32, int64';
  }
};

/** An array's axes: how long each is, and how many elements a step along it is. */
interface Axes {
  readonly shape: Shape;
  readonly strides: readonly number[];
}

/** The same elements along other axes. They are moved when they are asked for, and what a file holds stays there. */
const withAxes = (given: HostArray, change: (axes: Axes) => Axes): HostArray => {
  const { shape, dtype } = given;
  if (given instanceof FileArray) {
    const { layout } = given;
    const strides = layout.strides ?? rowMajorStrides(shape);
    return new FileArray({ ...layout, ...change({ shape, strides }) });
  }
  const axes = change({ shape, strides: rowMajorStrides(shape) });
  return {
    shape: axes.shape,
    dtype,
    get data() {
      return new FileArray({ ...axes, dtype, isLittleEndian: true, bytes: bytesOf(given.data) }).data;
    },
  };
};

const inverse = (order: readonly number[]): readonly number[] => order.map((_, axis) => order.indexOf(axis));

const reordered = (given: HostArray, order: readonly number[]): HostArray =>
  withAxes(given, ({ shape, strides }) => ({
    shape: order.map((axis) => shape[axis]),
    strides: order.map((axis) => strides[axis]),
  }));

const withoutLeading = (given: HostArray, count: number): HostArray =>
  withAxes(given, ({ shape, strides }) => ({ shape: shape.slice(count), strides: strides.slice(count) }));

const withLeading = (given: HostArray, count: number): HostArray => {
  const ones = Array<number>(count).fill(1);
  return withAxes(given, ({ shape, strides }) => ({
    shape: [...ones, ...shape],
    strides: [...ones, ...strides],
  }));
};

const shown = ({ shape, dtype }: { readonly shape: Shape; readonly dtype: string }): string =>
  `${dtype} [${shape.join(', ')}]`;

const largestInt32 = 2 ** 31 - 1;

const asCounter = (given: HostArray, direction: Direction): E.Either<string, HostArray> => {
  const value = Number(given.data[0]);
  if (given.shape.length > 0 || !Number.isInteger(value) || Math.abs(value) > largestInt32)
    return E.left('one whole number of 32 bits');
  return E.right(
    direction === 'toLeft'
      ? array([], 'int32', Int32Array.of(value))
      : array([], 'int64', BigInt64Array.of(BigInt(value))),
  );
};

/**
 * The array as it is held on the other side.
 * @returns what was found and what was expected, where the array is no such one
 */
export const rearrange = (
  given: HostArray,
  arrangement: Arrangement | undefined,
  direction: Direction,
): E.Either<{ readonly found: string; readonly expected: string }, HostArray> => {
  const refused = (expected: string) => E.left({ found: shown(given), expected });
  switch (arrangement?.kind) {
    case undefined:
      return E.right(given);
    case 'axes': {
      const { order } = arrangement;
      if (given.shape.length !== order.length) return refused(`${order.length} axes`);
      return E.right(reordered(given, direction === 'toRight' ? order : inverse(order)));
    }
    case 'leadingOnes': {
      const { count } = arrangement;
      if (direction === 'toLeft') return E.right(withLeading(given, count));
      const isSuch = given.shape.length >= count && given.shape.slice(0, count).every((n) => n === 1);
      return isSuch ? E.right(withoutLeading(given, count)) : refused(`${count} leading axes of length 1`);
    }
    case 'counter':
      return E.mapLeft((expected: string) => ({ found: shown(given), expected }))(
        asCounter(given, direction),
      );
  }
};
