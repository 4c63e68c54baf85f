/**
 * Upsamples images four times, by two transposed convolutions.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, type OptionsFor, required } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import { conv2dTranspose } from './convTranspose.js';

const source = 'io_processors.py `Conv2DUpsample`';

export const conv2dUpsampleConfig = config(
  'conv2dUpsample',
  'Transposed convolutions that upsample images.',
  {
    outputChannels: required(count, {
      doc: 'Number of output channels; twice as many between the two layers.',
      source,
    }),
  },
);
export type Conv2dUpsampleOptions = OptionsFor<typeof conv2dUpsampleConfig>;

/**
 * [B, H, W, C] to [B, 4·H, 4·W, outputChannels]. Declares `~/transp_conv_1`, `~/transp_conv_2`.
 * Source: io_processors.py `Conv2DUpsample`.
 */
export const conv2dUpsample = (options: Conv2dUpsampleOptions) => {
  const config = conv2dUpsampleConfig.make(options);
  const transposed = (outputChannels: number, name: string) =>
    conv2dTranspose({ outputChannels, kernelShape: 4, stride: 2, name });
  return module(
    'conv2_d_upsample',
    (s) => {
      const first = s.declare(transposed(2 * config.outputChannels, 'transp_conv_1'));
      const second = s.declare(transposed(config.outputChannels, 'transp_conv_2'));
      return (x: tf.Tensor) => second(tf.relu(first(x)));
    },
    { kind: 'convolution', config },
  );
};
