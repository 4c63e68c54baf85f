/**
 * The linear layer: a product with a matrix, and a bias.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { config, count, flag, type OptionsFor, required, withDefault } from '../lib/data/config.js';
import { affine as affineOperation } from '../lib/engine/index.js';
import { type Initializer, truncatedNormal, zeros } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';
import { channelsOf } from '../lib/data/shape.js';

/**
 * x·w + b over the last axis.
 *
 * Shapes: … any leading sizes, C input channels, D output channels.
 * @param x [..., C]
 * @param w [C, D], or [D, C] where `transposed`
 * @param b [D]
 * @returns [..., D]
 */
export const affine = (x: tf.Tensor, w: tf.Tensor, b?: tf.Tensor, transposed = false): tf.Tensor =>
  affineOperation({ x, w, bias: b, residual: undefined }, { transposed });

const source = 'dm-haiku `hk.Linear`';

export const linearConfig = config('linear', 'A product with a matrix, and a bias.', {
  outputChannels: required(count, { doc: 'Width of the output.', source: `${source}, output_size` }),
  withBias: withDefault(flag, true, { doc: 'True to add a bias.', source }),
});

/** Initializers and the name of a layer with weights and a bias. */
export interface WeightInitializers {
  /** TruncatedNormal(1 / √number of inputs of each output) if not given. */
  readonly wInit?: Initializer;
  /** Zeros if not given. */
  readonly bInit?: Initializer;
  readonly name?: string;
}
export type LinearOptions = Omit<OptionsFor<typeof linearConfig>, 'outputChannels'> & WeightInitializers;

/**
 * A linear layer: [..., C] to [..., outputChannels]. Leaves `w` [C, outputChannels], `b` [outputChannels]. Once it is
 * declared, `transposed` goes the other way.
 * @throws ConfigError when outputChannels is no whole number from 1; ShapeError for a scalar input, or parameters of
 *   another width
 * @example transform(linear(3)).init(key(42), x) // { linear: { w, b } }
 * Source: dm-haiku `hk.Linear`.
 */
export const linear = (
  outputChannels: number,
  { wInit, bInit = zeros, name = 'linear', ...options }: LinearOptions = {},
) => {
  const config = linearConfig.make({ outputChannels, ...options });
  return module(
    name,
    (s) => {
      const matrix = (C: number): tf.Tensor =>
        s.param('w', [C, outputChannels], wInit ?? truncatedNormal({ stddev: 1 / Math.sqrt(C) }));
      return {
        call: (x: tf.Tensor) => {
          const w = matrix(channelsOf('x', x));
          return affine(x, w, config.withBias ? s.param('b', [outputChannels], bInit) : undefined);
        },
        /** The product with the transposed matrix: y·wᵀ, [..., outputChannels] to [..., inputChannels]. */
        transposed: (y: tf.Tensor, inputChannels: number) =>
          affine(y, matrix(inputChannels), undefined, true),
      };
    },
    { kind: 'linear', config },
  );
};
