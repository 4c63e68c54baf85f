/**
 * Identity for the wasm backend: another tensor of the same elements. The stock kernel copies them, and recording for a
 * gradient clones whatever a derivative needs.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type BackendWasm, reshaped } from './heap.js';
import { replace } from './register.js';

export const registerIdentity = (): void =>
  replace<{ x: tf.Tensor }, object, BackendWasm>('wasm', tf.Identity, ({ x }, attrs, backend, stock) =>
    // Strings are not on the heap.
    x.dtype === 'string' ? stock({ x }, attrs) : reshaped(backend, x, x.shape),
  );
