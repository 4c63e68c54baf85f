/**
 * Convolution of images: a weighted sum over each window.
 */
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../lib/data/array.js';
import { config, count, flag, type OptionsFor, required, withDefault } from '../lib/data/config.js';
import { type Initializer, truncatedNormal, zeros } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';
import { expectShape } from '../lib/data/shape.js';
import { affine } from './linear.js';
import { extractPatches } from './patches.js';
import {
  type Padding,
  paddingCodec,
  perDimension,
  perDimensionCodec,
  type PerDimension,
  placeWindows,
} from './window.js';

export interface ConvolveOptions {
  /** Rows and columns from one window to the next; 1 if not given. */
  readonly stride?: PerDimension;
  /** Rows and columns from one of a window's pixels to the next; 1 if not given. */
  readonly rate?: PerDimension;
  /** SAME if not given. */
  readonly padding?: Padding;
}

/**
 * The convolution of images with a kernel (not flipped: a correlation), padded with zeros.
 *
 * Shapes: B batch, H height, W width, C input channels, D output channels, kh rows and kw columns of the kernel.
 * @param x [B, H, W, C]
 * @param w [kh, kw, C, D]
 * @returns [B, window rows, window columns, D]
 * @throws ShapeError when x and w disagree on C, or no window fits
 * Source: `jax.lax.conv_general_dilated` on NHWC with kernels HWIO.
 */
export const convolve = (x: tf.Tensor, w: tf.Tensor, options: ConvolveOptions = {}): tf.Tensor4D => {
  const { kh, kw, C, D } = expectShape('w', w.shape, ['kh', 'kw', 'C', 'D']);
  const { H, W } = expectShape('x', x.shape, ['B', 'H', 'W', 'C'], { C });
  const [down, right] = perDimension('stride', options.stride ?? 1, 2);
  const [rowRate, columnRate] = perDimension('rate', options.rate ?? 1, 2);
  const { padding = 'SAME' } = options;
  placeWindows(H, { size: kh, stride: down, rate: rowRate }, padding);
  placeWindows(W, { size: kw, stride: right, rate: columnRate }, padding);
  if (rowRate === 1 && columnRate === 1) {
    const pad = padding === 'SAME' ? 'same' : 'valid';
    return tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, [down, right], pad);
  }
  // tfjs has no gradient for dilated convolutions: the same sums as one matrix product over patches.
  const patches = extractPatches(x, {
    sizes: [kh, kw],
    strides: [down, right],
    rates: [rowRate, columnRate],
    padding,
  });
  return affine(patches, tf.reshape(w, [kh * kw * C, D])) as tf.Tensor4D;
};

const source = 'dm-haiku `hk.Conv2D`';

export const conv2dConfig = config('conv2d', 'Convolution of images.', {
  outputChannels: required(count, { doc: 'Number of output channels.', source }),
  kernelShape: required(perDimensionCodec, { doc: 'Rows and columns of the kernel.', source }),
  stride: withDefault(perDimensionCodec, 1, {
    doc: 'Rows and columns from one window to the next.',
    source,
  }),
  rate: withDefault(perDimensionCodec, 1, {
    doc: "Rows and columns from one of a window's pixels to the next.",
    source,
  }),
  padding: withDefault(paddingCodec, 'SAME', {
    doc: 'SAME: windows begin on every stride-th pixel, zeros outside. VALID: windows that fit.',
    source,
  }),
  withBias: withDefault(flag, true, { doc: 'True to add a bias.', source }),
});

/** Initializers and the name of a convolution layer. */
export interface ConvInitializers {
  /** TruncatedNormal(1 / √(kernel size · input channels)) if not given. */
  readonly wInit?: Initializer;
  /** Zeros if not given. */
  readonly bInit?: Initializer;
  readonly name?: string;
}
export type Conv2dOptions = OptionsFor<typeof conv2dConfig> & ConvInitializers;

/**
 * [B, H, W, C] to [B, rows, columns, outputChannels]. Leaves `w` [kh, kw, C, outputChannels], `b` [outputChannels].
 * @throws ShapeError for an input of another rank, or parameters of another shape
 * @example conv2d({ outputChannels: 64, kernelShape: 7, stride: 2 })
 * Source: dm-haiku `hk.Conv2D`.
 */
export const conv2d = ({ name = 'conv2_d', wInit, bInit = zeros, ...options }: Conv2dOptions) => {
  const config = conv2dConfig.make(options);
  const { outputChannels, withBias } = config;
  const kernel = perDimension('kernelShape', config.kernelShape, 2);
  return module(
    name,
    (s) => (x: tf.Tensor) => {
      const { C } = expectShape('x', x.shape, ['B', 'H', 'W', 'C']);
      const stddev = 1 / Math.sqrt(sizeOf(kernel) * C);
      const w = s.param('w', [...kernel, C, outputChannels], wInit ?? truncatedNormal({ stddev }));
      const y = convolve(x, w, config);
      return (withBias ? tf.add(y, s.param('b', [outputChannels], bInit)) : y) as tf.Tensor4D;
    },
    { kind: 'convolution', config },
  );
};
