/**
 * The loss that Perceiver AR is trained with and the scores that it is judged by, of whole sequences: events
 * [B, N + 1] int32, 0 = padding at the end, and their positions [B, N + 1, axes] int32, above 0.
 */
import * as tf from '@tensorflow/tfjs-core';
import { lastSteps, lengthsOf, placesOf, rowsAt } from '../../../modules/causalMasks.js';
import type { Weights } from '../../../lib/data/leaf.js';
import type { ApplyOptions } from '../../../lib/language/transform.js';
import type { OnEngine } from '../../../lib/train/batch.js';
import type { LossOptions, LossResult } from '../../../lib/train/trainStep.js';
import type { PerceiverArConfig } from '../network/config.js';
import { arLoss } from '../network/loss.js';
import type { Sequences } from './sequences.js';

/** Factor of the penalty on the logits. Source: perceiver-ar experiment.py. */
export const zLoss = 1e-4;

/** The model as a function of weights, inputs and options. */
export type ArApply = (
  weights: Required<Weights<tf.Tensor>>,
  events: tf.Tensor,
  positions: tf.Tensor,
  options?: Partial<LossOptions> & Pick<ApplyOptions, 'param'>,
) => tf.Tensor;

/** Sequences [B, N + 1, …] without their last events, which are padding now: [B, N, …]. */
const withoutLast = (x: tf.Tensor, firstAxis: tf.Tensor): tf.Tensor => {
  const [B, size, ...rest] = x.shape as [number, number, ...number[]];
  const isBefore = tf.less(placesOf(size - 1), tf.sub(lengthsOf(firstAxis), 1)); // [B, N]
  const kept = tf.reshape(tf.cast(isBefore, 'float32'), [B, size - 1, ...rest.map(() => 1)]);
  const first = tf.slice(
    x,
    x.shape.map(() => 0),
    [B, size - 1, ...rest],
  );
  return tf.cast(tf.mul(tf.cast(first, 'float32'), kept), 'int32');
};

/**
 * Inputs of the model, and the event after each: [B, N] int32.
 * Source: perceiver-ar experiment.py `events_to_shifted_inputs_and_targets`.
 */
export const shifted = ({ events, positions }: OnEngine<Sequences>) => {
  const [B, size] = events.shape as [number, number];
  const firstAxis = tf.squeeze(tf.slice(positions, [0, 0, 0], [B, size, 1]), [2]);
  return {
    events: withoutLast(events, events),
    positions: withoutLast(positions, firstAxis),
    targets: tf.slice(events, [0, 1], [B, size - 1]),
  };
};

/** The place that each row of logits stands for, [B, P]; -1 before the start. */
const stepsOf = (events: tf.Tensor, { numLatents, latentsPerPosition }: PerceiverArConfig): tf.Tensor => {
  const [B, N] = events.shape as [number, number];
  return numLatents === 1 ? tf.fill([B, 1], N - 1) : lastSteps(events, numLatents / latentsPerPosition);
};

const float = (x: tf.Tensor): tf.Tensor => tf.cast(x, 'float32');

export interface ArTrainingOptions {
  readonly labelSmoothing: number;
  /** Factor of the penalty on the logits. */
  readonly zLoss: number;
  /** Number of parts that a batch is computed in, whose sums are added; 1 if not given. */
  readonly microBatches?: number;
}

/**
 * The sum of the losses of all events that latents stand for, as the original trains: its gradient is not divided.
 * Metrics are of one event.
 * Source: perceiver-ar experiment.py `_loss_fn`.
 */
export const arTrainingLoss =
  (
    apply: ArApply,
    config: PerceiverArConfig,
    { labelSmoothing, zLoss, microBatches = 1 }: ArTrainingOptions,
  ) =>
  (
    weights: Required<Weights<tf.Tensor>>,
    batch: OnEngine<Sequences>,
    options: Partial<LossOptions>,
  ): LossResult => {
    const { events, positions, targets } = shifted(batch);
    const steps = stepsOf(events, config);
    const labels = rowsAt(targets, steps);
    const logits = apply(weights, events, positions, options);
    const counts = tf.mul(float(tf.greater(labels, 0)), float(tf.greaterEqual(steps, 0)));
    const each = arLoss(logits, labels, { labelSmoothing, zLoss, weights: counts });
    const sum = tf.sum(each.loss);
    const isRight = tf.mul(float(tf.equal(tf.argMax(logits, 2), labels)), counts);
    const weight = each.weightSum;
    return {
      sum,
      weight: tf.scalar(1 / microBatches),
      metrics: {
        eventLoss: { sum: sum.clone(), weight },
        eventZLoss: { sum: tf.sum(each.zLoss), weight: weight.clone() },
        accuracy: { sum: tf.sum(isRight), weight: weight.clone() },
      },
    };
  };

/** Scores of single events, [B, count]. */
export interface EventScores {
  /** Cross-entropy in nats. */
  readonly losses: tf.Tensor;
  /** 1 where the likeliest event is the right one. */
  readonly isRight: tf.Tensor;
  /** 1 for events, 0 for padding. */
  readonly weights: tf.Tensor;
}

/**
 * Scores of what the last latents say.
 * @param count  number of latents that are judged, from the last one backwards
 * Source: perceiver-ar experiment.py `_eval_batch`.
 */
export const scoresOf = (
  logits: tf.Tensor,
  { events, targets }: { readonly events: tf.Tensor; readonly targets: tf.Tensor },
  config: PerceiverArConfig,
  count: number,
): EventScores => {
  const [B, P, V] = logits.shape as [number, number, number];
  const last = tf.slice(logits, [0, P - count, 0], [B, count, V]);
  const steps = tf.slice(stepsOf(events, config), [0, P - count], [B, count]);
  const labels = rowsAt(targets, steps);
  return {
    losses: arLoss(last, labels).loss,
    isRight: float(tf.equal(tf.argMax(last, 2), labels)),
    weights: float(tf.greater(labels, 0)),
  };
};
