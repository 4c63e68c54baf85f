/**
 * A long array made some rows at a time: each part is put in its place and freed, so that the whole is held once.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Span } from '../../data/spans.js';
import { allocate, views } from '../kernels/heap.js';
import { isRecording } from './tape.js';

/** Copies a part [B, rows, C] to its place in the whole [B, N, C], both on the heap. */
const copy = (backend: BackendWasm, part: tf.Tensor, whole: tf.Tensor, [start]: Span): void => {
  const [batch, rows, channels] = part.shape as [number, number, number];
  const [from, to] = views(backend, [part, whole]);
  for (let b = 0; b < batch; b += 1) {
    const values = from.subarray(b * rows * channels, (b + 1) * rows * channels);
    to.set(values, (b * (whole.shape[1] as number) + start) * channels);
  }
};

/**
 * [B, N, C] of parts [B, rows, C], made one after the other.
 * @param spans what follows one another and makes up N; at least one
 * @param make float32
 */
export const ofParts = (
  spans: readonly Span[],
  make: (span: Span, index: number) => tf.Tensor,
): tf.Tensor => {
  if (isRecording() || tf.getBackend() !== 'wasm') return tf.concat(spans.map(make), 1);
  const backend = tf.backend() as BackendWasm;
  let whole: tf.Tensor | undefined;
  for (const [index, span] of spans.entries()) {
    const part = tf.tidy(() => make(span, index));
    const [batch, , channels] = part.shape as [number, number, number];
    const [start, rows] = spans[spans.length - 1];
    whole ??= allocate(backend, [batch, start + rows, channels]);
    copy(backend, part, whole, span);
    part.dispose();
  }
  return whole as tf.Tensor;
};
