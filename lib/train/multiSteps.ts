/**
 * Accumulation as `optax.MultiSteps` has it, for parity with runs that used it: a mean of means, in which each batch
 * counts the same however many examples it has. `accumulate` of `trainStep` divides once by the total weight instead.
 */
import * as tf from '@tensorflow/tfjs-core';
import { count } from '../data/config.js';
import { choose } from '../engine/index.js';
import { Leaves, zeros } from './leaves.js';
import { countFrom } from './moments.js';
import { expectOptions } from './options.js';
import { settingsOf } from './settings.js';
import {
  expectTransformation,
  type OptimizerState,
  type Transformation,
  transformation,
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

/** `f` of the tensors at the same place of two states. */
export const zipStates = <S extends OptimizerState>(
  a: S,
  b: S,
  f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): S => {
  const zip = (one: OptimizerState, other: OptimizerState): OptimizerState => {
    if (one instanceof tf.Tensor) return f(one, other as tf.Tensor);
    if (one instanceof Leaves) return one.with(f(one.matrix, (other as Leaves).matrix));
    if (Array.isArray(one)) return one.map((each, i) => zip(each, (other as readonly OptimizerState[])[i]));
    const names = Object.entries(one as { readonly [name: string]: OptimizerState });
    return Object.fromEntries(
      names.map(([name, each]) => [name, zip(each, (other as typeof one)[name as never])]),
    );
  };
  return zip(a, b) as S;
};

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
