/**
 * Padding of the wasm backend's 2-D convolutions. XNNPACK's own reading of SAME refuses strides that skip pixels,
 * and tfjs hands the untouched memory on; a window that does not fit at all writes outside of its tensor. So the
 * stock kernels are only ever told how many zeros go where. Large 2-D convolutions are our own.
 */
import * as tf from '@tensorflow/tfjs-core';
import { explicitPadding } from '../shapes/windows.js';
import { convolution } from './convolutions.js';
import type { BackendWasm } from './heap.js';
import { computeOwn, type OwnCompute } from './own.js';
import { replace } from './register.js';

type Inputs = Record<'x' | 'filter', tf.Tensor>;

const registerExplicit = (
  kernelName: string,
  isDepthwise: boolean,
  compute: OwnCompute<Inputs, tf.Conv2DAttrs> = () => undefined,
): void =>
  replace<Inputs, tf.Conv2DAttrs, BackendWasm>(
    'wasm',
    kernelName,
    (inputs, attrs, backend, stock) =>
      computeOwn(backend, (own) => compute(inputs, attrs, own)) ??
      stock(inputs, { ...attrs, pad: explicitPadding(inputs, attrs, isDepthwise) }),
  );

export const registerPadding = (): void => {
  registerExplicit(tf.Conv2D, false, convolution);
  registerExplicit(tf.FusedConv2D, false);
  registerExplicit(tf.DepthwiseConv2dNative, true);
  registerExplicit(tf.FusedDepthwiseConv2D, true);
};
