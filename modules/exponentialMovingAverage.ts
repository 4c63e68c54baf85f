/**
 * Exponential moving averages, kept in the state; batch norm uses them.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../lib/data/array.js';
import {
  config,
  natural,
  flag,
  type OptionsFor,
  probability,
  required,
  withDefault,
} from '../lib/data/config.js';
import { module } from '../lib/language/module.js';

const source = 'dm-haiku `hk.ExponentialMovingAverage`';

export const exponentialMovingAverageConfig = config(
  'exponentialMovingAverage',
  'An exponential moving average of a value.',
  {
    decayRate: required(probability, {
      doc: 'Share of the old average that remains at each step, below 1.',
      source: `${source}, decay`,
    }),
    zeroDebias: withDefault(flag, true, {
      doc: 'True to correct the average for its start at zero.',
      source: `${source}; arXiv:1412.6980`,
    }),
    warmupLength: withDefault(natural, 0, {
      doc: 'Number of first steps at which the average is the value itself; only without zeroDebias.',
      source: `${source}, warmup_length`,
    }),
  },
);
export type ExponentialMovingAverageOptions = OptionsFor<typeof exponentialMovingAverageConfig> & {
  readonly name?: string;
};

/** Options of one call of a layer with statistics in the state. */
export interface Averaging {
  /** False to leave the state as it is; true if not given. */
  readonly updateStats?: boolean;
}

/**
 * Takes a value into the average and gives the new average; `average()` gives the average as it stands;
 * `initialize(shape)` sets it to zeros where there is none yet. State:
 * `counter` (int32), `hidden` and `average` of the value's shape.
 * @throws Error when `average()` is asked for before there is one
 * Source: dm-haiku `hk.ExponentialMovingAverage`.
 */
export const exponentialMovingAverage = (given: ExponentialMovingAverageOptions) => {
  const { name = 'exponential_moving_average', ...options } = exponentialMovingAverageConfig.given(given);
  const config = exponentialMovingAverageConfig.make(options);
  const { decayRate, zeroDebias, warmupLength } = config;
  if (decayRate === 1) throw new RangeError('decayRate is 1, expected a number below 1');
  if (warmupLength > 0 && zeroDebias)
    throw new RangeError('warmupLength and zeroDebias exclude each other: set zeroDebias to false');
  return module(
    name,
    (s) => ({
      call: (value: tf.Tensor, { updateStats = true }: Averaging = {}): tf.Tensor => {
        const past = s.state('counter', { shape: [], dtype: 'int32', value: -warmupLength });
        const counter = tf.add(past, tf.scalar(1, 'int32'));
        const decay =
          warmupLength > 0 ? tf.where(tf.lessEqual(counter, 0), 0, decayRate) : tf.scalar(decayRate);
        const old = s.state('hidden', { shape: value.shape, value: 0 });
        const hidden = tf.add(tf.mul(old, decay), tf.mul(value, tf.sub(1, decay)));
        const bias = tf.sub(1, tf.pow(decay, tf.cast(counter, 'float32')));
        const average = zeroDebias ? tf.div(hidden, bias) : hidden;
        if (updateStats) {
          s.setState('counter', counter);
          s.setState('hidden', hidden);
          s.setState('average', average);
        }
        return average;
      },
      average: () => s.state('average'),
      initialize: (shape: Shape): void => {
        s.state('hidden', { shape, value: 0 });
        s.state('average', { shape, value: 0 });
      },
    }),
    { config },
  );
};
