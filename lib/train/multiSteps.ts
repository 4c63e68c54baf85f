/**
 * Accumulation as `optax.MultiSteps` has it, for parity with runs that used it: a mean of means, in which each batch
 * counts the same however many examples it has. `microBatches` of `trainStep` divides once by the total weight instead.
 */
import * as tf from '@tensorflow/tfjs-core';
import { count } from '../data/config.js';
import { choose } from '../engine/index.js';
import { type Leaves, zeros } from './leaves.js';
import { countFrom } from './averaging.js';
import { expectOptions } from './options.js';
import { settingsOf } from './settings.js';
import {
  expectTransformation,
  type OptimizerState,
  type Transformation,
  transformation,
  zipStates,
} from './transformation.js';

export interface MultiStepsState<S extends OptimizerState> {
  readonly [name: string]: OptimizerState;
  /** Batches since the last update. */
  readonly miniStep: tf.Tensor;
  /** Updates so far. */
  readonly gradientStep: tf.Tensor;
  readonly innerOptState: S;
  /** The mean of the gradients since the last update. */
  readonly accGrads: Leaves;
}

/**
 * Updates of nothing for `everyK − 1` batches, and at each k-th the inner transformation's for the mean of their
 * gradients. Source: optax `MultiSteps`.
 */
export const multiSteps = <S extends OptimizerState>(
  inner: Transformation<S>,
  everyK: number,
): Transformation<MultiStepsState<S>> => {
  expectTransformation('multiSteps', inner);
  expectOptions('multiSteps', { everyK: [everyK, count] });
  return transformation<MultiStepsState<S>>(
    {
      init: (params) => ({
        miniStep: countFrom.zero(),
        gradientStep: countFrom.zero(),
        innerOptState: inner.init(params),
        accGrads: zeros(params.layout),
      }),
      update: (grads, { miniStep, gradientStep, innerOptState, accGrads }, params) => {
        const since = countFrom.next(miniStep);
        const step = tf.div(tf.sub(grads.matrix, accGrads.matrix), tf.cast(since, 'float32'));
        const mean = grads.with(tf.add(accGrads.matrix, step));
        const isLast = tf.equal(since, tf.scalar(everyK, 'int32'));
        const done = inner.update(mean, innerOptState, params);
        const nothing = tf.zerosLike(mean.matrix);
        const pick = (yes: tf.Tensor, no: tf.Tensor): tf.Tensor => choose({ flag: isLast, yes, no }, {});
        return {
          updates: grads.with(pick(done.updates.matrix, nothing)),
          state: {
            miniStep: pick(countFrom.zero(), since),
            gradientStep: pick(countFrom.next(gradientStep), gradientStep),
            innerOptState: zipStates(done.state, innerOptState, pick),
            accGrads: grads.with(pick(nothing, mean.matrix)),
          },
          log: done.log,
          isUpdate: isLast,
        };
      },
    },
    { multiSteps: settingsOf(inner), everyK },
  );
};
