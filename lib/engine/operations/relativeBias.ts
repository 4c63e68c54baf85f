/**
 * Bias by distance alone: a table of one number for each distance between a query and a key, and the matrix that repeats
 * the table along its diagonals. Rows of R numbers, read as rows of R − 1, begin one place later each.
 *
 * Shapes: T queries, S keys, R = T + S − 1 distances. Entry j − i + T − 1 of a table [..., R] belongs to query i and
 * key j.
 */
import * as tf from '@tensorflow/tfjs-core';

/** A part of the last axis. */
const cutLast = (x: tf.Tensor, start: number, size: number): tf.Tensor => {
  const leading = x.shape.slice(0, -1);
  return tf.slice(x, [...leading.map(() => 0), start], [...leading, size]);
};

/** Zeros before and after the last axis. */
const padLast = (x: tf.Tensor, before: number, after: number): tf.Tensor =>
  tf.pad(x, [...x.shape.slice(1).map((): [number, number] => [0, 0]), [before, after]]);

/** A table [..., T + S − 1] as a matrix [..., T, S]. */
export const alongDiagonals = (table: tf.Tensor, queries: number): tf.Tensor => {
  if (queries === 1) return tf.expandDims(table, -2);
  const [distances, leading] = [table.shape[table.rank - 1], table.shape.slice(0, -1)];
  const rows = tf.tile(tf.expandDims(table, -2), [...leading.map(() => 1), queries, 1]); // [..., T, R]
  const line = tf.reshape(rows, [...leading, queries * distances]);
  const shifted = cutLast(line, queries - 1, queries * (distances - 1));
  return cutLast(tf.reshape(shifted, [...leading, queries, distances - 1]), 0, distances - queries + 1);
};

/** The sums of a matrix [..., T, S] along its diagonals: a table [..., T + S − 1]. */
export const sumDiagonals = (matrix: tf.Tensor): tf.Tensor => {
  const [queries, keys] = matrix.shape.slice(-2);
  const leading = matrix.shape.slice(0, -2);
  if (queries === 1) return tf.reshape(matrix, [...leading, keys]);
  const distances = queries + keys - 1;
  const rows = padLast(matrix, 0, queries - 2); // [..., T, R − 1]
  const line = padLast(tf.reshape(rows, [...leading, queries * (distances - 1)]), queries - 1, 1);
  return tf.sum(tf.reshape(line, [...leading, queries, distances]), -2);
};
