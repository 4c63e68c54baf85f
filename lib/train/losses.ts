/**
 * Losses. Each gives a loss for each example (or element), as optax does; `weighted` makes a sum and a weight of them,
 * which is what a training step asks for: sums of micro-batches can be added, and are divided once. Logits and targets
 * are tensors of one batch.
 */
import * as tf from '@tensorflow/tfjs-core';
import { unrecorded } from '../engine/index.js';

/** A sum over examples and its divisor, the weight; both are scalars. */
export interface Total {
  readonly sum: tf.Tensor;
  readonly weight: tf.Tensor;
}

/**
 * The weighted sum of some losses, and the sum of the weights.
 * @param losses   any shape
 * @param weights  of that shape, or of its first axes: 0 for examples that only fill a batch; all 1 if not given
 * @example weighted(softmaxCrossEntropyWithIntegerLabels(logits, labels), batch.weights)
 */
export const weighted = (losses: tf.Tensor, weights?: tf.Tensor): Total => {
  if (!weights) return { sum: tf.sum(losses), weight: tf.scalar(losses.size) };
  if (losses.shape.slice(0, weights.rank).some((n, axis) => n !== weights.shape[axis])) {
    throw new RangeError(
      `weighted: weights [${weights.shape.join(', ')}] are not of the first axes of losses [${losses.shape.join(', ')}]`,
    );
  }
  const inner = losses.size / weights.size;
  const each = tf.reshape(losses, [weights.size, inner]);
  const column = tf.reshape(tf.cast(weights, 'float32'), [weights.size, 1]);
  return { sum: tf.sum(tf.mul(each, column)), weight: tf.mul(tf.sum(column), inner) };
};

const logSoftmax = (logits: tf.Tensor): tf.Tensor => {
  // Whatever is subtracted from all logits changes nothing: no gradient goes through it.
  const shifted = tf.sub(
    logits,
    unrecorded(() => tf.max(logits, -1, true)),
  );
  return tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), -1, true)));
};

/**
 * Cross-entropy with distributions over classes.
 * @param logits  [..., C]
 * @param labels  [..., C], each row a distribution: one-hot, smoothed or mixed
 * @returns       [...]
 * Source: optax `softmax_cross_entropy`.
 */
export const softmaxCrossEntropy = (logits: tf.Tensor, labels: tf.Tensor): tf.Tensor =>
  tf.neg(tf.sum(tf.mul(labels, logSoftmax(logits)), -1));

/**
 * Cross-entropy with classes by their number.
 * @param logits  [..., C]
 * @param labels  [...] int32 in [0, C)
 * @returns       [...]
 * Source: optax `softmax_cross_entropy_with_integer_labels`.
 */
export const softmaxCrossEntropyWithIntegerLabels = (logits: tf.Tensor, labels: tf.Tensor): tf.Tensor =>
  softmaxCrossEntropy(logits, oneHot(labels, logits.shape[logits.rank - 1]));

/** Classes as distributions: [...] int32 to [..., numClasses] float32. */
export const oneHot = (labels: tf.Tensor, numClasses: number): tf.Tensor =>
  tf.reshape(
    tf.cast(
      tf.oneHot(tf.cast(tf.reshape(labels, [labels.size]), 'int32') as tf.Tensor1D, numClasses),
      'float32',
    ),
    [...labels.shape, numClasses],
  );

/** Distributions [..., C] moved a share `alpha` of the way to the even one. Source: optax `smooth_labels`. */
export const smoothLabels = (labels: tf.Tensor, alpha: number): tf.Tensor =>
  tf.add(tf.mul(1 - alpha, labels), alpha / labels.shape[labels.rank - 1]);

/** log(1 + eˣ), exact for large x of both signs. */
const softplus = (x: tf.Tensor): tf.Tensor => tf.add(tf.relu(x), tf.log1p(tf.exp(tf.neg(tf.abs(x)))));

/**
 * Cross-entropy of independent yes-or-no answers, element by element.
 * @param logits  any shape
 * @param labels  that shape, in [0, 1]
 * Source: optax `sigmoid_binary_cross_entropy`.
 */
export const sigmoidBinaryCrossEntropy = (logits: tf.Tensor, labels: tf.Tensor): tf.Tensor =>
  tf.add(tf.mul(labels, softplus(tf.neg(logits))), tf.mul(tf.sub(1, labels), softplus(logits)));

/** |prediction − target|, element by element. */
export const l1Loss = (predictions: tf.Tensor, targets: tf.Tensor): tf.Tensor =>
  tf.abs(tf.sub(predictions, targets));

/** Half the squared error, element by element. Source: optax `l2_loss`. */
export const l2Loss = (predictions: tf.Tensor, targets: tf.Tensor): tf.Tensor =>
  tf.mul(0.5, tf.square(tf.sub(predictions, targets)));

/** Half the squared error up to an error of `delta`, and a straight line beyond. Source: optax `huber_loss`. */
export const huberLoss = (predictions: tf.Tensor, targets: tf.Tensor, delta = 1): tf.Tensor => {
  const error = l1Loss(predictions, targets);
  const near = tf.minimum(error, delta);
  return tf.add(tf.mul(0.5, tf.square(near)), tf.mul(delta, tf.sub(error, near)));
};

/**
 * The loss of masked language modelling: cross-entropy at the places that were masked, and there alone.
 * @param logits   [B, T, V]
 * @param targets  [B, T] int32, the tokens before masking
 * @param isMasked [B, T], 1 at the places to be predicted
 */
export const maskedLanguageLoss = (logits: tf.Tensor, targets: tf.Tensor, isMasked: tf.Tensor): Total =>
  weighted(softmaxCrossEntropyWithIntegerLabels(logits, targets), isMasked);

/**
 * The distance between flows, at each pixel.
 * @param flow    [..., 2]
 * @param target  [..., 2]
 * @returns       [...], in the units of the flows
 */
export const endPointError = (flow: tf.Tensor, target: tf.Tensor): tf.Tensor => {
  const squared = tf.sum(tf.square(tf.sub(flow, target)), -1);
  // The root's slope is infinite at 0; where flows agree, the gradient is 0.
  const isSame = tf.equal(squared, 0);
  const root = tf.sqrt(tf.where(isSame, tf.onesLike(squared), squared));
  return tf.where(isSame, tf.zerosLike(squared), root);
};
