/**
 * Adam's rescaling of gradients for the wasm backend, in one pass over memory.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type AdamAttributes, type AdamInputs, adamOperation } from '../operations/adam.js';
import { allocate } from './heap.js';
import { addressesOf, isFull, type Own, registerOwnOperation, wakeFor } from './own.js';

const step = ({ native, backend }: Own, inputs: AdamInputs, attrs: AdamAttributes): tf.Tensor[] => {
  const { grads, mu, nu, muShare, nuShare } = inputs;
  const { b1, b2, eps, epsRoot } = attrs;
  const [updates, newMu, newNu] = [grads, mu, nu].map(({ shape }) => allocate(backend, shape));
  wakeFor(native, grads.size);
  native.exports.adam(
    ...addressesOf(backend, [grads, mu, nu, newMu, newNu, updates, muShare, nuShare]),
    ...[grads.size, b1, 1 - b1, b2, 1 - b2, eps, epsRoot],
  );
  return [updates, newMu, newNu];
};

export const registerAdam = (): void =>
  registerOwnOperation(adamOperation, (inputs, attrs, own) => {
    const { grads, mu, nu, muShare, nuShare } = inputs;
    const isOurs = isFull(grads, mu, nu, muShare, nuShare) && grads.size % 4 === 0;
    return isOurs ? step(own, inputs, attrs) : undefined;
  });
