/**
 * Convolution of sequences, images and volumes: a weighted sum over each window. Kernels are dilated, grouped and padded
 * as XLA does.
 */
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../lib/data/array.js';
import { config, count, flag, type OptionsFor, required, withDefault } from '../lib/data/config.js';
import { expectDivisible, expectShape, ShapeError, showShape } from '../lib/data/shape.js';
import { truncatedNormal, zeros } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';
import type { Scope } from '../lib/language/scope.js';
import type { WeightInitializers } from './linear.js';
import {
  type ConvPadding,
  convPaddingCodec,
  paddingAlong,
  perDimension,
  type PerDimension,
  perDimensionCodec,
  placeWindows,
  subsample,
} from './window.js';

export interface ConvolveOptions {
  /** Elements from one window to the next, in each dimension; 1 if not given. */
  readonly stride?: PerDimension;
  /** Elements from one of a window's elements to the next, in each dimension; 1 if not given. */
  readonly rate?: PerDimension;
  /** SAME if not given. */
  readonly padding?: ConvPadding;
  /** Number of groups of channels, each convolved by its own part of the kernel; 1 if not given. */
  readonly groups?: number;
}

/** Windows as tfjs is told: zeros that are padded beforehand, or its own word for the padding. */
interface Windows {
  readonly stride: readonly number[];
  readonly rate: readonly number[];
  readonly pad: 'same' | 'valid';
  readonly isDepthwise: boolean;
}

const letters = [['W'], ['H', 'W'], ['T', 'H', 'W']];

/** The letters of an input's axes: [B, W, C], [B, H, W, C] or [B, T, H, W, C]. */
export const axesOfInput = (dims: number): readonly string[] => ['B', ...letters[dims - 1], 'C'];

/** A sequence as an image of one row. */
const asImages = (x: tf.Tensor): tf.Tensor => (x.rank === 3 ? tf.expandDims(x, 1) : x);

/** One group of channels, or as many as there are channels. */
const convolveGroup = (
  x: tf.Tensor,
  w: tf.Tensor,
  { stride, rate, pad, isDepthwise }: Windows,
): tf.Tensor => {
  if (w.rank === 5)
    return tf.conv3d(
      x as tf.Tensor5D,
      w as tf.Tensor5D,
      stride as [number, number, number],
      pad,
      'NDHWC',
      rate as [number, number, number],
    );
  const isSequence = w.rank === 3;
  const images = asImages(x) as tf.Tensor4D;
  const strides = (isSequence ? [1, ...stride] : stride) as [number, number];
  const rates = (isSequence ? [1, ...rate] : rate) as [number, number];
  const kernel = (isSequence ? tf.expandDims(w, 0) : w) as tf.Tensor4D; // [kh, kw, C / groups, D]
  if (!isDepthwise) {
    const y = tf.conv2d(images, kernel, strides, pad, 'NHWC', rates);
    return isSequence ? tf.squeeze(y, [1]) : y;
  }
  const [kh, kw, , D] = kernel.shape;
  const channels = images.shape[3];
  const byChannel = tf.reshape(kernel, [kh, kw, channels, D / channels]) as tf.Tensor4D;
  const y = tf.depthwiseConv2d(images, byChannel, strides, pad, 'NHWC', rates);
  return isSequence ? tf.squeeze(y, [1]) : y;
};

/** Each group of channels by its own part of the kernel. */
const convolveGroups = (x: tf.Tensor, w: tf.Tensor, windows: Windows, groups: number): tf.Tensor => {
  const inputs = tf.split(x, groups, x.rank - 1);
  const kernels = tf.split(w, groups, w.rank - 1);
  return tf.concat(
    inputs.map((input, i) => convolveGroup(input, kernels[i], windows)),
    x.rank - 1,
  );
};

/**
 * The convolution with a kernel (not flipped: a correlation), padded with zeros.
 *
 * Shapes: B batch, N… one to three sizes, C input channels, D output channels, k… sizes of the kernel.
 * @param x [B, N…, C]
 * @param w [k…, C / groups, D]
 * @returns [B, windows…, D]
 * @throws ShapeError when x and w disagree on C, groups divide not both C and D, or no window fits
 * Source: `jax.lax.conv_general_dilated` on NWC, NHWC, NDHWC with kernels WIO, HWIO, DHWIO.
 */
export const convolve = (x: tf.Tensor, w: tf.Tensor, options: ConvolveOptions = {}): tf.Tensor => {
  const dims = w.rank - 2;
  if (dims < 1 || dims > 3) throw new ShapeError(`w has shape ${showShape(w.shape)}, expected [k…, C, D]`);
  const { groups = 1 } = options;
  const [channels, D] = w.shape.slice(-2);
  const { C } = expectShape('x', x.shape, axesOfInput(dims), { C: channels * groups });
  expectDivisible('the number of output channels', D, groups, 'groups');
  const stride = perDimension('stride', options.stride ?? 1, dims);
  const rate = perDimension('rate', options.rate ?? 1, dims);
  const { padding = 'SAME' } = options;
  const placed = stride.map((_, i) => {
    const window = { size: w.shape[i], stride: stride[i], rate: rate[i] };
    return placeWindows(x.shape[i + 1], window, paddingAlong(padding, window, i, dims));
  });
  // tfjs has no convolution that is both strided and dilated: all windows are computed and some are taken.
  const isBoth = stride.some((n) => n > 1) && rate.some((n) => n > 1);
  const isKnown = (padding === 'SAME' && !isBoth) || padding === 'VALID';
  const zeros = placed.map(({ before, after }): [number, number] => [before, after]);
  const padded = isKnown ? x : tf.pad(x, [[0, 0], ...zeros, [0, 0]]);
  const windows: Windows = {
    stride: isBoth ? stride.map(() => 1) : stride,
    rate,
    pad: isKnown && padding === 'SAME' ? 'same' : 'valid',
    isDepthwise: groups > 1 && groups === C && dims < 3,
  };
  const isWhole = groups === 1 || windows.isDepthwise;
  const y = isWhole ? convolveGroup(padded, w, windows) : convolveGroups(padded, w, windows, groups);
  return isBoth ? subsample(y, 1, stride) : y;
};

