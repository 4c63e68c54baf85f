/**
 * Schedules: numbers that follow the count of updates, with optax's definitions. A schedule is a function of a tensor,
 * so that a step never has to read its count. It is asked with the count before the update: 0 for the first one.
 */
import * as tf from '@tensorflow/tfjs-core';
import { finite, nonNegative, positive } from '../data/config.js';
import { isTensor } from '../data/leaf.js';
import { showShape } from '../data/shape.js';
import { kindOf } from '../data/weights.js';
import { readAtOnce } from '../engine/index.js';
import { expectKnown } from '../data/nearest.js';
import { expectOptions, given } from './options.js';
import { settingsOf, withSettings } from './settings.js';

/** From the count of updates so far, an int32 or float32 scalar, to a float32 scalar. */
export type Schedule = (count: tf.Tensor) => tf.Tensor;

/** A number that may follow a schedule. */
export type NumberOrSchedule = number | Schedule;

/**
 * The value of a schedule at a count.
 * @throws TypeError for anything but a scalar tensor
 */
export const valueAt = (schedule: Schedule, count: tf.Tensor): tf.Tensor => {
  const value: unknown = schedule(count);
  if (isTensor(value) && value.size === 1) return value;
  const found = isTensor(value) ? `a tensor ${showShape(value.shape)}` : `${kindOf(value)}, ${String(value)}`;
  throw new TypeError(
    `a schedule gave a value that is ${found}, expected a scalar tensor, made of the count, a tensor, too: ` +
      "(count) => tf.mul(0.1, tf.cast(count, 'float32'))",
  );
};

/** @throws TypeError for what is no function */
export const expectSchedule = (where: string, schedule: unknown): void => {
  if (typeof schedule === 'function') return;
  throw new TypeError(
    `${where}: a schedule is ${kindOf(schedule)}, expected a function of the count of updates, such as constantSchedule(0.1)`,
  );
};

const { max } = Math;

const float = (count: tf.Tensor): tf.Tensor => tf.cast(count, 'float32');

/** The same value at every count. */
export const constantSchedule = (value: number): Schedule => {
  expectOptions('constantSchedule', { value: [value, finite] });
  return withSettings(() => tf.scalar(value), { constant: value });
};

/** A straight line from `initValue` to `endValue`. */
export interface LinearOptions {
  readonly initValue: number;
  readonly endValue: number;
  /** Updates from one to the other; 0 or fewer: `initValue` for ever, as in optax. */
  readonly transitionSteps: number;
  /** The count at which it begins; 0 if not given. */
  readonly transitionBegin?: number;
}

/** A straight line between two values, which stay before and after it. Source: optax `linear_schedule`. */
export const linearSchedule = (options: LinearOptions): Schedule => {
  const { initValue, endValue, transitionSteps, transitionBegin = 0 } = options;
  expectKnown('linearSchedule', options, ['initValue', 'endValue', 'transitionSteps', 'transitionBegin']);
  expectOptions('linearSchedule', {
    initValue: [initValue, finite],
    endValue: [endValue, finite],
    transitionSteps: [transitionSteps, finite],
    transitionBegin: [transitionBegin, finite],
  });
  if (transitionSteps <= 0) return constantSchedule(initValue);
  return withSettings(
    (count) => {
      const done = tf.clipByValue(tf.sub(float(count), max(0, transitionBegin)), 0, transitionSteps);
      const left = tf.sub(1, tf.div(done, transitionSteps));
      return tf.add(tf.mul(initValue - endValue, left), endValue);
    },
    { linear: { initValue, endValue, transitionSteps, transitionBegin } },
  );
};

/** A decay by the same factor over each `transitionSteps`. */
export interface ExponentialOptions {
  readonly initValue: number;
  /** Updates of one decay; 0 or fewer: `initValue` for ever, as in optax. */
  readonly transitionSteps: number;
  /** A number from 0; 0 itself: `initValue` for ever, as in optax. */
  readonly decayRate: number;
  /** The count at which it begins; 0 if not given. */
  readonly transitionBegin?: number;
  /** Decays by whole factors only, at every `transitionSteps`; false if not given. */
  readonly isStaircase?: boolean;
  /** A bound of the value: the lowest for a rate below 1, else the highest. */
  readonly endValue?: number;
}

