/**
 * Losses. Each gives a loss for each example (or element), as optax does; `weighted` makes a sum and a weight of them,
 * which is what a training step asks for: sums of micro-batches can be added, and are divided once. Logits and targets
 * are tensors of one batch. Shapes and dtypes are checked, as in optax; nothing broadcasts.
 */
import * as tf from '@tensorflow/tfjs-core';
import { positive, probability } from '../data/config.js';
import { sameShape, showShape } from '../data/shape.js';
import { unrecorded } from '../engine/index.js';
import { nanOutside } from './outsideClasses.js';
import { expectOptions } from './options.js';

/** A sum over examples and its divisor, the weight; both are scalars. */
export interface Total {
  readonly sum: tf.Tensor;
  readonly weight: tf.Tensor;
}

/** @throws TypeError where what a model gives is not of floats */
const expectFloats = (loss: string, name: string, x: tf.Tensor): void => {
  if (x.dtype !== 'float32') throw new TypeError(`${loss}: ${name} are ${x.dtype}, expected float32`);
};

/** @throws RangeError where two tensors have different shapes */
const expectAlike = (
  loss: string,
  [first, a]: readonly [name: string, x: tf.Tensor],
  [second, b]: readonly [name: string, x: tf.Tensor],
): void => {
  expectFloats(loss, first, a);
  if (sameShape(a.shape, b.shape)) return;
  throw new RangeError(
    `${loss}: ${first} are ${showShape(a.shape)} and ${second} ${showShape(b.shape)}, expected the same shape`,
  );
};

/**
 * The weighted sum of some losses, and the sum of the weights.
 * @param losses   any shape
 * @param weights  of that shape, or of its first axes: 0 for examples that only fill a batch, whose losses must be finite
 *   all the same; all 1 if not given
 * @example weighted(softmaxCrossEntropyWithIntegerLabels(logits, labels), batch.weights)
 */
