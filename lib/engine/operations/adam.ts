/**
 * Adam's rescaling of gradients as one operation: a kernel where the backend has one, else composed. All inputs of many
 * leaves are one matrix, so an update costs what one leaf of the total size costs.
 */
import * as tf from '@tensorflow/tfjs-core';
import { expectShape } from '../../data/shape.js';
import { isWithoutData } from '../shapes/withoutData.js';
import { operation } from './operation.js';

type T = tf.Tensor;

export interface AdamInputs {
  readonly grads: T;
  /** The moments before the update, of the gradients' shape. */
  readonly mu: T;
  readonly nu: T;
  /** 1 − b1ᵗ and 1 − b2ᵗ after t updates, this one included: scalars. */
  readonly muShare: T;
  readonly nuShare: T;
}

export interface AdamAttributes {
  readonly b1: number;
  readonly b2: number;
  readonly eps: number;
  readonly epsRoot: number;
}

/** decay · moment + (1 − decay) · value */
const moved = (moment: T, value: T, decay: number): T =>
  tf.tidy(() => tf.add(tf.mul(1 - decay, value), tf.mul(decay, moment)));

/** Without `epsRoot` both corrections are one number, by which the quotient is multiplied: two passes fewer. */
const composed = (
  { grads, mu, nu, muShare, nuShare }: AdamInputs,
  { b1, b2, eps, epsRoot }: AdamAttributes,
): T[] => {
  const [first, second] = [moved(mu, grads, b1), moved(nu, tf.square(grads), b2)];
  if (epsRoot === 0) {
    const root = tf.sqrt(nuShare);
    const quotient = tf.div(first, tf.add(tf.sqrt(second), tf.mul(root, eps)));
    return [tf.mul(tf.div(root, muShare), quotient), first, second];
  }
  const scale = tf.add(tf.sqrt(tf.add(tf.div(second, nuShare), epsRoot)), eps);
  return [tf.div(tf.div(first, muShare), scale), first, second];
};

/** The same, always as one operation. */
export const adamOperation = operation<AdamInputs, AdamAttributes, T[]>({
  name: 'RengaAdam',
  shape: ({ grads: { shape }, mu, nu }) => {
    // A kernel goes through all three by the size of the first.
    for (const [name, moment] of Object.entries({ mu, nu }))
      expectShape(`adam: ${name}`, moment.shape, shape);
    return Array.from({ length: 3 }, () => ({ shape, dtype: 'float32' as const }));
  },
  compose: composed,
});

/** The updates and the next moments; composed where a program is written down. */
export const adamStep = (inputs: AdamInputs, attrs: AdamAttributes): readonly [updates: T, mu: T, nu: T] =>
  (isWithoutData() ? composed(inputs, attrs) : adamOperation(inputs, attrs)) as [T, T, T];
