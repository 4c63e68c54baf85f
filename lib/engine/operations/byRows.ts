/**
 * Long inputs, some rows at a time: a function that takes several passes over each row makes its intermediate arrays for a
 * part of the rows alone.
 */
import * as tf from '@tensorflow/tfjs-core';
import { isWithoutData } from '../shapes/withoutData.js';

/** Numbers worked on at once, at most; 4 M of them are 16 MB. */
const partSize = 2 ** 22;

/**
 * A function of rows, part by part; all at once where a program is written down, so that its operations are the same for
 * every size.
 * @param x [..., C]
 * @param work from rows [N, C], each on its own, to [N, D]
 * @returns [..., D]
 */
export const byRows = (x: tf.Tensor, work: (rows: tf.Tensor) => tf.Tensor): tf.Tensor => {
  if (x.size <= partSize || isWithoutData()) return work(x);
  const channels = x.shape[x.rank - 1];
  const rows = tf.reshape(x, [-1, channels]); // [N, C]
  const step = Math.max(1, Math.floor(partSize / channels));
  const parts: tf.Tensor[] = [];
  for (let start = 0; start < rows.shape[0]; start += step) {
    const size = Math.min(step, rows.shape[0] - start);
    parts.push(tf.tidy(() => work(tf.slice(rows, [start, 0], [size, -1]))));
  }
  const whole = tf.concat(parts, 0); // [N, D]
  return tf.reshape(whole, [...x.shape.slice(0, -1), whole.shape[1] as number]);
};
