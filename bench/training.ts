/**
 * A training step on tfjs: the loss, its gradients and the parameters one step of gradient descent further.
 */
import type * as tf from '@tensorflow/tfjs-core';

type Tfjs = typeof tf;

const learningRate = 0.01;

/** Mean cross-entropy of logits [..., V] with labels [N]. */
export const crossEntropy = (tfjs: Tfjs, logits: tf.Tensor, labels: tf.Tensor): tf.Tensor => {
  const classes = logits.shape[logits.rank - 1];
  const likelihoods = tfjs.logSoftmax(tfjs.reshape(logits, [-1, classes]));
  const chosen = tfjs.mul(likelihoods, tfjs.oneHot(labels as tf.Tensor1D, classes));
  return tfjs.neg(tfjs.mean(tfjs.sum(chosen, 1)));
};

/** Each parameter one step further. */
export const descend = (tfjs: Tfjs, params: readonly tf.Tensor[], grads: readonly tf.Tensor[]): tf.Tensor[] =>
  params.map((param, i) => tfjs.sub(param, tfjs.mul(grads[i], learningRate)));
