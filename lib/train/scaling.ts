/**
 * Transformations that scale, clip or add to updates, and remember nothing but a count: rates, clipping, decay, trust
 * ratios. Names, defaults and order of operations are optax's.
 */
import * as tf from '@tensorflow/tfjs-core';
import { finite, nonNegative, positive } from '../data/config.js';
import type { Selection } from '../data/tree.js';
import { tidy } from '../engine/index.js';
import { column, type Layout, type Leaves, mask, sizes, sums } from './leaves.js';
import { countFrom } from './averaging.js';
import { expectKnown } from '../data/nearest.js';
import { expectOptions } from './options.js';
import { expectSchedule, type NumberOrSchedule, type Schedule, valueAt } from './schedules.js';
import { expectSelected } from './selected.js';
import { settingsOf, withSettings } from './settings.js';
import { type EmptyState, stateless, type Transformation, transformation } from './transformation.js';

/** Updates times a number. */
export const scale = (factor: number): Transformation<EmptyState> => {
  expectOptions('scale', { factor: [factor, finite] });
  return stateless((grads) => grads.with(tf.mul(factor, grads.matrix)), { scale: factor });
};

/** The state of a scale that may follow a schedule: its count, or nothing where the value is a number. */
export type ScaleByScheduleState = { readonly count: tf.Tensor } | EmptyState;

/** Learning rates that follow no schedule. */
const rateRange = { is: nonNegative.is, name: 'a number from 0, or a schedule' };

/** The name that the applied rate is logged under. */
const rateName = 'learningRate';

const scheduled = (schedule: Schedule, sign: number, log?: string): Transformation<ScaleByScheduleState> =>
  transformation<ScaleByScheduleState>(
    {
      init: () => ({ count: countFrom.zero() }),
      update: (grads, { count }) => {
        const value = valueAt(schedule, count);
        return {
          updates: grads.with(tf.mul(tf.mul(sign, value), grads.matrix)),
          state: { count: countFrom.next(count) },
          ...(log !== undefined && { log: { [log]: value } }),
        };
      },
    },
    { rate: settingsOf(schedule), sign },
  );

/** Updates times the value of a schedule, asked with the count before the update. Source: optax `scale_by_schedule`. */
export const scaleBySchedule = (schedule: Schedule): Transformation<ScaleByScheduleState> => {
  expectSchedule('scaleBySchedule', schedule);
  return scheduled(schedule, 1);
};

/**
 * Updates times a learning rate, and −1, so that they go down the gradient. The rate that was applied is logged as
 * `learningRate`.
 * @param rate     a number from 0, or a schedule
 * @param options  `flipSign`: whether to multiply by −1; true if not given
 * Source: optax `scale_by_learning_rate`.
 */
export const scaleByLearningRate = (
  rate: NumberOrSchedule,
  options: { readonly flipSign?: boolean } = {},
): Transformation<ScaleByScheduleState> => {
  const { flipSign = true } = options;
  expectKnown('scaleByLearningRate', options, ['flipSign']);
  const sign = flipSign ? -1 : 1;
  if (typeof rate === 'function') return scheduled(rate, sign, rateName);
  expectOptions('scaleByLearningRate', { 'the learning rate': [rate, rateRange] });
  return transformation<ScaleByScheduleState>(
    {
      init: () => ({}),
      update: (grads, state) => ({
        updates: grads.with(tf.mul(sign * rate, grads.matrix)),
        state,
        log: { [rateName]: tf.scalar(rate) },
      }),
    },
    { rate, sign },
  );
};

/** Bounds of what is clipped; Infinity clips nothing. */
const bound = {
  is: (value: unknown): boolean => value === Infinity || positive.is(value),
  name: 'a number above 0',
};

/** Each element between −maxDelta and maxDelta. Source: optax `clip`. */
export const clip = (maxDelta: number): Transformation<EmptyState> => {
  expectOptions('clip', { maxDelta: [maxDelta, bound] });
  return stateless((grads) => grads.with(tf.clipByValue(grads.matrix, -maxDelta, maxDelta)), {
    clip: maxDelta,
  });
};

/** The norm of all leaves together, in float32: a scalar. The order of additions does not depend on threads. */
export const globalNorm = ({ matrix }: Leaves): tf.Tensor => tidy(() => tf.sqrt(tf.sum(tf.square(matrix))));

/**
 * Gradients scaled down to a norm of `maxNorm` where theirs is not below it. Below it not a bit of them changes.
 * Source: optax `clip_by_global_norm`.
 */
export const clipByGlobalNorm = (maxNorm: number): Transformation<EmptyState> => {
  expectOptions('clipByGlobalNorm', { maxNorm: [maxNorm, bound] });
  return stateless(
    (grads) => {
      const norm = globalNorm(grads);
      const factor = tf.where(tf.less(norm, maxNorm), tf.onesLike(norm), tf.div(maxNorm, norm));
      return grads.with(tf.mul(factor, grads.matrix));
    },
    { clipByGlobalNorm: maxNorm },
  );
};

/** The mean square of each leaf: [leaves]. */
const meanSquares = (leaves: Leaves): tf.Tensor =>
  tf.div(sums(leaves.with(tf.square(leaves.matrix))), sizes(leaves.layout));

