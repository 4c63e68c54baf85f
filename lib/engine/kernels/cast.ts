/**
 * Cast to booleans for the wasm backend: its own keeps the numbers' low bytes.
 */
import * as tf from '@tensorflow/tfjs-core';
import { replace } from './register.js';

export const registerCast = (): void =>
  replace<{ x: tf.Tensor }, tf.CastAttrs>('wasm', tf.Cast, ({ x }, { dtype }, _backend, stock) =>
    dtype === 'bool' && x.dtype !== 'bool' ? tf.notEqual(x, tf.scalar(0, x.dtype)) : stock({ x }, { dtype }),
  );
