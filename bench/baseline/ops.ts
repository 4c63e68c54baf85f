/**
 * Frozen: the programs' operations on stock tfjs.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Ops } from '../ops.js';
import { attend } from './attend.js';
import { affine, broadcast, fourier, gelu, geluExact, layerNorm, lookUp } from './primitives.js';

/** @param param  where trained arrays come from */
export const baselineOps = (param: Ops<tf.Tensor>['param']): Ops<tf.Tensor> => ({
  param,
  scope: (work) => tf.tidy(work),
  shapeOf: (x) => x.shape,
  reshape: (x, shape) => tf.reshape(x, [...shape]),
  transpose: (x, permutation) => tf.transpose(x, [...permutation]),
  concat: (xs, axis) => tf.concat([...xs], axis),
  slice: (x, axis, start, size) => {
    const begin = x.shape.map((_, i) => (i === axis ? start : 0));
    return tf.slice(
      x,
      begin,
      x.shape.map((whole, i) => (i === axis ? size : whole)),
    );
  },
  pad: (x, each) =>
    tf.pad(
      x,
      each.map((n): [number, number] => [n, n]),
    ),
  broadcast,
  add: (a, b) => tf.add(a, b),
  sub: (a, b) => tf.sub(a, b),
  mul: (a, b) => tf.mul(a, b),
  scale: (x, by) => tf.mul(x, by),
  exp: (x) => tf.exp(x),
  erf: (x) => tf.erf(x),
  relu: (x) => tf.relu(x),
  rsqrt: (x, epsilon) => tf.rsqrt(tf.add(x, epsilon)),
  gelu,
  geluExact,
  mean: (x) => tf.mean(x, x.shape.map((_, axis) => axis).slice(0, -1), true),
  softmax: (x) => tf.softmax(x),
  layerNorm,
  matMul: (a, b, transposeA = false, transposeB = false) => tf.matMul(a, b, transposeA, transposeB),
  affine,
  attend,
  lookUp,
  conv2d: (x, w, stride) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, 'same'),
  maxPool: (x, stride) => tf.maxPool(x as tf.Tensor4D, 3, stride, 'same'),
  fourier,
});
