/**
 * Padding of the wasm backend's 2-D convolutions. XNNPACK's own reading of SAME refuses strides that skip pixels,
 * and tfjs hands the untouched memory on; a window that does not fit at all writes outside of its tensor. So the
 * stock kernels are only ever told how many zeros go where.
 */
import * as tf from '@tensorflow/tfjs-core';
import { explicitPadding } from '../shapes/windows.js';
import { register } from './register.js';

const registerExplicit = (kernelName: string, isDepthwise: boolean): void => {
  const stock = tf.getKernel(kernelName, 'wasm');
  register<Record<'x' | 'filter', tf.Tensor>, tf.Conv2DAttrs>(
    'wasm',
    kernelName,
    (inputs, attrs, backend) => {
      const pad = explicitPadding(inputs, attrs, isDepthwise);
      const info = stock.kernelFunc({ inputs, attrs: { ...attrs, pad }, backend }) as tf.TensorInfo;
      return tf.engine().makeTensorFromTensorInfo(info, backend);
    },
    stock.setupFunc,
  );
};

export const registerPadding = (): void => {
  registerExplicit(tf.Conv2D, false);
  registerExplicit(tf.FusedConv2D, false);
  registerExplicit(tf.DepthwiseConv2dNative, true);
  registerExplicit(tf.FusedDepthwiseConv2D, true);
};