/** initValue · decayRate ^ (count / transitionSteps). Source: optax `exponential_decay`. */
export const exponentialDecay = (options: ExponentialOptions): Schedule => {
  const {
    initValue,
    transitionSteps,
    decayRate,
    transitionBegin = 0,
    isStaircase = false,
    endValue,
  } = options;
  expectKnown('exponentialDecay', options, [
    'initValue',
    'transitionSteps',
    'decayRate',
    'transitionBegin',
    'isStaircase',
    'endValue',
  ]);
  expectOptions('exponentialDecay', {
    initValue: [initValue, finite],
    transitionSteps: [transitionSteps, finite],
    decayRate: [decayRate, nonNegative],
    transitionBegin: [transitionBegin, finite],
    ...given({ endValue: [endValue, finite] }),
  });
  if (transitionSteps <= 0 || decayRate === 0) return constantSchedule(initValue);
  return withSettings(
    (count) => {
      const since = tf.sub(float(count), max(0, transitionBegin));
      const exact = tf.div(since, transitionSteps);
      const power = tf.maximum(isStaircase ? tf.floor(exact) : exact, 0);
      const value = tf.mul(initValue, tf.pow(decayRate, power));
      if (endValue === undefined) return value;
      return decayRate < 1 ? tf.maximum(value, endValue) : tf.minimum(value, endValue);
    },
    {
      exponential: { initValue, transitionSteps, decayRate, transitionBegin, isStaircase, endValue },
    },
  );
};

/** Half a cosine from a value down to a fraction of it. */
export interface CosineOptions {
  readonly initValue: number;
  readonly decaySteps: number;
  /** The last value as a fraction of the first; 0 if not given. */
  readonly alpha?: number;
  /** The power of the cosine; 1 if not given. */
  readonly exponent?: number;
}

/** Half a cosine, and its last value from there on. Source: optax `cosine_decay_schedule`. */
export const cosineDecaySchedule = (options: CosineOptions): Schedule => {
  const { initValue, decaySteps, alpha = 0, exponent = 1 } = options;
  expectKnown('cosineDecaySchedule', options, ['initValue', 'decaySteps', 'alpha', 'exponent']);
  expectOptions('cosineDecaySchedule', {
    initValue: [initValue, finite],
    decaySteps: [decaySteps, positive],
    alpha: [alpha, finite],
    exponent: [exponent, positive],
  });
  return withSettings(
    (count) => {
      const done = tf.minimum(float(count), decaySteps);
      const cosine = tf.mul(0.5, tf.add(1, tf.cos(tf.mul(Math.PI / decaySteps, done))));
      const shaped = exponent === 1 ? cosine : tf.pow(cosine, exponent);
      return tf.mul(initValue, tf.add(tf.mul(1 - alpha, shaped), alpha));
    },
    { cosine: { initValue, decaySteps, alpha, exponent } },
  );
};

/**
 * A step at each boundary: from that count on, the value is multiplied by the boundary's factor, a number from 0.
 * Source: optax `piecewise_constant_schedule`.
 */
export const piecewiseConstantSchedule = (
  initValue: number,
  boundariesAndScales: ReadonlyMap<number, number> | Readonly<Record<number, number>>,
): Schedule => {
  const pairs =
    boundariesAndScales instanceof Map ? [...boundariesAndScales] : Object.entries(boundariesAndScales);
  const steps = pairs.map(([boundary, scale]) => [Number(boundary), Number(scale)]).sort(([a], [b]) => a - b);
  expectOptions('piecewiseConstantSchedule', { initValue: [initValue, finite] });
  for (const [boundary, factor] of steps) {
    expectOptions('piecewiseConstantSchedule', {
      boundary: [boundary, finite],
      [`the factor at ${boundary}`]: [factor, nonNegative],
    });
  }
  return withSettings(
    (count) =>
      steps.reduce<tf.Tensor>((value, [boundary, scale]) => {
        const isPast = tf.cast(tf.greaterEqual(float(count), boundary), 'float32');
        return tf.mul(value, tf.add(1, tf.mul(isPast, scale - 1)));
      }, tf.scalar(initValue)),
    { piecewise: initValue, steps },
  );
};

