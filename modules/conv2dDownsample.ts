/**
 * Downsamples images four times for each layer: a convolution, batch norm, ReLU and max pooling.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, flag, naturalTo, oneOf, type OptionsFor, withDefault } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import type { Scope } from '../lib/language/scope.js';
import { batchNorm, batchNormConfig, type NormalizeBatch } from './batchNorm.js';
import { conv2d } from './conv.js';
import { maxPool } from './pool.js';

const source = 'io_processors.py `Conv2DDownsample`';
const { epsilon } = batchNormConfig.fields;

export const conv2dDownsampleConfig = config('conv2dDownsample', 'Convolutions that downsample images.', {
  numLayers: withDefault(naturalTo(12), 1, {
    doc: 'Number of layers; each makes images 4 times smaller.',
    source,
  }),
  numChannels: withDefault(count, 64, { doc: 'Number of output channels of each layer.', source }),
  withBatchNorm: withDefault(flag, true, { doc: 'True for batch norm after each convolution.', source }),
  decayRate: withDefault(batchNormConfig.fields.decayRate.codec, 0.9, {
    doc: "Share of batch norm's old moving averages that remains at each training step.",
    source,
  }),
  epsilon: withDefault(epsilon.codec, 1e-5, { doc: "Added to batch norm's variances.", source }),
  padding: withDefault(oneOf('same', 'symmetric'), 'same', {
    doc: 'same: convolution and pooling as DeepMind pads them, 224 pixels to 56. symmetric: as Hugging Face does, the convolution one pixel further up and left, pooling unpadded, 224 pixels to 55.',
    source: `${source}; transformers \`Conv2DDownsample\``,
  }),
});
export type Conv2dDownsampleOptions = OptionsFor<typeof conv2dDownsampleConfig>;

/** Zeros around images that a kernel of 7 sees on every side alike. */
const surround = (x: tf.Tensor): tf.Tensor =>
  tf.pad(x, [
    [0, 0],
    [3, 3],
    [3, 3],
    [0, 0],
  ]);

/**
 * [B, H, W, C] to [B, H/4, W/4, numChannels] for one layer, halves rounded up; with symmetric padding the second half
 * is rounded down and less one where it was even. Declares `~/conv`, `~/batchnorm`,
 * `~/conv_1`, ….
 * Source: io_processors.py `Conv2DDownsample`.
 */
export const conv2dDownsample = (options: Conv2dDownsampleOptions = {}) => {
  const config = conv2dDownsampleConfig.make(options);
  const { numLayers, numChannels, withBatchNorm, decayRate } = config;
  const isSymmetric = config.padding === 'symmetric';
  const padding = isSymmetric ? 'VALID' : 'SAME';
  const layerOf = (s: Scope) => {
    const conv = s.declare(
      conv2d({
        outputChannels: numChannels,
        kernelShape: 7,
        stride: 2,
        padding,
        withBias: false,
        name: 'conv',
      }),
    );
    const norm = withBatchNorm
      ? s.declare(batchNorm({ decayRate, epsilon: config.epsilon, name: 'batchnorm' }))
      : undefined;
    return (x: tf.Tensor, how?: NormalizeBatch): tf.Tensor => {
      const convolved = conv(isSymmetric ? surround(x) : x); // [B, H/2, W/2, numChannels]
      const normed = norm ? norm(convolved, how) : convolved;
      return maxPool(tf.relu(normed), { windowShape: 3, strides: 2, padding }); // [B, H/4, W/4, numChannels]
    };
  };
  return module(
    'conv2_d_downsample',
    (s) => {
      const layers = Array.from({ length: numLayers }, () => layerOf(s));
      return (x: tf.Tensor, how?: NormalizeBatch) => layers.reduce((y, layer) => layer(y, how), x);
    },
    { kind: 'convolution', config },
  );
};
