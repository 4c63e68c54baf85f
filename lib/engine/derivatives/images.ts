/**
 * Derivatives of normalisation and of resizing images.
 */
import * as tf from '@tensorflow/tfjs-core';
import { rule, sumTo, type Cotangents } from './rule.js';

type T = tf.Tensor;

const run = (kernelName: string, inputs: tf.NamedTensorMap, attrs: object): T =>
  tf.engine().runKernel(kernelName, inputs, attrs as tf.NamedAttrMap);

/** Cotangents of (x − mean) · scale / √(variance + ε) + offset */
const batchNormBack = (
  dy: T,
  [x, mean, variance, scale]: readonly [T, T, T, T?],
  epsilon: number,
): Cotangents => {
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const factor = scale ? tf.mul(inverse, scale) : inverse;
  const centred = tf.sub(x, mean);
  return {
    x: () => tf.mul(dy, factor),
    mean: () => sumTo(tf.neg(tf.mul(dy, factor)), mean.shape),
    variance: () => {
      const slope = tf.mul(-0.5, tf.mul(factor, tf.square(inverse)));
      return sumTo(tf.mul(tf.mul(dy, centred), slope), variance.shape);
    },
    scale: () => sumTo(tf.mul(tf.mul(dy, centred), inverse), mean.shape),
    offset: () => sumTo(dy, mean.shape),
  };
};

/** The matrix by which resizing mixes the n pixels of one axis into `size` ones: [size, n]. */
const mixing = (kernelName: string, n: number, size: number, attrs: tf.ResizeBilinearAttrs): T => {
  const images = tf.reshape(tf.eye(n), [1, n, n, 1]);
  return tf.reshape(run(kernelName, { images }, { ...attrs, size: [size, n] }), [size, n]);
};

/** Resizing is a linear map along each axis, so its derivative is the transposed maps. */
const resizing = (kernelName: string): tf.GradConfig =>
  rule<tf.ResizeBilinearAttrs>(kernelName, { inputs: ['images'] }, (dy, [images], attrs) => ({
    images: () => {
      const [, height, width] = images.shape;
      const rows = mixing(kernelName, height, attrs.size[0], attrs);
      const columns = mixing(kernelName, width, attrs.size[1], attrs);
      return tf.einsum('bpwc,ph->bhwc', tf.einsum('bpqc,qw->bpwc', dy, columns), rows);
    },
  }));

export const images: readonly tf.GradConfig[] = [
  rule<tf.FusedBatchNormAttrs>(
    tf.FusedBatchNorm,
    { inputs: ['x', 'mean', 'variance', 'scale'] },
    (dy, kept, { varianceEpsilon }) => batchNormBack(dy, kept as [T, T, T, T?], varianceEpsilon),
  ),
  rule<object>(tf.LRN, { inputs: ['x'], output: true }, (dy, [x, y], attrs) => ({
    x: () => run(tf.LRNGrad, { x, y, dy }, attrs),
  })),
  resizing(tf.ResizeBilinear),
  resizing(tf.ResizeNearestNeighbor),
];
