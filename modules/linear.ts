/**
 * The linear layer: a product with a matrix, and a bias.
 */
import * as tf from '@tensorflow/tfjs-core';
import { affine as product2d } from '../lib/engine/index.js';
import { type Initializer, truncatedNormal, zeros } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';
import { expectShape } from '../lib/data/shape.js';

/**
 * x·w + b over the last axis.
 *
 * Shapes: … any leading sizes, C input channels, D output channels.
 * @param x [..., C]
 * @param w [C, D], or [D, C] where `transposed`
 * @param b [D]
 * @returns [..., D]
 */
export const affine = (x: tf.Tensor, w: tf.Tensor, b?: tf.Tensor, transposed = false): tf.Tensor => {
  const [channels, outputs] = transposed ? [w.shape[1], w.shape[0]] : w.shape;
  const rows = tf.reshape(x, [-1, channels as number]); // [N, C]
  const product = product2d({ x: rows, w, bias: b, residual: undefined }, { transposed }); // [N, D]
  return tf.reshape(product, [...x.shape.slice(0, -1), outputs as number]);
};

export interface LinearOptions {
  /** True to add a bias; true if not given. */
  readonly withBias?: boolean;
  /** TruncatedNormal(1 / √C) if not given. */
  readonly wInit?: Initializer;
  /** Zeros if not given. */
  readonly bInit?: Initializer;
  readonly name?: string;
}

/**
 * A linear layer: [..., C] to [..., outputChannels]. Leaves `w` [C, outputChannels], `b` [outputChannels]. Once it is
 * declared, `transposed` goes the other way.
 * @throws ShapeError for a scalar input, or parameters of another width
 * @example transform(linear(3)).init(key(42), x) // { linear: { w, b } }
 * Source: dm-haiku `hk.Linear`.
 */
export const linear = (
  outputChannels: number,
  { withBias = true, wInit, bInit = zeros, name = 'linear' }: LinearOptions = {},
) =>
  module(
    name,
    (s) => {
      const matrix = (C: number): tf.Tensor =>
        s.param('w', [C, outputChannels], wInit ?? truncatedNormal({ stddev: 1 / Math.sqrt(C) }));
      return {
        call: (x: tf.Tensor) => {
          const { C } = expectShape('x', x.shape.slice(-1), ['C']);
          const w = matrix(C);
          return affine(x, w, withBias ? s.param('b', [outputChannels], bInit) : undefined);
        },
        /** The product with the transposed matrix: y·wᵀ, [..., outputChannels] to [..., inputChannels]. */
        transposed: (y: tf.Tensor, inputChannels: number) =>
          affine(y, matrix(inputChannels), undefined, true),
      };
    },
    { kind: 'linear', config: { outputChannels, withBias } },
  );
