/**
 * Sliding windows by XLA's rules: their number, their padding, and every n-th element along an axis. Convolutions,
 * pooling and patches share these rules.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as t from 'io-ts';
import { count as aCount, oneOf, sizes } from '../lib/data/config.js';
import { everyNth } from '../lib/engine/index.js';
import { ShapeError } from '../lib/data/shape.js';

export { everyNth };

/** SAME: ⌈size / stride⌉ windows, with padding where they stick out. VALID: only windows that fit. */
export type Padding = 'SAME' | 'VALID';

/** One number for all dimensions, or one for each. */
export type PerDimension = number | readonly number[];

/** Padding in a config. */
export const paddingCodec: t.Type<Padding> = oneOf('SAME', 'VALID');

const described = 'a whole number from 1, or a list of them';

/** Sizes, strides or rates in a config. */
export const perDimensionCodec = new t.Type<PerDimension>(
  described,
  (value): value is PerDimension => aCount.is(value) || sizes.is(value),
  (value, context) =>
    aCount.is(value) || sizes.is(value) ? t.success(value) : t.failure(value, context, described),
  t.identity,
);

/** The number for each of `dims` dimensions. @throws RangeError when there are not as many, or one is no count */
export const perDimension = (what: string, given: PerDimension, dims: number): readonly number[] => {
  const all = typeof given === 'number' ? Array<number>(dims).fill(given) : given;
  if (all.length !== dims) throw new RangeError(`${what} has ${all.length} numbers, expected ${dims}`);
  if (!all.every((n) => Number.isSafeInteger(n) && n >= 1))
    throw new RangeError(`${what} is [${all.join(', ')}], expected whole numbers from 1`);
  return all;
};

/** A window along one dimension. */
export interface Window {
  readonly size: number;
  readonly stride: number;
  /** Distance between neighbouring elements of the window. */
  readonly rate: number;
}

/** Number of windows along a dimension, and its padding before and after. */
export interface Placement {
  readonly count: number;
  readonly before: number;
  readonly after: number;
}

/**
 * Number of windows along a dimension, and the padding before and after.
 * @throws ShapeError when not one window fits
 * Source: XLA's padding rules, `jax.lax.padtype_to_pads`.
 */
export const placeWindows = (length: number, { size, stride, rate }: Window, padding: Padding): Placement => {
  const reach = (size - 1) * rate + 1;
  if (padding === 'VALID') {
    if (reach > length) throw new ShapeError(`a window of ${reach} does not fit into ${length}`);
    return { count: Math.floor((length - reach) / stride) + 1, before: 0, after: 0 };
  }
  const count = Math.ceil(length / stride);
  const total = Math.max((count - 1) * stride + reach - length, 0);
  const before = Math.floor(total / 2);
  return { count, before, after: total - before };
};

/** Every n-th element along each of several axes, from the first: x[::strides[0], ::strides[1], …] from `axis` on. */
export const subsample = (x: tf.Tensor, axis: number, strides: readonly number[]): tf.Tensor =>
  strides.reduce(
    (y, stride, i) =>
      stride === 1 ? y : everyNth(y, axis + i, stride, Math.ceil(y.shape[axis + i] / stride)),
    x,
  );
