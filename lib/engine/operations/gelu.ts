/**
 * GELU as one operation, in its tanh form and in its exact one: a kernel where the backend has one, else composed.
 */
import * as tf from '@tensorflow/tfjs-core';
import { byRows } from './byRows.js';
import { operation } from './operation.js';
import { isRecording } from './tape.js';

type T = tf.Tensor;

interface GeluAttrs {
  /** x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³))), or x/2 · (1 + erf(x / √2)). */
  readonly approximate: 'tanh' | 'none';
}

interface GeluGradientInputs {
  readonly x: T;
  readonly dy: T;
}

// The share's tanh form is the sigmoid of 2u = slope · (x + cubic · x³).
const cubic = 0.044715;
const slope = 2 * Math.sqrt(2 / Math.PI);

/** The factor of x: (1 + tanh u) / 2 = 1 / (1 + exp(−2u)), or (1 + erf(x / √2)) / 2. */
const share = (x: T, { approximate }: GeluAttrs): T =>
  approximate === 'tanh'
    ? tf.sigmoid(tf.mul(tf.add(tf.mul(tf.square(x), slope * cubic), slope), x))
    : tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);

/** The derivative of the share: s·(1 − s)·2u′, or the normal density. */
const density = (x: T, s: T, { approximate }: GeluAttrs): T => {
  if (approximate === 'none') return tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  const rise = tf.add(tf.mul(tf.square(x), 3 * slope * cubic), slope);
  return tf.mul(tf.mul(s, tf.sub(1, s)), rise);
};

const composedGelu = ({ x }: { x: T }, attrs: GeluAttrs): T =>
  byRows(x, (rows) => tf.mul(rows, share(rows, attrs)));

const composedGradient = ({ x, dy }: GeluGradientInputs, attrs: GeluAttrs): T => {
  const s = share(x, attrs);
  return tf.mul(dy, tf.add(s, tf.mul(x, density(x, s, attrs))));
};

/** dy · gelu′(x) */
export const geluGradient = operation<GeluGradientInputs, GeluAttrs>({
  name: 'RengaGeluGradient',
  shape: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  compose: composedGradient,
});

/** GELU of each element. */
export const gelu = operation<{ x: T }, GeluAttrs>({
  name: 'RengaGelu',
  shape: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  compose: composedGelu,
  derivative: (dy, { x }, attrs) => ({
    x: () => (isRecording() ? composedGradient : geluGradient)({ x, dy }, attrs),
  }),
});
