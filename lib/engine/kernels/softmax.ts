/**
 * Softmax over the last axis for the wasm backend, and its gradient.
 */
import * as tf from '@tensorflow/tfjs-core';
import { nativeOf } from '../wasm/native.js';
import { registerOperation } from '../operations/operation.js';
import {
  composedSoftmaxGradient,
  softmaxGradientKernel,
  type SoftmaxGradientInputs,
} from '../operations/softmaxGradient.js';
import { allocate, type BackendWasm } from './heap.js';
import { addressesOf, isFull, type Own, registerOwn, wakeFor } from './own.js';

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
  registerOperation<SoftmaxGradientInputs, object, BackendWasm>(
    'wasm',
    softmaxGradientKernel,
    (inputs, _attrs, backend) => {
      const native = nativeOf(backend);
      const { y, dy } = inputs;
      return native && isFull(y, dy) ? compute({ native, backend }, y, dy) : composedSoftmaxGradient(inputs);
    },
  );
};
