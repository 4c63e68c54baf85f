/**
 * A trained bias along some axes.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as t from 'io-ts';
import type { Shape } from '../lib/data/array.js';
import { config, integer, optional, type OptionsFor } from '../lib/data/config.js';
import { ShapeError, showShape } from '../lib/data/shape.js';
import { type Initializer, zeros } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';
import { axesOf } from './norm.js';

const source = 'dm-haiku `hk.Bias`';

export const biasConfig = config('bias', 'A trained bias.', {
  biasDims: optional(t.readonlyArray(integer, 'a list of whole numbers'), {
    doc: 'Axes that the bias runs along, but the first; [] for one number. All axes but the first if not given.',
    source: `${source}, bias_dims`,
  }),
});
export type BiasOptions = OptionsFor<typeof biasConfig> & {
  /** Zeros if not given. */
  readonly bInit?: Initializer;
  readonly name?: string;
};

/** The bias's shape: sizes of its axes, 1 between them, from the first of its axes of more than one element on. */
const shapeOf = (shape: Shape, biasDims: readonly number[] | undefined): Shape => {
  if (biasDims === undefined) return shape.slice(1);
  const axes = axesOf(biasDims, shape.length);
  if (axes.includes(0)) throw new ShapeError('a bias cannot run along the batch, axis 0');
  const sizes = shape.map((size, axis) => (axes.includes(axis) ? size : 1));
  const start = sizes.findIndex((size, axis) => axis > 0 && size !== 1);
  return start < 0 ? [] : sizes.slice(start);
};

/**
 * x + b · multiplier: [B, …] to the same shape. Leaf `b`: the sizes of its axes, 1 between them.
 * @throws ShapeError for axes that x lacks, or the batch
 * Source: dm-haiku `hk.Bias`.
 */
export const bias = ({ name = 'bias', bInit = zeros, ...options }: BiasOptions = {}) => {
  const config = biasConfig.make(options);
  return module(
    name,
    (s) =>
      (x: tf.Tensor, multiplier?: number | tf.Tensor): tf.Tensor => {
        if (x.rank < 2) throw new ShapeError(`x has shape ${showShape(x.shape)}, expected [B, …, C]`);
        const b = s.param('b', shapeOf(x.shape, config.biasDims), bInit);
        return tf.add(x, multiplier === undefined ? b : tf.mul(b, multiplier));
      },
    { config },
  );
};
