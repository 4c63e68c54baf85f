/**
 * Batch normalisation: in training by the batch's own mean and variance, otherwise by their moving averages.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  config,
  flag,
  type OptionsFor,
  positive,
  probability,
  required,
  withDefault,
} from '../lib/data/config.js';
import { type Initializer, ones, zeros } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';
import { expectShape } from '../lib/data/shape.js';
import { exponentialMovingAverage } from './exponentialMovingAverage.js';

/** Mean and variance for each channel, [1, …, 1, C]. */
export interface Statistics {
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

/**
 * A batch's mean and variance over all axes but the last; the variance is the mean of squares less the square of the
 * mean.
 * @param x [..., C]
 */
export const batchStatistics = (x: tf.Tensor): Statistics => {
  const axes = x.shape.map((_, axis) => axis).slice(0, -1);
  const mean = tf.mean(x, axes, true);
  return { mean, variance: tf.sub(tf.mean(tf.square(x), axes, true), tf.square(mean)) };
};

const source = 'dm-haiku `hk.BatchNorm`';

export const batchNormConfig = config('batchNorm', 'Batch normalisation over all axes but the last.', {
  decayRate: required(probability, {
    doc: 'Share of the old moving averages that remains at each training step.',
    source: `${source}; 0.9 in io_processors.py \`Conv2DDownsample\``,
  }),
  epsilon: withDefault(positive, 1e-5, { doc: 'Added to the variance.', source: `${source}, eps` }),
  withScale: withDefault(flag, true, {
    doc: 'True to scale each channel by a parameter.',
    source: `${source}, create_scale`,
  }),
  withOffset: withDefault(flag, true, {
    doc: 'True to add a parameter to each channel.',
    source: `${source}, create_offset`,
  }),
});
export type BatchNormOptions = OptionsFor<typeof batchNormConfig> & {
  /** Ones if not given. */
  readonly scaleInit?: Initializer;
  /** Zeros if not given. */
  readonly offsetInit?: Initializer;
  readonly name?: string;
};

/** Options of one call. */
export interface NormalizeBatch {
  /** True to normalise by the batch's own statistics outside of training too; false if not given. */
  readonly useBatchStatistics?: boolean;
}

/**
 * [..., C] to [..., C]. Leaves `scale`, `offset` [1, …, 1, C]; state of `mean_ema` and `var_ema`, renewed in training.
 * @throws Error out of training when there are no moving averages yet
 * Source: dm-haiku `hk.BatchNorm`; arXiv:1502.03167.
 */
export const batchNorm = ({
  name = 'batch_norm',
  scaleInit = ones,
  offsetInit = zeros,
  ...options
}: BatchNormOptions) => {
  const config = batchNormConfig.make(options);
  const { decayRate, epsilon, withScale, withOffset } = config;
  return module(
    name,
    (s) => {
      const meanAverage = s.declare(exponentialMovingAverage({ decayRate, name: 'mean_ema' }));
      const varianceAverage = s.declare(exponentialMovingAverage({ decayRate, name: 'var_ema' }));
      const averages = (): Statistics => ({
        mean: meanAverage.average(),
        variance: varianceAverage.average(),
      });
      return (x: tf.Tensor, { useBatchStatistics = false }: NormalizeBatch = {}): tf.Tensor => {
        const { C } = expectShape('x', x.shape.slice(-1), ['C']);
        const { mean, variance } = s.isTraining || useBatchStatistics ? batchStatistics(x) : averages();
        if (s.isTraining) {
          meanAverage(mean);
          varianceAverage(variance);
        }
        const shape = [...x.shape.slice(0, -1).fill(1), C];
        const inverse = tf.rsqrt(tf.add(variance, epsilon)); // [1, …, 1, C]
        const factor = withScale ? tf.mul(s.param('scale', shape, scaleInit), inverse) : inverse;
        const normed = tf.mul(tf.sub(x, mean), factor);
        return withOffset ? tf.add(normed, s.param('offset', shape, offsetInit)) : normed;
      };
    },
    { kind: 'norm', config },
  );
};