/** Each leaf scaled down to a root mean square of `threshold`, if it has more. Source: optax `clip_by_block_rms`. */
export const clipByBlockRms = (threshold: number): Transformation<EmptyState> => {
  expectOptions('clipByBlockRms', { threshold: [threshold, bound] });
  return stateless(
    (grads) => {
      const divisor = tf.maximum(1, tf.div(tf.sqrt(meanSquares(grads)), threshold));
      return grads.with(tf.div(grads.matrix, column(grads.layout, divisor)));
    },
    { clipByBlockRms: threshold },
  );
};

/** Each leaf times the root mean square of its parameters, at least `minScale`. Source: optax `scale_by_param_block_rms`. */
export const scaleByParamBlockRms = (minScale = 1e-3): Transformation<EmptyState> => {
  expectOptions('scaleByParamBlockRms', { minScale: [minScale, nonNegative] });
  return stateless(
    (grads, params) => {
      const size = tf.maximum(tf.sqrt(meanSquares(params)), minScale);
      return grads.with(tf.mul(grads.matrix, column(grads.layout, size)));
    },
    { scaleByParamBlockRms: minScale },
  );
};

/** The state of a decay: nothing, in the place that optax gives it. */
export type DecayState = EmptyState | { readonly innerState: EmptyState };

/**
 * Decay of weights: a share of the parameters added to the updates.
 * @param options  `mask`: the leaves that decay; all if not given. A function may select none of them, as a rule for
 *   biases does where biases alone train
 * @throws RangeError from `init`, for an expression or a list that selects none of the leaves that train
 * Source: optax `add_decayed_weights`.
 */
export const addDecayedWeights = (
  weightDecay: number,
  options: { readonly mask?: Selection } = {},
): Transformation<DecayState> => {
  const { mask: selection } = options;
  expectKnown('addDecayedWeights', options, ['mask']);
  expectOptions('addDecayedWeights', { weightDecay: [weightDecay, nonNegative] });
  const rate = (layout: Layout): tf.Tensor | number =>
    selection === undefined ? weightDecay : tf.mul(weightDecay, mask(layout, selection));
  return transformation<DecayState>(
    {
      init: ({ layout }) => {
        if (selection !== undefined && typeof selection !== 'function') {
          const paths = layout.slots.map(({ path }) => path);
          expectSelected('addDecayedWeights: mask', selection, paths);
        }
        return (selection === undefined ? {} : { innerState: {} }) as DecayState;
      },
      update: (grads, state, params) => {
        const decay = () => tf.mul(rate(grads.layout), params.matrix);
        return { updates: grads.with(tf.add(grads.matrix, tidy(decay))), state };
      },
    },
    { addDecayedWeights: weightDecay, ...(selection !== undefined && { mask: settingsOf(selection) }) },
  );
};

/**
 * The leaves that DeepMind's training of Perceiver IO lets decay: not those named `b`, and not those of a module whose
 * path has `layer_norm` or `batchnorm`. Tables of positions do decay, and so do modules of Haiku's own name, `batch_norm`.
 * Source: deepmind-research perceiver/train, `_weight_decay_exclude`.
 */
export const deepMindDecays = withSettings((path: string): boolean => {
  const slash = path.lastIndexOf('/');
  const [module, name] = [path.slice(0, slash), path.slice(slash + 1)];
  return name !== 'b' && !module.includes('layer_norm') && !module.includes('batchnorm');
}, 'deepMindDecays');

/** The numbers of a trust ratio. */
export interface TrustRatioOptions {
  /** The least norm of either; 0 if not given. */
  readonly minNorm?: number;
  /** 1 if not given. */
  readonly trustCoefficient?: number;
  /** Added to the norm of the updates; 0 if not given. */
  readonly eps?: number;
}

/**
 * Each leaf's updates times |parameters| / |updates|; times 1 where either norm is 0. Nothing bounds the ratio.
 * Source: optax `scale_by_trust_ratio`; arXiv:1904.00962.
 */
export const scaleByTrustRatio = (options: TrustRatioOptions = {}): Transformation<EmptyState> => {
  const { minNorm = 0, trustCoefficient = 1, eps = 0 } = options;
  expectKnown('scaleByTrustRatio', options, ['minNorm', 'trustCoefficient', 'eps']);
  expectOptions('scaleByTrustRatio', {
    minNorm: [minNorm, nonNegative],
    trustCoefficient: [trustCoefficient, nonNegative],
    eps: [eps, nonNegative],
  });
  return stateless(
    (grads, params) => {
      const norms = (leaves: Leaves): tf.Tensor =>
        tidy(() => tf.maximum(tf.sqrt(sums(leaves.with(tf.square(leaves.matrix)))), minNorm));
      const [ofParams, ofUpdates] = [norms(params), norms(grads)];
      const ratio = tf.div(tf.mul(trustCoefficient, ofParams), tf.add(ofUpdates, eps));
      const isNone = tf.logicalOr(tf.equal(ofParams, 0), tf.equal(ofUpdates, 0));
      const safe = tf.where(isNone, tf.onesLike(ratio), ratio);
      return grads.with(tf.mul(grads.matrix, column(grads.layout, safe)));
    },
    { scaleByTrustRatio: { minNorm, trustCoefficient, eps } },
  );
};
