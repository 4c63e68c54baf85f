/**
 * Spectral normalisation: a matrix divided by its largest singular value, which power iteration follows from call to
 * call.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, type OptionsFor, positive, withDefault } from '../lib/data/config.js';
import { toTensor } from '../lib/data/leaf.js';
import { ShapeError, showShape } from '../lib/data/shape.js';
import { randomNormal } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';
import { stopGradient } from '../lib/language/valueAndGrad.js';
import type { Averaging } from './exponentialMovingAverage.js';

const source = 'dm-haiku `hk.SpectralNorm`';

export const spectralNormConfig = config('spectralNorm', 'A matrix divided by its largest singular value.', {
  epsilon: withDefault(positive, 1e-4, {
    doc: 'Added to the squared lengths of vectors.',
    source: `${source}, eps`,
  }),
  numSteps: withDefault(count, 1, {
    doc: 'Steps of power iteration in each call.',
    source: `${source}, n_steps`,
  }),
});
export type SpectralNormOptions = OptionsFor<typeof spectralNormConfig> & { readonly name?: string };

/** x / √(Σx² + epsilon) */
const unit = (x: tf.Tensor, epsilon: number): tf.Tensor =>
  tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x)), epsilon)));

/**
 * A matrix [N, C], or an array [..., C] seen as one, to the same shape. State: `u0` [1, C], begun at random, and `sigma`
 * [], the singular value, both renewed in each call unless told otherwise.
 * Keys: one, in init.
 * @throws ShapeError for a vector or a scalar
 * Source: dm-haiku `hk.SpectralNorm`; arXiv:1802.05957.
 */
export const spectralNorm = ({ name = 'spectral_norm', ...options }: SpectralNormOptions = {}) => {
  const config = spectralNormConfig.make(options);
  const { epsilon, numSteps } = config;
  return module(
    name,
    (s) =>
      (value: tf.Tensor, { updateStats = true }: Averaging = {}): tf.Tensor => {
        if (value.rank < 2)
          throw new ShapeError(
            `the value has shape ${showShape(value.shape)}, expected a matrix or an array [..., C]`,
          );
        const C = value.shape[value.rank - 1];
        const matrix = tf.reshape(value, [-1, C]); // [N, C]
        let u = s.state('u0', (key) => toTensor(randomNormal().sample([1, C], key())));
        let v = u;
        for (let n = 0; n < numSteps; n++) {
          v = unit(tf.matMul(u, matrix, false, true), epsilon); // [1, N]
          u = unit(tf.matMul(v, matrix), epsilon); // [1, C]
        }
        [u, v] = [stopGradient(u), stopGradient(v)];
        const sigma = tf.reshape(tf.matMul(tf.matMul(v, matrix), u, false, true), []);
        if (updateStats) {
          s.setState('u0', u);
          s.setState('sigma', sigma);
        }
        return tf.div(value, sigma);
      },
    { kind: 'norm', config },
  );
};
