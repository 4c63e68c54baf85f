/**
 * Transposed convolution of sequences, images and volumes: each input position adds its kernel, scaled, to the output.
 */
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../lib/data/array.js';
import { config, count, flag, type OptionsFor, required, withDefault } from '../lib/data/config.js';
import { truncatedNormal, zeros } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';
import { expectShape } from '../lib/data/shape.js';
import { axesOfInput, batched } from './conv.js';
import { affine, type WeightInitializers } from './linear.js';
import { type Padding, paddingCodec, perDimension, type PerDimension, perDimensionCodec } from './window.js';

/**
 * Sizes along one dimension of a transposed convolution: `before` is cut off the beginning of the full overlap, `length`
 * is the output's size.
 * Source: `jax.lax.conv_transpose`, whose output has the size that a convolution of the same padding would shrink.
 */
const cropOf = (length: number, size: number, stride: number, padding: Padding) => ({
  before: padding === 'SAME' ? Math.max(0, Math.floor((size - stride) / 2)) : 0,
  length: length * stride + (padding === 'SAME' ? 0 : Math.max(size - stride, 0)),
});

/**
 * Adds up kernels of outputs that lie `stride` apart along one dimension.
 *
 * Shapes: A the axes before the dimension, N positions, R the axes between it and the kernel, K size of the kernel, E the
 * axes after the kernel.
 * @param painted [A, N, R, K, E]
 * @returns [A, crop.length, R, E]
 */
const overlapAdd = (
  painted: tf.Tensor,
  stride: number,
  crop: { readonly before: number; readonly length: number },
): tf.Tensor => {
  const [A, N, R, K, E] = painted.shape;
  const steps = Math.ceil(K / stride); // a kernel reaches over so many strides
  // At most three axes at a time: the wasm backend is slow with more.
  const kernels = tf.reshape(painted, [A * N * R, K, E]);
  const whole = tf.pad(kernels, [
    [0, 0],
    [0, steps * stride - K],
    [0, 0],
  ]);
  const parts = Array.from({ length: steps }, (_, step) => {
    const part = tf.slice(whole, [0, step * stride, 0], [A * N * R, stride, E]);
    return tf.pad(tf.reshape(part, [A, N, R * stride * E]), [
      [0, 0],
      [step, steps - 1 - step],
      [0, 0],
    ]);
  });
  const sum = tf.reshape(tf.addN(parts), [A * (N + steps - 1), R, stride, E]);
  const line = tf.reshape(tf.transpose(sum, [0, 2, 1, 3]), [A, (N + steps - 1) * stride, R * E]);
  return tf.reshape(tf.slice(line, [0, crop.before, 0], [A, crop.length, R * E]), [A, crop.length, R, E]);
};

export interface ConvTransposeOptions {
  /** Outputs from one position's kernel to the next one's, in each dimension; 1 if not given. */
  readonly stride?: PerDimension;
  /** SAME if not given. */
  readonly padding?: Padding;
}

/**
 * Transposed convolution in any number of dimensions, with the kernel as JAX reads it (flipped, against the gradient
 * of a convolution).
 *
 * Shapes: B batch, N… sizes, C input channels, k… sizes of the kernel, D output channels.
 * @param x [B, N…, C]
 * @param w [k…, D, C]
 * @returns [B, N·stride…, D], or with VALID padding [B, N·stride + max(k − stride, 0)…, D]
 * @throws ShapeError when x and w disagree on C or on the number of dimensions
 * Source: `jax.lax.conv_transpose`.
 */