/** Config fields of convolutions. */
export const convFields = (source: string) => ({
  kernelShape: required(perDimensionCodec, { doc: 'Size of the kernel, in each dimension.', source }),
  stride: withDefault(perDimensionCodec, 1, {
    doc: 'Elements from one window to the next, in each dimension.',
    source,
  }),
  rate: withDefault(perDimensionCodec, 1, {
    doc: "Elements from one of a window's elements to the next, in each dimension.",
    source,
  }),
  padding: withDefault(convPaddingCodec, 'SAME', {
    doc: 'SAME: a window for every stride-th element, zeros outside. VALID: the windows that fit. CAUSAL: SAME, with all zeros in front. Or zeros before and after, [before, after] for each dimension.',
    source,
  }),
  withBias: withDefault(flag, true, { doc: 'True to add a bias.', source }),
});

const source = 'dm-haiku `hk.Conv1D`, `hk.Conv2D`, `hk.Conv3D`';

export const convConfig = config('conv', 'Convolution of sequences, images or volumes.', {
  outputChannels: required(count, { doc: 'Number of output channels.', source }),
  ...convFields(source),
  groups: withDefault(count, 1, {
    doc: 'Number of groups of channels, each convolved by its own kernel; divides input and output channels.',
    source: `${source}, feature_group_count`,
  }),
});
export type ConvOptions = OptionsFor<typeof convConfig> & WeightInitializers;

/** Runs a function of batches on a batch, or on one example without a batch axis. */
export const batched = (x: tf.Tensor, dims: number, run: (x: tf.Tensor) => tf.Tensor): tf.Tensor =>
  x.rank === dims + 1 ? tf.squeeze(run(tf.expandDims(x, 0)), [0]) : run(x);

/** A convolution with parameters `w` and `b`. */
export const convolveWith = (
  s: Scope,
  x: tf.Tensor,
  {
    kernel,
    outputChannels,
    withBias,
    ...options
  }: ConvolveOptions & {
    readonly kernel: readonly number[];
    readonly outputChannels: number;
    readonly withBias: boolean;
  },
  { wInit, bInit = zeros }: WeightInitializers,
): tf.Tensor => {
  const { C } = expectShape('x', x.shape, axesOfInput(kernel.length));
  const { groups = 1 } = options;
  expectDivisible('the number of input channels', C, groups, 'groups');
  const shape = [...kernel, C / groups, outputChannels];
  const stddev = 1 / Math.sqrt(sizeOf(shape.slice(0, -1)));
  const y = convolve(x, s.param('w', shape, wInit ?? truncatedNormal({ stddev })), options);
  return withBias ? tf.add(y, s.param('b', [outputChannels], bInit)) : y;
};

const convLayer = (dims: number, defaultName: string) => (given: ConvOptions) => {
  const { name = defaultName, wInit, bInit, ...options } = convConfig.given(given);
  const config = convConfig.make(options);
  const { kernelShape, ...rest } = config;
  const kernel = perDimension('kernelShape', kernelShape, dims);
  return module(
    name,
    (s) => (input: tf.Tensor) =>
      batched(input, dims, (x) => convolveWith(s, x, { ...rest, kernel }, { wInit, bInit })),
    { kind: 'convolution', config },
  );
};

/**
 * [B, W, C] to [B, windows, outputChannels], or without the batch axis. Leaves `w` [k, C / groups, outputChannels], `b`
 * [outputChannels].
 * @throws ShapeError for an input of another rank, or parameters of another shape
 * Source: dm-haiku `hk.Conv1D`.
 */
export const conv1d = convLayer(1, 'conv1_d');

/**
 * [B, H, W, C] to [B, rows, columns, outputChannels], or without the batch axis. Leaves `w` [kh, kw, C / groups,
 * outputChannels], `b` [outputChannels].
 * @throws ShapeError for an input of another rank, or parameters of another shape
 * @example conv2d({ outputChannels: 64, kernelShape: 7, stride: 2 })
 * Source: dm-haiku `hk.Conv2D`.
 */
export const conv2d = convLayer(2, 'conv2_d');

/**
 * [B, T, H, W, C] to [B, frames, rows, columns, outputChannels], or without the batch axis. Leaves `w` [kt, kh, kw,
 * C / groups, outputChannels], `b` [outputChannels].
 * @throws ShapeError for an input of another rank, or parameters of another shape
 * Source: dm-haiku `hk.Conv3D`.
 */
export const conv3d = convLayer(3, 'conv3_d');
