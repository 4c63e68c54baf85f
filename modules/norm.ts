/**
 * The parts that normalisation layers share: axes as configs name them, scales and offsets as parameters or as
 * arguments.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as t from 'io-ts';
import type { Shape } from '../lib/data/array.js';
import { flag, integer, positive, withDefault } from '../lib/data/config.js';
import { ShapeError, showShape } from '../lib/data/shape.js';
import { type Initializer, ones, zeros } from '../lib/language/initializers.js';
import type { Scope } from '../lib/language/scope.js';

/** One axis, several, or all from one axis up to another; negative axes count from the end. */
export type Axes = number | readonly number[] | { readonly from: number; readonly to?: number };

const range = t.intersection([t.type({ from: integer }), t.partial({ to: integer })]);
const described = 'an axis, a list of axes, or { from, to }';

/** Axes in a config. */
export const axesCodec = new t.Type<Axes>(
  described,
  (value): value is Axes => integer.is(value) || t.array(integer).is(value) || range.is(value),
  (value, context) =>
    integer.is(value) || t.array(integer).is(value) || range.is(value)
      ? t.success(value)
      : t.failure(value, context, described),
  t.identity,
);

/**
 * The axes of an array of a rank, counted from the front, in order.
 * @throws ShapeError when the array lacks one of them, or one is named twice
 * @example axesOf({ from: 1 }, 3) // [1, 2]
 */
export const axesOf = (axes: Axes, rank: number): readonly number[] => {
  const all = Array.from({ length: rank }, (_, i) => i);
  if (typeof axes === 'object' && 'from' in axes) return all.slice(axes.from, axes.to);
  const given = typeof axes === 'number' ? [axes] : axes;
  const counted = given.map((at) => (at < 0 ? at + rank : at));
  if (counted.every((at, i) => at >= 0 && at < rank && counted.indexOf(at) === i))
    return [...counted].sort((a, b) => a - b);
  throw new ShapeError(`axes are ${showShape(given)}, expected different axes of an array of rank ${rank}`);
};

/**
 * Shape of a scale or an offset: [C] where the parameter runs along the last axis alone, else the sizes of its axes and
 * 1 elsewhere.
 */
export const shapeAlong = (shape: Shape, paramAxes: Axes): Shape => {
  const axes = axesOf(paramAxes, shape.length);
  if (axes.length === 1 && axes[0] === shape.length - 1) return shape.slice(-1);
  return shape.map((size, at) => (axes.includes(at) ? size : 1));
};

/** Config fields of norms. */
export const normFields = (source: string) => ({
  epsilon: withDefault(positive, 1e-5, { doc: 'Added to the variance.', source: `${source}, eps` }),
  withScale: withDefault(flag, true, {
    doc: 'True to scale the normed values by a parameter.',
    source: `${source}, create_scale`,
  }),
  withOffset: withDefault(flag, true, {
    doc: 'True to add a parameter to the normed values.',
    source: `${source}, create_offset`,
  }),
});

/** Initializers and the name of a norm. */
export interface NormInitializers {
  /** Ones if not given. */
  readonly scaleInit?: Initializer;
  /** Zeros if not given. */
  readonly offsetInit?: Initializer;
  readonly name?: string;
}

/** A scale and an offset, each of a shape that broadcasts to the input. */
export interface Affine {
  readonly scale?: tf.Tensor;
  readonly offset?: tf.Tensor;
}

/**
 * The scale and the offset of a call: the module's parameters, or else those that are given.
 * @throws Error when one is given that the module has a parameter for
 */
export const affineOf = (
  s: Scope,
  config: { readonly withScale: boolean; readonly withOffset: boolean },
  shape: Shape,
  { scaleInit = ones, offsetInit = zeros }: NormInitializers,
  given: Affine = {},
): Affine => {
  const part = (name: 'scale' | 'offset', isParam: boolean, initializer: Initializer) => {
    if (isParam && given[name])
      throw new Error(
        `a ${name} is given, but the module has a parameter for it: set with${name === 'scale' ? 'Scale' : 'Offset'} to false`,
      );
    return isParam ? s.param(name, shape, initializer) : given[name];
  };
  return {
    scale: part('scale', config.withScale, scaleInit),
    offset: part('offset', config.withOffset, offsetInit),
  };
};

/** x · scale + offset. */
export const scaled = (x: tf.Tensor, { scale, offset }: Affine): tf.Tensor => {
  const product = scale ? tf.mul(x, scale) : x;
  return offset ? tf.add(product, offset) : product;
};

/**
 * (x − mean) / √(variance + epsilon), mean and variance taken over some axes; the variance is the mean of squares about
 * the mean.
 */
export const normalized = (x: tf.Tensor, axes: readonly number[], epsilon: number): tf.Tensor => {
  const centred = tf.sub(x, tf.mean(x, [...axes], true));
  const variance = tf.mean(tf.square(centred), [...axes], true);
  return tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)));
};
