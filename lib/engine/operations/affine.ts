/**
 * The product with a matrix, a bias and a residual on its way out, as one operation.
 */
import * as tf from '@tensorflow/tfjs-core';
import { operation } from './operation.js';

interface AffineInputs {
  readonly x: tf.Tensor; // [N, C]
  readonly w: tf.Tensor; // [C, D], or [D, C] transposed
  readonly bias: tf.Tensor | undefined; // [D]
  /** Added to the result, [N, D]. */
  readonly residual: tf.Tensor | undefined;
}

interface AffineAttributes {
  /** True for w [D, C]. */
  readonly transposed: boolean;
}

/** x·w + bias + residual, of tfjs operations. */
const composed = ({ x, w, bias, residual }: AffineInputs, { transposed }: AffineAttributes): tf.Tensor => {
  const product = tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D, false, transposed);
  const shifted = bias ? tf.add(product, bias) : product;
  return residual ? tf.add(shifted, residual) : shifted;
};

/** x·w + bias + residual: [N, D]. */
export const affine = operation<AffineInputs, AffineAttributes>({
  name: 'RengaAffine',
  shape: ({ x, w }, { transposed }) => ({
    shape: [x.shape[0], w.shape[transposed ? 0 : 1] as number],
    dtype: 'float32',
  }),
  compose: composed,
  derivative: (dy, { x, w }, { transposed }) => ({
    x: () => tf.matMul(dy, w, false, !transposed),
    w: () => (transposed ? tf.matMul(dy, x, true) : tf.matMul(x, dy, true)),
    bias: () => tf.sum(dy, 0),
    residual: () => tf.clone(dy),
  }),
});
