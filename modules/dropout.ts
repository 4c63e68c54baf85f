/**
 * Dropout: zeroes elements at random in training and scales up the rest.
 */
import * as tf from '@tensorflow/tfjs-core';
import { bernoulliTensor } from '../lib/engine/index.js';
import type { LazyKey } from '../lib/random/index.js';
import type { Scope } from '../lib/language/scope.js';

/** Dropout's factors: 1 / (1 − rate) with probability 1 − rate, 0 otherwise. */
export const keepMask = (key: LazyKey, rate: number, shape: readonly number[]): tf.Tensor =>
  tf.div(tf.cast(bernoulliTensor(key, 1 - rate, shape), 'float32'), 1 - rate);

/**
 * Zeroes each element with probability `rate`. One key is drawn whatever the rate, as in Haiku, and forced only where
 * something is dropped.
 * @param rate from 0 up to, not including, 1
 * Source: dm-haiku `hk.dropout`.
 */
export const dropout = (key: LazyKey, rate: number, x: tf.Tensor): tf.Tensor => {
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`dropout rate is ${rate}, expected 0 ≤ rate < 1`);
  return rate === 0 ? x : tf.mul(x, keepMask(key, rate, x.shape));
};

/** Dropout as a layer: active in training alone; draws one key for each call. */
export const dropoutLayer =
  (rate: number) =>
  (s: Scope, x: tf.Tensor): tf.Tensor =>
    dropout(s.key(), s.isTraining ? rate : 0, x);
