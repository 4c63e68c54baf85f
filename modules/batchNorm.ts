/**
 * Batch normalisation: in training by the batch's own mean and variance, otherwise by their moving averages.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, type OptionsFor, probability, required } from '../lib/data/config.js';
import { channelsOf } from '../lib/data/shape.js';
import { module } from '../lib/language/module.js';
import { exponentialMovingAverage } from './exponentialMovingAverage.js';
import { affineOf, normFields, type NormInitializers, scaled } from './norm.js';

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
  ...normFields(source),
});
export type BatchNormOptions = OptionsFor<typeof batchNormConfig> & NormInitializers;

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
export const batchNorm = (given: BatchNormOptions) => {
  const { name = 'batch_norm', scaleInit, offsetInit, ...options } = batchNormConfig.given(given);
  const config = batchNormConfig.make(options);
  const { decayRate, epsilon } = config;
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
        const C = channelsOf('x', x);
        const { mean, variance } = s.isTraining || useBatchStatistics ? batchStatistics(x) : averages();
        if (s.isTraining) {
          meanAverage(mean);
          varianceAverage(variance);
        }
        const shape = [...x.shape.slice(0, -1).fill(1), C];
        const inverse = tf.rsqrt(tf.add(variance, epsilon)); // [1, …, 1, C]
        const { scale, offset } = affineOf(s, config, shape, { scaleInit, offsetInit });
        return scaled(tf.sub(x, mean), { scale: scale ? tf.mul(scale, inverse) : inverse, offset });
      };
    },
    { kind: 'norm', config },
  );
};
