/**
 * Derivatives of the kernels that combine tensors element by element. Broadcast inputs get the sum over what was
 * repeated.
 */
import * as tf from '@tensorflow/tfjs-core';
import { indicator, rule, sumTo } from './rule.js';

type T = tf.Tensor;

/** da and db before broadcasting is undone. */
const ofBoth = (
  kernelName: string,
  da: (dy: T, a: T, b: T) => T,
  db: (dy: T, a: T, b: T) => T,
): tf.GradConfig =>
  rule(kernelName, { inputs: ['a', 'b'] }, (dy, [a, b]) => ({
    a: () => sumTo(da(dy, a, b), a.shape),
    b: () => sumTo(db(dy, a, b), b.shape),
  }));

/** 1 where a wins, 0 where b does, and half each where they are equal, as JAX shares it. */
const share = (wins: (a: T, b: T) => T, winsOrTies: (a: T, b: T) => T, a: T, b: T): T =>
  tf.mul(0.5, tf.add(indicator(wins(a, b)), indicator(winsOrTies(a, b))));

const extremum = (
  kernelName: string,
  wins: typeof tf.greater,
  winsOrTies: typeof tf.greater,
): tf.GradConfig =>
  ofBoth(
    kernelName,
    (dy, a, b) => tf.mul(dy, share(wins, winsOrTies, a, b)),
    (dy, a, b) => tf.mul(dy, share(wins, winsOrTies, b, a)),
  );

const squares = (a: T, b: T): T => tf.add(tf.square(a), tf.square(b));

/** b · a^(b−1), and 0 rather than 0 · ∞ where b is 0 */
const powerSlope = (a: T, b: T): T => {
  const isZero = tf.equal(b, 0);
  return tf.mul(b, tf.pow(a, tf.where(isZero, tf.onesLike(b), tf.sub(b, 1))));
};

/** log a, and 0 where the power is no function of its exponent */
const safeLog = (a: T): T => {
  const isPositive = tf.greater(a, 0);
  return tf.where(isPositive, tf.log(tf.where(isPositive, a, tf.onesLike(a))), tf.zerosLike(a));
};

export const binary: readonly tf.GradConfig[] = [
  ofBoth(
    tf.Add,
    (dy) => dy,
    (dy) => dy,
  ),
  ofBoth(
    tf.Sub,
    (dy) => dy,
    (dy) => tf.neg(dy),
  ),
  ofBoth(
    tf.Multiply,
    (dy, _, b) => tf.mul(dy, b),
    (dy, a) => tf.mul(dy, a),
  ),
  ofBoth(
    tf.RealDiv,
    (dy, _, b) => tf.div(dy, tf.cast(b, 'float32')),
    (dy, a, b) => tf.neg(tf.div(tf.mul(dy, a), tf.square(tf.cast(b, 'float32')))),
  ),
  ofBoth(
    tf.Mod,
    (dy) => dy,
    (dy, a, b) => tf.neg(tf.mul(dy, tf.floor(tf.div(a, b)))),
  ),
  ofBoth(
    tf.SquaredDifference,
    (dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(a, b))),
    (dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(b, a))),
  ),
  ofBoth(
    tf.Atan2,
    (dy, a, b) => tf.mul(dy, tf.div(b, squares(a, b))),
    (dy, a, b) => tf.neg(tf.mul(dy, tf.div(a, squares(a, b)))),
  ),
  extremum(tf.Maximum, tf.greater, tf.greaterEqual),
  extremum(tf.Minimum, tf.less, tf.lessEqual),
  rule(tf.Pow, { inputs: ['a', 'b'], output: true }, (dy, [a, b, y]) => ({
    a: () => sumTo(tf.mul(dy, powerSlope(a, b)), a.shape),
    b: () => sumTo(tf.mul(dy, tf.mul(y, safeLog(a))), b.shape),
  })),
  rule(tf.Prelu, { inputs: ['x', 'alpha'] }, (dy, [x, alpha]) => {
    const isStraight = tf.greaterEqual(x, 0);
    return {
      x: () => tf.where(isStraight, dy, tf.mul(dy, alpha)),
      alpha: () => sumTo(tf.where(isStraight, tf.zerosLike(dy), tf.mul(dy, x)), alpha.shape),
    };
  }),
  rule(tf.Select, { inputs: ['condition'] }, (dy, [condition]) => ({
    condition: () => tf.zeros(condition.shape),
    t: () => tf.where(condition, dy, tf.zerosLike(dy)),
    e: () => tf.where(condition, tf.zerosLike(dy), dy),
  })),
];
