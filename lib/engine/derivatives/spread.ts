/** Spreading a tensor out with zeros between its elements: what a stride or a dilation leaves out. */
import * as tf from '@tensorflow/tfjs-core';

/** [n] -> [(n − 1)·step + 1] along one axis */
const spreadAlong = (x: tf.Tensor, axis: number, step: number): tf.Tensor => {
  if (step === 1) return x;
  const n = x.shape[axis];
  const columns = tf.expandDims(x, axis + 1);
  const zeros = columns.shape.map((_, i): [number, number] => [0, i === axis + 1 ? step - 1 : 0]);
  const row = tf.reshape(tf.pad(columns, zeros), x.shape.with(axis, n * step));
  return tf.slice(
    row,
    row.shape.map(() => 0),
    row.shape.with(axis, (n - 1) * step + 1),
  );
};

/**
 * @param x     [n₀, n₁, …]
 * @param steps one for each axis, at least 1
 * @returns     [(n₀ − 1)·steps₀ + 1, …], x at the multiples of the steps and zeros elsewhere
 */
export const spread = (x: tf.Tensor, steps: readonly number[]): tf.Tensor =>
  steps.reduce((wide, step, axis) => spreadAlong(wide, axis, step), x);
