/**
 * Sliding windows by XLA's rules: their number, their padding, and every n-th element along an axis. Convolutions,
 * pooling and patches share these rules.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as t from 'io-ts';
import { count as aCount, natural, oneOf, sizes } from '../lib/data/config.js';
import { everyNth } from '../lib/engine/index.js';
import { ShapeError } from '../lib/data/shape.js';
import { kindOf } from '../lib/data/weights.js';

export { everyNth };

/** SAME: ⌈size / stride⌉ windows, with padding where they stick out. VALID: only windows that fit. */
export type Padding = 'SAME' | 'VALID';

/** One number for all dimensions, or one for each. */
export type PerDimension = number | readonly number[];

/** Padding in a config. */
export const paddingCodec: t.Type<Padding> = oneOf('SAME', 'VALID');

/**
 * Padding of a convolution. CAUSAL: all zeros in front, so that no window looks ahead. Or zeros before and after each
 * dimension; one pair is for all dimensions.
 */
export type ConvPadding =
  Padding | 'CAUSAL' | readonly [number, number] | readonly (readonly [number, number])[];

const pair = t.readonly(t.tuple([natural, natural]));
const describedPadding = "'SAME', 'VALID', 'CAUSAL', or [before, after] for all dimensions or for each";
const isConvPadding = (value: unknown): value is ConvPadding =>
  paddingCodec.is(value) || value === 'CAUSAL' || pair.is(value) || t.readonlyArray(pair).is(value);

/** A convolution's padding in a config. */
export const convPaddingCodec = new t.Type<ConvPadding>(
  describedPadding,
  isConvPadding,
  (value, context) => (isConvPadding(value) ? t.success(value) : t.failure(value, context, describedPadding)),
  t.identity,
);

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
  if (typeof given !== 'number' && !Array.isArray(given))
    throw new RangeError(`${what} is ${kindOf(given)}, expected a whole number from 1, or a list of them`);
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

/**
 * A convolution's padding along one dimension.
 * @throws RangeError when there are pairs for another number of dimensions
 */
export const paddingAlong = (
  padding: ConvPadding,
  { size, rate }: Window,
  dimension: number,
  dims: number,
): Padding | readonly [before: number, after: number] => {
  if (padding === 'CAUSAL') return [(size - 1) * rate, 0];
  if (padding === 'SAME' || padding === 'VALID') return padding;
  if (pair.is(padding)) return padding;
  if (padding.length !== dims) throw new RangeError(`padding has ${padding.length} pairs, expected ${dims}`);
  return padding[dimension] as readonly [number, number];
};

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
export const placeWindows = (
  length: number,
  { size, stride, rate }: Window,
  padding: Padding | readonly [before: number, after: number],
): Placement => {
  const reach = (size - 1) * rate + 1;
  if (padding !== 'SAME') {
    const [before, after] = padding === 'VALID' ? [0, 0] : padding;
    const padded = before + length + after;
    if (reach > padded) throw new ShapeError(`a window of ${reach} does not fit into ${padded}`);
    return { count: Math.floor((padded - reach) / stride) + 1, before, after };
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