/**
 * One schedule after the other; each counts from its own beginning.
 * @param boundaries  the counts at which the second and later ones take over
 * @throws RangeError when there is not one boundary between each two, in rising order
 * Source: optax `join_schedules`.
 */
export const joinSchedules = (schedules: readonly Schedule[], boundaries: readonly number[]): Schedule => {
  schedules.forEach((each) => expectSchedule('joinSchedules', each));
  const isRising = boundaries.every(
    (boundary, i) => Number.isFinite(boundary) && (i === 0 || boundary >= boundaries[i - 1]),
  );
  if (schedules.length !== boundaries.length + 1 || !isRising) {
    throw new RangeError(
      `joinSchedules takes one boundary between each two schedules, in rising order; got ${schedules.length} ` +
        `schedules and [${boundaries.join(', ')}]`,
    );
  }
  const [first, ...others] = schedules;
  return withSettings(
    (count) =>
      others.reduce(
        (value, schedule, i) => {
          const own = valueAt(schedule, tf.sub(float(count), boundaries[i]));
          return tf.where(tf.less(float(count), boundaries[i]), value, own);
        },
        valueAt(first, count),
      ),
    {
      join: schedules.map(settingsOf),
      boundaries,
    },
  );
};

/** A warm-up in a straight line, then half a cosine. */
export interface WarmupCosineOptions {
  readonly initValue: number;
  readonly peakValue: number;
  readonly warmupSteps: number;
  /** The length of the whole schedule: the warm-up is a part of it. */
  readonly decaySteps: number;
  /** 0 if not given. */
  readonly endValue?: number;
  readonly exponent?: number;
}

/** A warm-up, then half a cosine. Source: optax `warmup_cosine_decay_schedule`. */
export const warmupCosineDecaySchedule = (options: WarmupCosineOptions): Schedule => {
  const { initValue, peakValue, warmupSteps, decaySteps, endValue = 0, exponent } = options;
  expectKnown('warmupCosineDecaySchedule', options, [
    'initValue',
    'peakValue',
    'warmupSteps',
    'decaySteps',
    'endValue',
    'exponent',
  ]);
  expectOptions('warmupCosineDecaySchedule', {
    peakValue: [peakValue, finite],
    endValue: [endValue, finite],
    warmupSteps: [warmupSteps, nonNegative],
    [`decaySteps (the whole, with ${warmupSteps} of warm-up)`]: [
      decaySteps,
      { is: (value) => finite.is(value) && value > warmupSteps, name: 'more than the warm-up' },
    ],
  });
  const alpha = peakValue === 0 ? 0 : endValue / peakValue;
  return joinSchedules(
    [
      linearSchedule({ initValue, endValue: peakValue, transitionSteps: warmupSteps }),
      cosineDecaySchedule({ initValue: peakValue, decaySteps: decaySteps - warmupSteps, alpha, exponent }),
    ],
    [warmupSteps],
  );
};

/**
 * The same value for `flatSteps`, then half a cosine to 0 over `decaySteps` more.
 * Source: DeepMind's perceiver/train, `constant_cosine`; PIO appendix A.1.
 */
export const flatThenCosineSchedule = (value: number, flatSteps: number, decaySteps: number): Schedule =>
  joinSchedules(
    [constantSchedule(value), cosineDecaySchedule({ initValue: value, decaySteps })],
    [flatSteps],
  );

/** The values of a schedule at some counts, for a plot or a test. */
export const valuesOf = (schedule: Schedule, counts: readonly number[]): readonly number[] => {
  expectSchedule('valuesOf', schedule);
  return readAtOnce(() =>
    counts.map((count) => tf.tidy(() => valueAt(schedule, tf.scalar(count, 'int32')).dataSync()[0])),
  );
};
