/** Haiku's convolutions and pools. */
import type * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { config, required } from '../../lib/data/config.js';
import { conv1d, conv2d, conv3d, convConfig } from '../conv.js';
import { conv1dTranspose, conv2dTranspose, conv3dTranspose, convTransposeConfig } from '../convTranspose.js';
import {
  depthwiseConv1d,
  depthwiseConv2d,
  depthwiseConv3d,
  depthwiseConvConfig,
  separableDepthwiseConv2d,
  separableDepthwiseConv2dConfig,
} from '../depthwiseConv.js';
import { avgPool, maxPool, type PoolOptions } from '../pool.js';
import { paddingCodec, type PerDimension, perDimensionCodec } from '../window.js';
import { type Arguments, byDefault, only, renamed, unread, worked } from './arguments.js';
import { haikuClass, haikuFunction } from './haikuClass.js';

const windows: readonly Arguments[] = [
  renamed({ kernel_shape: 'kernelShape', stride: 'stride', padding: 'padding', with_bias: 'withBias' }),
  byDefault('w_init', 'b_init'),
];
const rate = renamed({ rate: 'rate' });
const full = [...windows, renamed({ output_channels: 'outputChannels' }), byDefault('mask')];
const convolution = [...full, rate, renamed({ feature_group_count: 'groups' })];
const transposed = [...full, byDefault('output_shape')];
const depthwise = [...windows, renamed({ channel_multiplier: 'channelMultiplier' })];
/** The order of the axes, channels last. */
const format = (letters: string) => only({ data_format: letters });

const poolConfig = config('pool', 'Windows of a pool.', {
  windowShape: required(perDimensionCodec, {
    doc: 'Size of a window: one number, or one for each last axis.',
  }),
  strides: required(perDimensionCodec, { doc: 'Elements from one window to the next, likewise.' }),
  padding: required(paddingCodec, { doc: 'SAME or VALID.' }),
});

/** A list for the last axes, of which the channels' number is 1. */
const onLastAxes = (python: string, option: string): Arguments =>
  worked(python, option, (sizes) =>
    Array.isArray(sizes) && sizes[sizes.length - 1] !== 1
      ? E.left('a number, or a list for the last axes that ends with 1, for the channels')
      : E.right(sizes),
  );

/** Python's list, which may leave out axes or name the batch, as a number for each axis of space. */
const inSpace = (sizes: PerDimension, dims: number): PerDimension => {
  if (typeof sizes === 'number') return sizes;
  const last = sizes.slice(0, -1);
  const leading = last.slice(0, Math.max(0, last.length - dims));
  if (leading.some((size) => size !== 1))
    throw new RangeError('windows over several examples are not supported');
  return [...Array<number>(Math.max(0, dims - last.length)).fill(1), ...last.slice(-dims)];
};

const pool = <K extends string>(
  kind: K,
  run: (x: tf.Tensor, options: PoolOptions) => tf.Tensor,
  ...more: readonly Arguments[]
) =>
  haikuFunction(
    kind,
    poolConfig,
    [
      ...more,
      onLastAxes('window_shape', 'windowShape'),
      onLastAxes('strides', 'strides'),
      renamed({ padding: 'padding' }),
      only({ channel_axis: -1 }),
    ],
    ({ windowShape, strides, padding }) =>
      (_s, x: tf.Tensor) => {
        const dims = x.rank - 2;
        return run(x, { windowShape: inSpace(windowShape, dims), strides: inSpace(strides, dims), padding });
      },
  );

export const convolutionClasses = {
  'hk.Conv1D': haikuClass('conv1d', convConfig, [...convolution, format('NWC')], conv1d),
  'hk.Conv2D': haikuClass('conv2d', convConfig, [...convolution, format('NHWC')], conv2d),
  'hk.Conv3D': haikuClass('conv3d', convConfig, [...convolution, format('NDHWC')], conv3d),
  'hk.Conv1DTranspose': haikuClass(
    'conv1dTranspose',
    convTransposeConfig,
    [...transposed, format('NWC')],
    conv1dTranspose,
  ),
  'hk.Conv2DTranspose': haikuClass(
    'conv2dTranspose',
    convTransposeConfig,
    [...transposed, format('NHWC')],
    conv2dTranspose,
  ),
  'hk.Conv3DTranspose': haikuClass(
    'conv3dTranspose',
    convTransposeConfig,
    [...transposed, format('NDHWC')],
    conv3dTranspose,
  ),
  'hk.DepthwiseConv1D': haikuClass(
    'depthwiseConv1d',
    depthwiseConvConfig,
    [...depthwise, rate, format('NWC')],
    depthwiseConv1d,
  ),
  'hk.DepthwiseConv2D': haikuClass(
    'depthwiseConv2d',
    depthwiseConvConfig,
    [...depthwise, rate, format('NHWC')],
    depthwiseConv2d,
  ),
  'hk.DepthwiseConv3D': haikuClass(
    'depthwiseConv3d',
    depthwiseConvConfig,
    [...depthwise, rate, format('NDHWC')],
    depthwiseConv3d,
  ),
  'hk.SeparableDepthwiseConv2D': haikuClass(
    'separableDepthwiseConv2d',
    separableDepthwiseConv2dConfig,
    [...depthwise, format('NHWC')],
    separableDepthwiseConv2d,
  ),
  'hk.max_pool': pool('maxPool', maxPool),
  'hk.MaxPool': pool('maxPool', maxPool, unread('name')),
  'hk.avg_pool': pool('avgPool', avgPool),
  'hk.AvgPool': pool('avgPool', avgPool, unread('name')),
};
