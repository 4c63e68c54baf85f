/** Moving averages of leaves, and the count of updates that corrects them for their start at 0. */
import * as tf from '@tensorflow/tfjs-core';
import { tidy } from '../engine/index.js';
import type { Leaves } from './leaves.js';

/** decay · moment + (1 − decay) · value. */
export const moved = (moment: Leaves, value: () => tf.Tensor, decay: number): Leaves =>
  moment.with(tidy(() => tf.add(tf.mul(1 - decay, value()), tf.mul(decay, moment.matrix))));

/** The count before the first update. */
const zero = (): tf.Tensor => tf.scalar(0, 'int32');

/** The count after one more update; it stays at the largest int32, as in optax. */
const next = (count: tf.Tensor): tf.Tensor =>
  tidy(() => tf.add(count, tf.cast(tf.less(count, tf.scalar(2 ** 31 - 1, 'int32')), 'int32')));

/** 1 − decay ^ count, the share that a moment which began at 0 has of its final size. */
export const share = (decay: number, count: tf.Tensor): tf.Tensor =>
  tidy(() => tf.sub(1, tf.pow(decay, tf.cast(count, 'float32'))));

/** The count of updates: its first value, and the one after. */
export const countFrom = { zero, next } as const;
