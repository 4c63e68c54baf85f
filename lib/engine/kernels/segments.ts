/**
 * UnsortedSegmentSum, the derivative of gather and so of embeddings; the wasm backend has none.
 */
import * as tf from '@tensorflow/tfjs-core';
import { allocate, views, type BackendWasm } from './heap.js';
import { addressesOf, computeOwn, isFull, wakeFor } from './own.js';
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

/** The sums by our kernel where it runs, else by a loop. */
const compute = (backend: BackendWasm, x: tf.Tensor, ids: tf.Tensor, numSegments: number): tf.Tensor => {
  const rowShape = x.shape.slice(ids.rank);
  const out = allocate(backend, [numSegments, ...rowShape]);
  const columns = tf.util.sizeFromShape(rowShape);
  const ours = computeOwn(backend, ({ native }) => {
    if (!isFull(x, out)) return undefined;
    wakeFor(native, x.size);
    native.exports.sumSegments(...addressesOf(backend, [x, ids, out]), ids.size, numSegments, columns);
    return out;
  });
  if (ours) return ours;
  const [rows, segmentIds, sums] = views(backend, [x, ids, out]);
  sumSegments(rows, segmentIds, columns, sums);
  return out;
};

export const registerSegments = (): void =>
  register<{ x: tf.Tensor; segmentIds: tf.Tensor }, tf.UnsortedSegmentSumAttrs, BackendWasm>(
    'wasm',
    tf.UnsortedSegmentSum,
    ({ x, segmentIds }, { numSegments }, backend) => {
      const ids = segmentIds.dtype === 'int32' ? segmentIds : tf.cast(segmentIds, 'int32');
      if (x.dtype === 'float32') return compute(backend, x, ids, numSegments);
      return tf.cast(compute(backend, tf.cast(x, 'float32'), ids, numSegments), x.dtype);
    },
  );
