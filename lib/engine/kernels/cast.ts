/**
 * Cast to booleans for the wasm backend: its own keeps the numbers' low bytes.
 */
import * as tf from '@tensorflow/tfjs-core';
import { register } from './register.js';

export const registerCast = (): void => {
  const stock = tf.getKernel(tf.Cast, 'wasm');
  register<{ x: tf.Tensor }, tf.CastAttrs>('wasm', tf.Cast, ({ x }, { dtype }, backend) => {
    if (dtype === 'bool' && x.dtype !== 'bool') return tf.notEqual(x, tf.scalar(0, x.dtype));
    const info = stock.kernelFunc({ inputs: { x }, attrs: { dtype }, backend }) as tf.TensorInfo;
    return tf.engine().makeTensorFromTensorInfo(info, backend);
  });
};
