/**
 * What softmax's input gets of its output's cotangent, as one operation: y · (dy − Σ dy·y) over the last axis.
 */
import * as tf from '@tensorflow/tfjs-core';
import { operation } from './operation.js';
import { isRecording } from './tape.js';

export interface SoftmaxGradientInputs {
  /** Softmax's output. */
  readonly y: tf.Tensor;
  readonly dy: tf.Tensor;
}

/** The name of the kernel. */
export const softmaxGradientKernel = 'RengaSoftmaxGradient';

export const composedSoftmaxGradient = ({ y, dy }: SoftmaxGradientInputs): tf.Tensor => {
  const weighted = tf.mul(dy, y);
  return tf.sub(weighted, tf.mul(tf.sum(weighted, -1, true), y));
};

const kernel = operation<SoftmaxGradientInputs, object>({
  name: softmaxGradientKernel,
  shape: ({ y }) => ({ shape: y.shape, dtype: y.dtype }),
  compose: composedSoftmaxGradient,
});

/** [..., C], [..., C] to [..., C]. */
export const softmaxGradient = (inputs: SoftmaxGradientInputs): tf.Tensor =>
  isRecording() ? composedSoftmaxGradient(inputs) : kernel(inputs, {});
