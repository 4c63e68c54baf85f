/**
 * UnsortedSegmentSum, the derivative of gather and so of embeddings; the wasm backend has none.
 */
import * as tf from '@tensorflow/tfjs-core';
import { allocate, views, type BackendWasm } from './heap.js';
import { register } from './register.js';

/**
 * Adds each row to the sum of its segment; rows of a segment that does not exist are left out.
 *
 * @param rows        [N, rowSize]
 * @param segmentIds  [N]
 * @param sums        [segments, rowSize], overwritten
 */
export const sumSegments = (
  rows: ArrayLike<number>,
  segmentIds: ArrayLike<number>,
  rowSize: number,
  sums: Float32Array,
): void => {
  sums.fill(0);
  for (let row = 0; row < segmentIds.length; row += 1) {
    const to = segmentIds[row] * rowSize;
    if (to < 0 || to >= sums.length) continue;
    for (let i = 0; i < rowSize; i += 1) sums[to + i] += rows[row * rowSize + i];
  }
};

export const registerSegments = (): void =>
  register<{ x: tf.Tensor; segmentIds: tf.Tensor }, tf.UnsortedSegmentSumAttrs, BackendWasm>(
    'wasm',
    tf.UnsortedSegmentSum,
    ({ x, segmentIds }, { numSegments }, backend) => {
      const rowShape = x.shape.slice(segmentIds.rank);
      const out = allocate(backend, [numSegments, ...rowShape]);
      const float = tf.cast(x, 'float32');
      const [rows, ids, sums] = views(backend, [float, segmentIds, out]);
      sumSegments(rows, ids, tf.util.sizeFromShape(rowShape), sums);
      return tf.cast(out, x.dtype);
    },
  );
