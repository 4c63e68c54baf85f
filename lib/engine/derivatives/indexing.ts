/**
 * Derivatives of gathering and scattering: each is the other's.
 */
import * as tf from '@tensorflow/tfjs-core';
import { rule, ruleOfMany } from './rule.js';

type T = tf.Tensor;

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1);
const range = (start: number, end: number): number[] =>
  Array.from({ length: end - start }, (_, i) => start + i);

/** Indices into all batches at once: those of batch b begin at b · n. */
const acrossBatches = (indices: tf.Tensor, batches: number, n: number): tf.Tensor1D => {
  if (batches === 1) return tf.reshape(indices, [-1]);
  const offsets = tf.range(0, batches * n, n, 'int32');
  return tf.reshape(
    tf.add(tf.reshape(indices, [batches, -1]), tf.expandDims(offsets, 1)),
    [-1],
  ) as tf.Tensor1D;
};

/**
 * Adds every gathered element up where it was taken from.
 *
 * Shapes: B batch, O axes before the gathered one of size n, I indices, R axes after it.
 * @param dy      [...B, ...O, ...I, ...R]
 * @param shape   [...B, ...O, n, ...R]
 * @param indices [...B, ...I]
 */
const ungathered = (dy: T, shape: number[], indices: T, axis: number, batchDims: number): T => {
  const end = axis + indices.rank - batchDims;
  const toFront = [
    ...range(0, batchDims),
    ...range(axis, end),
    ...range(batchDims, axis),
    ...range(end, dy.rank),
  ];
  const rowShape = [...shape.slice(batchDims, axis), ...shape.slice(axis + 1)];
  const [batches, n] = [sizeOf(shape.slice(0, batchDims)), shape[axis]];
  const rows = tf.reshape(tf.transpose(dy, toFront), [indices.size, sizeOf(rowShape)]);
  const sums = tf.unsortedSegmentSum(rows, acrossBatches(indices, batches, n), batches * n);
  // [...B, n, ...O, ...R] -> [...B, ...O, n, ...R]
  const before = [...range(0, batchDims), ...range(batchDims + 1, axis + 1)];
  return tf.transpose(tf.reshape(sums, [...shape.slice(0, batchDims), n, ...rowShape]), [
    ...before,
    batchDims,
    ...range(axis + 1, shape.length),
  ]);
};

/** Rows of dy by segment; rows that belonged to no segment get zeros. */
const bySegment = (dy: T, segmentIds: T, numSegments: number): T => {
  const isInside = tf.logicalAnd(tf.greaterEqual(segmentIds, 0), tf.less(segmentIds, numSegments));
  const rows = tf.gather(dy, tf.where(isInside, segmentIds, tf.zerosLike(segmentIds)));
  const mask = tf.reshape(isInside, [segmentIds.size, ...dy.shape.slice(1).map(() => 1)]);
  return tf.where(mask, rows, tf.zerosLike(rows));
};

export const indexing: readonly tf.GradConfig[] = [
  rule<tf.GatherV2Attrs>(tf.GatherV2, { inputs: ['x', 'indices'] }, (dy, [x, indices], attrs) => ({
    x: () =>
      ungathered(dy, x.shape, indices, tf.util.parseAxisParam(attrs.axis, x.shape)[0], attrs.batchDims ?? 0),
    indices: () => tf.zeros(indices.shape),
  })),
  rule<tf.UnsortedSegmentSumAttrs>(tf.UnsortedSegmentSum, { inputs: ['segmentIds'] }, (dy, [ids], attrs) => ({
    x: () => bySegment(dy, ids, attrs.numSegments),
    segmentIds: () => tf.zeros(ids.shape),
  })),
  rule(tf.GatherNd, { inputs: ['params', 'indices'] }, (dy, [params, indices]) => ({
    params: () => tf.scatterND(indices, dy, params.shape),
    indices: () => tf.zeros(indices.shape),
  })),
  rule(tf.ScatterNd, { inputs: ['indices'] }, (dy, [indices]) => ({
    updates: () => tf.gatherND(dy, indices),
    indices: () => tf.zeros(indices.shape),
  })),
  ruleOfMany<tf.TopKAttrs>(tf.TopK, { inputs: ['x'] }, ([dy], [x], { k }) => ({
    x: () => {
      const places = tf.oneHot(tf.topk(x, k).indices, x.shape[x.rank - 1]);
      return tf.sum(tf.mul(places, tf.expandDims(dy, -1)), -2);
    },
  })),
];
