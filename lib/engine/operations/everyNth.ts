/**
 * Every n-th element along an axis, composed of slices.
 */
import * as tf from '@tensorflow/tfjs-core';

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1);

/**
 * Every `stride`-th element along an axis, `count` of them from `start`. Unlike a strided slice it has a gradient.
 * @param x [..., length, ...]
 * @returns [..., count, ...]
 */
export const everyNth = (x: tf.Tensor, axis: number, stride: number, count: number, start = 0): tf.Tensor => {
  const before = x.shape.slice(0, axis);
  const after = x.shape.slice(axis + 1);
  const [outer, length, inner] = [sizeOf(before), x.shape[axis], sizeOf(after)];
  // Slices of at most three axes: the wasm backend takes its time over more.
  const size = Math.min(count * stride, length - start);
  const taken = tf.slice(tf.reshape(x, [outer, length, inner]), [0, start, 0], [outer, size, inner]);
  if (stride === 1) return tf.reshape(taken, [...before, count, ...after]);
  const missing = count * stride - size;
  const whole = missing
    ? tf.pad(taken, [
        [0, 0],
        [0, missing],
        [0, 0],
      ])
    : taken;
  const groups = tf.reshape(whole, [outer * count, stride, inner]);
  const firsts = tf.slice(groups, [0, 0, 0], [outer * count, 1, inner]);
  return tf.reshape(firsts, [...before, count, ...after]);
};
