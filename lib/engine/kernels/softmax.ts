/**
 * Softmax over the last axis for the wasm backend, and its gradient.
 */
import * as tf from '@tensorflow/tfjs-core';
import { softmaxGradientOperation } from '../operations/softmaxGradient.js';
import { allocate } from './heap.js';
import { addressesOf, isFull, type Own, registerOwn, registerOwnOperation, wakeFor } from './own.js';

/** Softmax of x, or where dy is given the cotangent of what has x as its softmax. */
const compute = ({ native, backend }: Own, x: tf.Tensor, dy?: tf.Tensor): tf.Tensor => {
  const out = allocate(backend, x.shape);
  const columns = x.shape[x.rank - 1] ?? 1;
  wakeFor(native, x.size);
  native.exports.softmax(...addressesOf(backend, [x, dy, out]), x.size / columns, columns);
  return out;
};

export const registerSoftmax = (): void => {
  registerOwn<{ logits: tf.Tensor }>(tf.Softmax, ({ logits }, _attrs, own) =>
    isFull(logits) ? compute(own, logits) : undefined,
  );
  registerOwnOperation(softmaxGradientOperation, ({ y, dy }, _attrs, own) =>
    isFull(y, dy) ? compute(own, y, dy) : undefined,
  );
};
