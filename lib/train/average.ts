/**
 * The moving average of parameters, in both forms that are in use: begun at zeros and corrected for it, or begun as a
 * copy of the first parameters.
 */
import * as tf from '@tensorflow/tfjs-core';
import { fraction } from '../data/config.js';
import { expectKnown } from '../data/nearest.js';
import { tidy } from '../engine/index.js';
import { type Leaves, zeros } from './leaves.js';
import { countFrom, moved, share } from './averaging.js';
import { expectOptions, oneOf } from './options.js';
import type { AveragedParams } from './trainState.js';

export interface AverageOptions {
  /** The share of the average that stays at each update, in [0, 1). */
  readonly decay: number;
  /**
   * `zeros`: begins at zeros and divides by 1 − decay ^ count when it is read, as `optax.ema` and Haiku's
   * `ExponentialMovingAverage` do. `copy`: begins as the first parameters.
   */
  readonly start: 'zeros' | 'copy';
}

/** @throws RangeError for a decay outside of [0, 1), or another start */
export const expectAverageOptions = (options: AverageOptions): void => {
  const { decay, start } = options;
  expectKnown('trainStep: ema', options, ['decay', 'start']);
  expectOptions('trainStep: ema', { decay: [decay, fraction], start: [start, oneOf('zeros', 'copy')] });
};

export const initialAverage = (params: Leaves, { start }: AverageOptions): AveragedParams => ({
  count: countFrom.zero(),
  average: start === 'zeros' ? zeros(params.layout) : params.with(params.matrix.clone()),
});

/** The average with the parameters after one more update. */
export const nextAverage = (
  { count, average }: AveragedParams,
  params: Leaves,
  { decay }: AverageOptions,
): AveragedParams => ({
  count: countFrom.next(count),
  average: moved(average, () => params.matrix, decay),
});

/** The averaged parameters; before the first update those of `zeros` are zeros. */
export const readAverage = ({ count, average }: AveragedParams, { decay, start }: AverageOptions): Leaves => {
  if (start === 'copy') return average.with(average.matrix.clone());
  return average.with(tidy(() => tf.divNoNan(average.matrix, share(decay, count))));
};