export const convTranspose = (x: tf.Tensor, w: tf.Tensor, options: ConvTransposeOptions = {}): tf.Tensor => {
  const dims = w.rank - 2;
  const kernel = w.shape.slice(0, dims);
  const [D, C] = w.shape.slice(dims);
  expectShape('x', x.shape, ['B', ...kernel.map((_, i) => `N${i}`), C]);
  const stride = perDimension('stride', options.stride ?? 1, dims);
  const flipped = tf.reverse(w, [...kernel.keys()]);
  const weights = tf.transpose(tf.reshape(flipped, [sizeOf(kernel) * D, C])); // [C, k…·D]
  const lengths = x.shape.slice(1, -1);
  let y = affine(x, weights); // [B, N…, k…·D]
  let before = x.shape[0];
  kernel.forEach((size, i) => {
    const between = sizeOf(lengths.slice(i + 1));
    const crop = cropOf(lengths[i], size, stride[i], options.padding ?? 'SAME');
    const rest = sizeOf(kernel.slice(i + 1)) * D;
    y = overlapAdd(tf.reshape(y, [before, lengths[i], between, size, rest]), stride[i], crop);
    lengths[i] = crop.length;
    before *= crop.length;
  });
  return tf.reshape(y, [x.shape[0], ...lengths, D]);
};

const source = 'dm-haiku `hk.Conv1DTranspose`, `hk.Conv2DTranspose`, `hk.Conv3DTranspose`';

export const convTransposeConfig = config(
  'convTranspose',
  'Transposed convolution of sequences, images or volumes.',
  {
    outputChannels: required(count, { doc: 'Number of output channels.', source }),
    kernelShape: required(perDimensionCodec, { doc: 'Size of the kernel, in each dimension.', source }),
    stride: withDefault(perDimensionCodec, 1, {
      doc: 'Factor by which the output is larger, in each dimension.',
      source,
    }),
    padding: withDefault(paddingCodec, 'SAME', {
      doc: 'SAME: exactly stride times larger. VALID: the whole overlap of the kernels.',
      source,
    }),
    withBias: withDefault(flag, true, { doc: 'True to add a bias.', source }),
  },
);
export type ConvTransposeLayerOptions = OptionsFor<typeof convTransposeConfig> & WeightInitializers;

const transposedLayer = (dims: number, defaultName: string) => (given: ConvTransposeLayerOptions) => {
  const { name = defaultName, wInit, bInit = zeros, ...options } = convTransposeConfig.given(given);
  const config = convTransposeConfig.make(options);
  const { outputChannels, withBias } = config;
  const kernel = perDimension('kernelShape', config.kernelShape, dims);
  return module(
    name,
    (s) => (input: tf.Tensor) =>
      batched(input, dims, (x) => {
        const { C } = expectShape('x', x.shape, axesOfInput(dims));
        const stddev = 1 / Math.sqrt(sizeOf(kernel) * C);
        const w = s.param('w', [...kernel, outputChannels, C], wInit ?? truncatedNormal({ stddev }));
        const y = convTranspose(x, w, config);
        return withBias ? tf.add(y, s.param('b', [outputChannels], bInit)) : y;
      }),
    { kind: 'convolution', config },
  );
};

/**
 * [B, W, C] to [B, W·stride, outputChannels]. Leaves `w` [k, outputChannels, C], `b` [outputChannels].
 * @throws ShapeError for an input of another rank, or parameters of another shape
 * Source: dm-haiku `hk.Conv1DTranspose`.
 */
export const conv1dTranspose = transposedLayer(1, 'conv1_d_transpose');

/**
 * [B, H, W, C] to [B, H·stride, W·stride, outputChannels]. Leaves `w` [kh, kw, outputChannels, C], `b`
 * [outputChannels].
 * @throws ShapeError for an input of another rank, or parameters of another shape
 * Source: dm-haiku `hk.Conv2DTranspose`.
 */
export const conv2dTranspose = transposedLayer(2, 'conv2_d_transpose');

/**
 * [B, T, H, W, C] to [B, T·stride, H·stride, W·stride, outputChannels]. Leaves `w` [kt, kh, kw, outputChannels, C],
 * `b` [outputChannels].
 * @throws ShapeError for an input of another rank, or parameters of another shape
 * Source: dm-haiku `hk.Conv3DTranspose`.
 */
export const conv3dTranspose = transposedLayer(3, 'conv3_d_transpose');
