/**
 * Depthwise convolution: each input channel by kernels of its own; and the separable form, one dimension after the
 * other.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { config, count, type OptionsFor, required } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import { batched, convFields, convolveWith } from './conv.js';
import type { WeightInitializers } from './linear.js';
import { perDimension } from './window.js';

const source = 'dm-haiku `hk.DepthwiseConv1D`, `hk.DepthwiseConv2D`, `hk.DepthwiseConv3D`';

export const depthwiseConvConfig = config('depthwiseConv', 'Convolution of each channel by itself.', {
  channelMultiplier: required(count, { doc: 'Number of output channels of each input channel.', source }),
  ...convFields(source),
});
export type DepthwiseConvOptions = OptionsFor<typeof depthwiseConvConfig> & WeightInitializers;

const depthwiseLayer = (dims: number, defaultName: string) => (given: DepthwiseConvOptions) => {
  const { name = defaultName, wInit, bInit, ...options } = depthwiseConvConfig.given(given);
  const config = depthwiseConvConfig.make(options);
  const { kernelShape, channelMultiplier, ...rest } = config;
  const kernel = perDimension('kernelShape', kernelShape, dims);
  return module(
    name,
    (s) => (input: tf.Tensor) =>
      batched(input, dims, (x) => {
        const groups = x.shape[x.rank - 1];
        const outputChannels = channelMultiplier * groups;
        return convolveWith(s, x, { ...rest, kernel, groups, outputChannels }, { wInit, bInit });
      }),
    { kind: 'convolution', config },
  );
};

/**
 * [B, W, C] to [B, windows, C·channelMultiplier]; the outputs of a channel are neighbours. Leaves `w` [k, 1,
 * C·channelMultiplier], `b` [C·channelMultiplier].
 * @throws ShapeError for an input of another rank, or parameters of another shape
 * Source: dm-haiku `hk.DepthwiseConv1D`.
 */
export const depthwiseConv1d = depthwiseLayer(1, 'depthwise_conv1_d');

/**
 * [B, H, W, C] to [B, rows, columns, C·channelMultiplier]; the outputs of a channel are neighbours. Leaves `w` [kh, kw,
 * 1, C·channelMultiplier], `b` [C·channelMultiplier].
 * @throws ShapeError for an input of another rank, or parameters of another shape
 * Source: dm-haiku `hk.DepthwiseConv2D`.
 */
export const depthwiseConv2d = depthwiseLayer(2, 'depthwise_conv2_d');

/**
 * [B, T, H, W, C] to [B, frames, rows, columns, C·channelMultiplier]; the outputs of a channel are neighbours. Leaves
 * `w` [kt, kh, kw, 1, C·channelMultiplier], `b` [C·channelMultiplier].
 * @throws ShapeError for an input of another rank, or parameters of another shape
 * Source: dm-haiku `hk.DepthwiseConv3D`.
 */
export const depthwiseConv3d = depthwiseLayer(3, 'depthwise_conv3_d');

const { rate: _rate, ...separableFields } = depthwiseConvConfig.fields;

export const separableDepthwiseConv2dConfig = config(
  'separableDepthwiseConv2d',
  'Depthwise convolution along the height, then along the width.',
  separableFields,
);

/**
 * Depthwise convolution along the height, by all of the stride, then along the width: [B, H, W, C] to [B, rows, columns,
 * C·channelMultiplier]. Declares `~/depthwise_conv2_d`, without a bias, and `~/depthwise_conv2_d_1`.
 * @throws ShapeError for an input of another rank, or parameters of another shape
 * Source: dm-haiku `hk.SeparableDepthwiseConv2D`.
 */
export const separableDepthwiseConv2d = (
  given: OptionsFor<typeof separableDepthwiseConv2dConfig> & WeightInitializers,
) => {
  const {
    name = 'separable_depthwise_conv2_d',
    wInit,
    bInit,
    ...options
  } = separableDepthwiseConv2dConfig.given(given);
  const config = separableDepthwiseConv2dConfig.make(options);
  const [kh, kw] = perDimension('kernelShape', config.kernelShape, 2);
  return module(
    name,
    (s) => {
      const rows = s.declare(depthwiseConv2d({ ...config, kernelShape: [kh, 1], withBias: false, wInit }));
      const columns = s.declare(
        depthwiseConv2d({ ...config, channelMultiplier: 1, kernelShape: [1, kw], stride: 1, wInit, bInit }),
      );
      return (x: tf.Tensor) => columns(rows(x));
    },
    { kind: 'convolution', config },
  );
};
