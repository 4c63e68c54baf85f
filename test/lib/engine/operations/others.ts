/** Layers as compositions of operations, and the operations that layers hardly ever use. */
import * as tf from '@tensorflow/tfjs-core';
import { floats, given, ints, smooth, stepwise, type Case } from './case.js';

type T = tf.Tensor;
type T4 = tf.Tensor4D;

const image = floats([2, 3, 4, 2]);

const layerNorm = (x: T, scale: T, offset: T): T => {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), scale), offset);
};

const attend = (q: T, k: T, v: T): T => {
  const logits = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(2));
  const mask = tf.tensor([1, 1, 0, 1], [4], 'bool');
  return tf.matMul(tf.softmax(tf.where(mask, logits, tf.scalar(-1e30))), v);
};

const layers: readonly Case[] = [
  smooth('layer norm', [floats([2, 4]), floats([4], 0.5, 2), floats([4])], layerNorm),
  smooth('masked attention', [floats([2, 3, 2]), floats([2, 4, 2]), floats([2, 4, 3])], attend),
  smooth(
    'batch normalisation',
    [image, floats([2]), floats([2], 0.5, 2), floats([2]), floats([2])],
    (x: T, m: T, v: T, o: T, s: T) =>
      tf.batchNorm(x as T4, m as tf.Tensor1D, v as tf.Tensor1D, o as tf.Tensor1D, s as tf.Tensor1D, 1e-3),
  ),
  smooth(
    'batch normalisation without scale and offset',
    [image, floats([2]), floats([2], 0.5, 2)],
    (x: T, m: T, v: T) => tf.batchNorm(x as T4, m as tf.Tensor1D, v as tf.Tensor1D),
  ),
  smooth('cross entropy', [floats([2, 3])], (logits: T) =>
    tf.losses.softmaxCrossEntropy(
      tf.tensor2d([
        [0, 1, 0],
        [1, 0, 0],
      ]),
      logits,
    ),
  ),
];

const images: readonly Case[] = [
  smooth('resizeBilinear', [image], (x: T4) => tf.image.resizeBilinear(x, [5, 3])),
  ...(
    [
      [3, 2],
      [1, 1],
      [7, 9],
      [8, 10],
    ] as const
  ).map(([height, width]) =>
    smooth(`resizeNearestNeighbor to ${height} x ${width}, half pixels`, [image], (x: T4) =>
      tf.image.resizeNearestNeighbor(x, [height, width], false, true),
    ),
  ),
  smooth('resizeNearestNeighbor', [image], (x: T4) => tf.image.resizeNearestNeighbor(x, [6, 4])),
  stepwise(
    'cropAndResize',
    [image, given([1, 4], [0, 0, 1, 1]), ints([1], [1])],
    (x: T4, b: tf.Tensor2D, i: tf.Tensor1D) => tf.image.cropAndResize(x, b, i, [2, 2]),
  ),
  stepwise('flipLeftRight', [image], (x: T4) => tf.image.flipLeftRight(x)),
  stepwise('rotateWithOffset', [image], (x: T4) => tf.image.rotateWithOffset(x, 0.3)),
  stepwise('transform', [image, given([1, 8], [1, 0, 1, 0, 1, 0, 0, 0])], (x: T4, m: tf.Tensor2D) =>
    tf.image.transform(x, m, 'nearest', 'constant', 0, [4, 5]),
  ),
  smooth('localResponseNormalization', [image], (x: T4) => tf.localResponseNormalization(x, 1)),
];

const rare: readonly Case[] = [
  stepwise(
    'fused depthwise convolution',
    [image, floats([2, 2, 2, 1]), floats([2])],
    (x: T4, filter: T4, bias: T) =>
      tf.fused.depthwiseConv2d({
        x,
        filter,
        bias: bias as tf.Tensor1D,
        strides: 1,
        pad: 'same',
        activation: 'relu',
      }),
  ),
  stepwise('maxPoolWithArgmax', [image], (x: T4) => {
    const { result, indexes } = tf.maxPoolWithArgmax(x, 2, 1, 'same');
    return [result, indexes];
  }),
  stepwise('bincount', [ints([4], [0, 2, 2, 1]), given([4], [1, 2, 3, 4])], (x: T, w: T) =>
    tf.bincount(x as tf.Tensor1D, w as tf.Tensor1D, 3),
  ),
  stepwise('denseBincount', [ints([2, 2], [0, 2, 2, 1]), given([2, 2], [1, 2, 3, 4])], (x: T, w: T) =>
    tf.denseBincount(x as tf.Tensor2D, w as tf.Tensor2D, 3),
  ),
  stepwise('searchSorted', [given([1, 4], [1, 2, 3, 4]), given([1, 2], [2.5, 0])], (x: T, v: T) =>
    tf.searchSorted(x, v),
  ),
  stepwise('multinomial', [floats([2, 4])], (x: T) =>
    tf.cast(tf.greaterEqual(tf.multinomial(x as tf.Tensor2D, 3, 1), 0), 'int32'),
  ),
  stepwise('sparseToDense', [ints([2], [1, 3]), given([2], [5, 6])], (i: T, v: T) =>
    tf.sparseToDense(i, v, [5]),
  ),
  stepwise('broadcastArgs', [ints([1], [3]), ints([2], [2, 1])], (a: T, b: T) => tf.broadcastArgs(a, b)),
  stepwise('complex numbers', [floats([3]), floats([3])], (a: T, b: T) => {
    const z = tf.complex(a, b);
    return [tf.real(z), tf.imag(z), tf.abs(z)];
  }),
];

export const otherCases: readonly Case[] = [...layers, ...images, ...rare];
