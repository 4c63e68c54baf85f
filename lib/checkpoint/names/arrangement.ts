/**
 * How an array is held under two names: the same, with its axes in another order, with leading axes of length 1, with
 * another element type. Arrays stay views; their elements are moved when they are asked for.
 */
import { either as E } from 'fp-ts';
import { array, type HostArray, type Shape } from '../../array.js';
import { FileArray, bytesOf, rowMajorStrides } from '../fileArray.js';

/** What distinguishes the array on the right of a mapping from the one on the left. */
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

/** The array as a view whose axes can be moved. */
const viewOf = (given: HostArray) => {
  const { layout } =
    given instanceof FileArray
      ? given
      : new FileArray({
          shape: given.shape,
          dtype: given.dtype,
          isLittleEndian: true,
          bytes: bytesOf(given.data),
        });
  return { ...layout, strides: layout.strides ?? rowMajorStrides(layout.shape) };
};

const inverse = (order: readonly number[]): readonly number[] => order.map((_, axis) => order.indexOf(axis));

const reordered = (given: HostArray, order: readonly number[]): HostArray => {
  const view = viewOf(given);
  return new FileArray({
    ...view,
    shape: order.map((axis) => view.shape[axis]),
    strides: order.map((axis) => view.strides[axis]),
  });
};

const withoutLeading = (given: HostArray, count: number): HostArray => {
  const view = viewOf(given);
  return new FileArray({ ...view, shape: view.shape.slice(count), strides: view.strides.slice(count) });
};

const withLeading = (given: HostArray, count: number): HostArray => {
  const view = viewOf(given);
  const ones = Array<number>(count).fill(1);
  return new FileArray({ ...view, shape: [...ones, ...view.shape], strides: [...ones, ...view.strides] });
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
