/**
 * Upsamples videos, in time and in space, by transposed convolutions.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, naturalTo, type OptionsFor, required, withDefault } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import { conv3dTranspose } from './convTranspose.js';

const source = 'io_processors.py `Conv3DUpsample`';

export const conv3dUpsampleConfig = config(
  'conv3dUpsample',
  'Transposed convolutions that upsample videos.',
  {
    outputChannels: required(count, {
      doc: 'Number of output channels; twice as many in the layer before, and so on.',
      source,
    }),
    numTimeUpsamples: withDefault(naturalTo(12), 2, {
      doc: 'Number of times that the number of frames doubles.',
      source,
    }),
    numSpaceUpsamples: withDefault(naturalTo(12), 4, {
      doc: 'Number of times that height and width double.',
      source,
    }),
  },
);
export type Conv3dUpsampleOptions = OptionsFor<typeof conv3dUpsampleConfig>;

/**
 * [B, T, H, W, C] to [B, T·2^numTimeUpsamples, H·2^numSpaceUpsamples, W·2^numSpaceUpsamples, outputChannels]. Declares
 * `conv3d_transpose_0`, `conv3d_transpose_1`, ….
 * Source: io_processors.py `Conv3DUpsample`.
 */
export const conv3dUpsample = (options: Conv3dUpsampleOptions) => {
  const config = conv3dUpsampleConfig.make(options);
  const { outputChannels, numTimeUpsamples, numSpaceUpsamples } = config;
  const last = Math.max(numTimeUpsamples, numSpaceUpsamples) - 1;
  const layerAt = (i: number) => {
    const [time, space] = [i < numTimeUpsamples ? 2 : 1, i < numSpaceUpsamples ? 2 : 1];
    return conv3dTranspose({
      outputChannels: outputChannels * 2 ** (last - i),
      kernelShape: 4,
      stride: [time, space, space],
      name: `conv3d_transpose_${i}`,
    });
  };
  return module(
    'conv3_d_upsample',
    (s) => (x: tf.Tensor) => {
      let y = x;
      for (let i = 0; i <= last; i++) y = i < last ? tf.relu(layerAt(i)(s, y)) : layerAt(i)(s, y);
      return y;
    },
    { kind: 'convolution', config },
  );
};