export const weighted = (losses: tf.Tensor, weights?: tf.Tensor): Total => {
  if (!weights) return { sum: tf.sum(losses), weight: tf.scalar(losses.size) };
  if (!sameShape(losses.shape.slice(0, weights.rank), weights.shape)) {
    throw new RangeError(
      `weighted: weights ${showShape(weights.shape)} are not of the first axes of losses ${showShape(losses.shape)}`,
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
export const softmaxCrossEntropy = (logits: tf.Tensor, labels: tf.Tensor): tf.Tensor => {
  expectAlike('softmaxCrossEntropy', ['logits', logits], ['labels', labels]);
  return tf.neg(tf.sum(tf.mul(labels, logSoftmax(logits)), -1));
};

/** @throws TypeError where labels are not integers */
const expectIntegers = (where: string, labels: tf.Tensor): void => {
  if (labels.dtype === 'int32') return;
  throw new TypeError(`${where}: labels are ${labels.dtype}, expected int32: the numbers of classes, from 0`);
};

/** Rows with a 1 at the label's place; of zeros alone where there is no such place. */
const rows = (labels: tf.Tensor, numClasses: number): tf.Tensor =>
  tf.reshape(tf.cast(tf.oneHot(tf.reshape(labels, [labels.size]) as tf.Tensor1D, numClasses), 'float32'), [
    ...labels.shape,
    numClasses,
  ]);

/**
 * Cross-entropy with classes by their number.
 * @param logits  [..., C]; −Infinity for classes that cannot be, which get no gradient
 * @param labels  [...] int32 in [0, C)
 * @returns       [...], NaN for labels outside of the classes: a step does not read them, the loop stops there. optax
 *   counts labels below 0 from the end; here they are outside, too
 * Source: optax `softmax_cross_entropy_with_integer_labels`.
 */
export const softmaxCrossEntropyWithIntegerLabels = (logits: tf.Tensor, labels: tf.Tensor): tf.Tensor => {
  const loss = 'softmaxCrossEntropyWithIntegerLabels';
  expectFloats(loss, 'logits', logits);
  expectIntegers(loss, labels);
  const [numClasses] = logits.shape.slice(-1);
  if (numClasses === undefined || !sameShape(logits.shape.slice(0, -1), labels.shape)) {
    throw new RangeError(
      `${loss}: logits are ${showShape(logits.shape)} and labels ${showShape(labels.shape)}, ` +
        "expected one label for each of the logits' rows: [..., C] and [...]",
    );
  }
  const all = logSoftmax(logits);
  // Chosen, not multiplied: 0 times a logarithm of −Infinity is NaN.
  const own = tf.where(tf.greater(rows(labels, numClasses), 0), all, tf.zerosLike(all));
  return tf.sub(nanOutside({ labels, numClasses }), tf.sum(own, -1));
};

/** Classes as distributions: [...] int32 to [..., numClasses] float32; NaN for labels outside of the classes. */
export const oneHot = (labels: tf.Tensor, numClasses: number): tf.Tensor => {
  expectIntegers('oneHot', labels);
  return tf.add(rows(labels, numClasses), tf.expandDims(nanOutside({ labels, numClasses }), -1));
};

/** Distributions [..., C] moved a share `alpha`, from 0 to 1, to the even one. Source: optax `smooth_labels`. */
export const smoothLabels = (labels: tf.Tensor, alpha: number): tf.Tensor => {
  expectFloats('smoothLabels', 'labels', labels);
  expectOptions('smoothLabels', { alpha: [alpha, probability] });
  return tf.add(tf.mul(1 - alpha, labels), alpha / labels.shape[labels.rank - 1]);
};

/** log(1 + eˣ), exact for large x of both signs. At 0, a maximum and a minimum share their slopes: they add up to 1/2. */
const softplus = (x: tf.Tensor): tf.Tensor =>
  tf.add(tf.maximum(x, 0), tf.log1p(tf.exp(tf.minimum(x, tf.neg(x)))));

/**
 * Cross-entropy of independent yes-or-no answers, element by element.
 * @param logits  any shape
 * @param labels  that shape, in [0, 1]
 * Source: optax `sigmoid_binary_cross_entropy`.
 */
export const sigmoidBinaryCrossEntropy = (logits: tf.Tensor, labels: tf.Tensor): tf.Tensor => {
  expectAlike('sigmoidBinaryCrossEntropy', ['logits', logits], ['labels', labels]);
  return tf.add(tf.mul(labels, softplus(tf.neg(logits))), tf.mul(tf.sub(1, labels), softplus(logits)));
};

/** Predictions minus targets of their shape. */
const errors = (loss: string, predictions: tf.Tensor, targets: tf.Tensor): tf.Tensor => {
  expectAlike(loss, ['predictions', predictions], ['targets', targets]);
  return tf.sub(predictions, targets);
};

/** |prediction − target|, element by element; both of one shape. The slope at 0 is 1, as in JAX. */
export const l1Loss = (predictions: tf.Tensor, targets: tf.Tensor): tf.Tensor =>
  tf.abs(errors('l1Loss', predictions, targets));

/** Half the squared error, element by element; both of one shape. Source: optax `l2_loss`. */
export const l2Loss = (predictions: tf.Tensor, targets: tf.Tensor): tf.Tensor =>
  tf.mul(0.5, tf.square(errors('l2Loss', predictions, targets)));

/** Half the squared error up to an error of `delta`, and a straight line beyond. Source: optax `huber_loss`. */
export const huberLoss = (predictions: tf.Tensor, targets: tf.Tensor, delta = 1): tf.Tensor => {
  expectOptions('huberLoss', { delta: [delta, positive] });
  const error = tf.abs(errors('huberLoss', predictions, targets));
  const near = tf.minimum(error, delta);
  return tf.add(tf.mul(0.5, tf.square(near)), tf.mul(delta, tf.sub(error, near)));
};

/**
 * The loss of masked language modelling: cross-entropy at the places that were masked, and there alone.
 * @param logits   [B, T, V]
 * @param targets  [B, T] int32, the tokens before masking; those that were not masked may be any number
 * @param isMasked [B, T], 1 at the places to be predicted
 */
export const maskedLanguageLoss = (logits: tf.Tensor, targets: tf.Tensor, isMasked: tf.Tensor): Total => {
  if (!sameShape(targets.shape, isMasked.shape)) {
    throw new RangeError(
      `maskedLanguageLoss: targets are ${showShape(targets.shape)} and isMasked ${showShape(isMasked.shape)}, expected the same shape`,
    );
  }
  expectIntegers('maskedLanguageLoss', targets);
  const own = tf.mul(targets, tf.cast(tf.notEqual(isMasked, 0), 'int32'));
  return weighted(softmaxCrossEntropyWithIntegerLabels(logits, own), isMasked);
};

/**
 * The distance between flows, at each pixel.
 * @param flow    [..., 2]
 * @param target  [..., 2]
 * @returns       [...], in the units of the flows
 */
export const endPointError = (flow: tf.Tensor, target: tf.Tensor): tf.Tensor => {
  expectAlike('endPointError', ['flow', flow], ['target', target]);
  if (flow.shape[flow.rank - 1] !== 2)
    throw new RangeError(`endPointError: flows are ${showShape(flow.shape)}, expected [..., 2]`);
  const squared = tf.sum(tf.square(tf.sub(flow, target)), -1);
  // The root's slope is infinite at 0; where flows agree, the gradient is 0.
  const isSame = tf.equal(squared, 0);
  const root = tf.sqrt(tf.where(isSame, tf.onesLike(squared), squared));
  return tf.where(isSame, tf.zerosLike(squared), root);
};
