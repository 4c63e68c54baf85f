/**
 * Optimizers: chains of transformations under the names that people know them by, with optax's defaults and optax's
 * order. Each takes a learning rate, which may be a schedule.
 */
import { expectKnown } from '../data/nearest.js';
import type { Selection } from '../data/tree.js';
import { type FactoredOptions, scaleByFactoredRms } from './factored.js';
import {
  type AdamOptions,
  ema,
  type LionOptions,
  type RmsOptions,
  scaleByAdam,
  scaleByLion,
  scaleByRms,
  scaleByStddev,
  trace,
} from './moments.js';
import {
  addDecayedWeights,
  clipByBlockRms,
  scale,
  scaleByLearningRate,
  scaleByParamBlockRms,
  scaleByTrustRatio,
} from './scaling.js';
import type { NumberOrSchedule } from './schedules.js';
import { chain, identity, type OptimizerState, type Transformation } from './transformation.js';

/** Momentum of an optimizer that may have it. */
export interface MomentumOptions {
  /** The share of the last update that goes on; no momentum is kept if not given. */
  readonly momentum?: number;
  /** Looks one update ahead; false if not given. */
  readonly nesterov?: boolean;
}

/** Decay of weights. */
export interface DecayOptions {
  /** The share of its value that a weight loses at a learning rate of 1. */
  readonly weightDecay?: number;
  /** The leaves that decay; all if not given. */
  readonly mask?: Selection;
}

const adamNames = ['b1', 'b2', 'eps', 'epsRoot', 'nesterov'];
const decayNames = ['weightDecay', 'mask'];
const momentumNames = ['momentum', 'nesterov'];

/** @throws RangeError for `nesterov` where no momentum is kept: it would have no effect */
const momentumOf = (where: string, { momentum, nesterov }: MomentumOptions): Transformation => {
  if (momentum !== undefined) return trace({ decay: momentum, nesterov });
  if (!nesterov) return identity();
  throw new RangeError(
    `${where}: nesterov is true without momentum, expected both, such as { momentum: 0.9, nesterov: true }`,
  );
};

/** Gradient descent, with momentum if asked for. Source: optax `sgd`. */
export const sgd = (learningRate: NumberOrSchedule, options: MomentumOptions = {}) => {
  expectKnown('sgd', options, momentumNames);
  return chain(momentumOf('sgd', options), scaleByLearningRate(learningRate));
};

/** Adam. Source: optax `adam`; arXiv:1412.6980. */
export const adam = (learningRate: NumberOrSchedule, options: AdamOptions = {}) => {
  expectKnown('adam', options, adamNames);
  return chain(scaleByAdam(options), scaleByLearningRate(learningRate));
};

/** Adam with decay beside the gradient; 1e-4 if not given. Source: optax `adamw`; arXiv:1711.05101. */
export const adamw = (learningRate: NumberOrSchedule, options: AdamOptions & DecayOptions = {}) => {
  expectKnown('adamw', options, [...adamNames, ...decayNames]);
  const { weightDecay = 1e-4, mask, ...ofAdam } = options;
  return chain(
    scaleByAdam(ofAdam),
    addDecayedWeights(weightDecay, { mask }),
    scaleByLearningRate(learningRate),
  );
};

/**
 * LAMB: Adam, decay, and each leaf's updates as long as the leaf is. `eps` is 1e-6 if not given, and nothing decays.
 * Source: optax `lamb`; arXiv:1904.00962.
 */
export const lamb = (learningRate: NumberOrSchedule, options: AdamOptions & DecayOptions = {}) => {
  expectKnown('lamb', options, [...adamNames, ...decayNames]);
  const { weightDecay = 0, mask, eps = 1e-6, ...ofAdam } = options;
  return chain(
    scaleByAdam({ ...ofAdam, eps }),
    addDecayedWeights(weightDecay, { mask }),
    scaleByTrustRatio(),
    scaleByLearningRate(learningRate),
  );
};

/** Lion; decay is 1e-3 if not given. Source: optax `lion`; arXiv:2302.06675. */
export const lion = (learningRate: NumberOrSchedule, options: LionOptions & DecayOptions = {}) => {
  expectKnown('lion', options, ['b1', 'b2', ...decayNames]);
  const { weightDecay = 1e-3, mask, ...ofLion } = options;
  return chain(
    scaleByLion(ofLion),
    addDecayedWeights(weightDecay, { mask }),
    scaleByLearningRate(learningRate),
  );
};

/** RMSProp's options. */
export interface RmspropOptions extends RmsOptions, MomentumOptions {
  /** Divides by the standard deviation rather than the root mean square; false if not given. */
  readonly centered?: boolean;
}

/** RMSProp. Source: optax `rmsprop`. */
export const rmsprop = (learningRate: NumberOrSchedule, options: RmspropOptions = {}) => {
  const ofRms = ['decay', 'eps', 'initialScale', 'epsInSqrt'];
  expectKnown('rmsprop', options, ['centered', ...momentumNames, ...ofRms]);
  const { centered = false, momentum, nesterov, ...scaling } = options;
  return chain(
    centered ? scaleByStddev(scaling) : scaleByRms(scaling),
    scaleByLearningRate(learningRate),
    momentumOf('rmsprop', { momentum, nesterov }),
  );
};

/** Adafactor's options. */
export interface AdafactorOptions extends Omit<FactoredOptions, 'stepOffset' | 'epsilon'> {
  /** Updates that do not count; 0 if not given. */
  readonly decayOffset?: number;
  /** Multiplies the rate by the size of each leaf; true if not given. */
  readonly multiplyByParameterScale?: boolean;
  /** The largest root mean square of a leaf's update; 1 if not given, null for no bound. */
  readonly clippingThreshold?: number | null;
  /** Decay of the average of updates; no average is kept if not given. */
  readonly momentum?: number;
  /** Decay of weights; none if not given. */
  readonly weightDecayRate?: number;
  /** The leaves that decay; all if not given. */
  readonly weightDecayMask?: Selection;
  /** Added to squared gradients; 1e-30 if not given. */
  readonly eps?: number;
}

/** Adafactor. Source: optax `adafactor`; arXiv:1804.04235. */
export const adafactor = (
  learningRate: NumberOrSchedule | undefined,
  options: AdafactorOptions = {},
): Transformation<readonly OptimizerState[]> => {
  expectKnown('adafactor', options, [
    ...['factored', 'decayRate', 'decayOffset', 'minDimSizeToFactor', 'multiplyByParameterScale'],
    ...['clippingThreshold', 'momentum', 'weightDecayRate', 'weightDecayMask', 'eps'],
  ]);
  const { clippingThreshold = 1, multiplyByParameterScale = true, momentum, weightDecayRate } = options;
  const { factored, decayRate, minDimSizeToFactor, decayOffset, eps, weightDecayMask } = options;
  const ofFactors = { factored, decayRate, minDimSizeToFactor, stepOffset: decayOffset, epsilon: eps };
  const links: readonly (Transformation | false)[] = [
    scaleByFactoredRms(ofFactors),
    clippingThreshold !== null && clipByBlockRms(clippingThreshold),
    learningRate !== undefined && scaleByLearningRate(learningRate, { flipSign: false }),
    multiplyByParameterScale && scaleByParamBlockRms(),
    momentum !== undefined && ema({ decay: momentum, debias: false }),
    weightDecayRate !== undefined && addDecayedWeights(weightDecayRate, { mask: weightDecayMask }),
    scale(-1),
  ];
  return chain(...links.filter((link) => link !== false));
};
