/**
 * The cotangent of softmax's input from that of its output, as one operation: y · (dy − Σ dy·y) over the last axis.
 */
import * as tf from '@tensorflow/tfjs-core';
import { operation } from './operation.js';
import { isRecording } from './tape.js';

interface SoftmaxGradientInputs {
  /** Softmax's output. */
  readonly y: tf.Tensor;
  readonly dy: tf.Tensor;
}

const composed = ({ y, dy }: SoftmaxGradientInputs): tf.Tensor => {
  const weighted = tf.mul(dy, y);
  return tf.sub(weighted, tf.mul(tf.sum(weighted, -1, true), y));
};

/** The same, always as one operation. */
export const softmaxGradientOperation = operation<SoftmaxGradientInputs, object>({
  name: 'RengaSoftmaxGradient',
  shape: ({ y }) => ({ shape: y.shape, dtype: y.dtype }),
  compose: composed,
});

/** [..., C], [..., C] to [..., C]. */
export const softmaxGradient = (inputs: SoftmaxGradientInputs): tf.Tensor =>
  isRecording() ? composed(inputs) : softmaxGradientOperation(inputs, {});
