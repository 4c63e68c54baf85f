/** The loss of Perceiver AR: cross-entropy with smoothed targets and a penalty on the logits' sum, event by event. */
import * as tf from '@tensorflow/tfjs-core';

export interface ArLossOptions {
  /** [B, P], the weight of each event; 1 if not given. */
  readonly weights?: tf.Tensor | undefined;
  /** Probability that is spread over the other classes; 0 if not given. */
  readonly labelSmoothing?: number;
  /** Factor of the squared logarithm of the sum of exp(logits); 0 if not given. */
  readonly zLoss?: number;
  /** Divides the losses, never the sum of weights. */
  readonly normalizer?: number | undefined;
}

export interface ArLoss {
  /** [B, P], less the entropy of the smoothed targets. */
  readonly loss: tf.Tensor;
  /** The penalty's part of it, [B, P]. */
  readonly zLoss: tf.Tensor;
  /** The sum of weights, a scalar. */
  readonly weightSum: tf.Tensor;
}

/**
 * logits [B, P, numClasses] and targets [B, P] int32 to the losses of all events.
 * Source: perceiver-ar losses.py `compute_weighted_cross_entropy`.
 */
export const arLoss = (
  logits: tf.Tensor,
  targets: tf.Tensor,
  { weights, labelSmoothing = 0, zLoss = 0, normalizer }: ArLossOptions = {},
): ArLoss => {
  const V = logits.shape[2] as number;
  const confidence = 1 - labelSmoothing;
  const low = labelSmoothing / (V - 1);
  const entropy = -(confidence * Math.log(confidence) + (V - 1) * low * Math.log(low + 1e-20));
  const soft = tf.add(tf.mul(tf.oneHot(tf.cast(targets, 'int32'), V), confidence - low), low);
  const max = tf.max(logits, 2, true);
  const logSum = tf.add(tf.log(tf.sum(tf.exp(tf.sub(logits, max)), 2, true)), max); // [B, P, 1]
  const entropies = tf.neg(tf.sum(tf.mul(soft, tf.sub(logits, logSum)), 2));
  const penalty = tf.mul(zLoss, tf.square(tf.squeeze(logSum, [2])));
  const weighted = (x: tf.Tensor): tf.Tensor => {
    const all = weights ? tf.mul(x, weights) : x;
    return normalizer ? tf.div(all, normalizer) : all;
  };
  return {
    loss: weighted(tf.sub(tf.add(entropies, penalty), entropy)),
    zLoss: weighted(penalty),
    weightSum: weights ? tf.sum(weights) : tf.scalar(targets.size),
  };
};
