/** Operations element by element, and reductions. */
import * as tf from '@tensorflow/tfjs-core';
import { bools, floats, given, ints, smooth, stepwise, type Case } from './case.js';

type T = tf.Tensor;

/** The name that an operation has in `tf`. */
const nameOf = (f: { readonly name: string }): string => f.name.replace(/_*op$/, '');

const x = floats([3, 4]);
const positive = floats([3, 4], 0.3, 3);
const inside = floats([3, 4], -0.9, 0.9);
const above = floats([3, 4], 1.2, 3);
const row = floats([4], 0.5, 2.5);
const whole = ints([2, 3], [1, 2, 3, -4, 5, 6]);

const unary: readonly (readonly [(x: T) => T, typeof x])[] = [
  ...[tf.neg, tf.abs, tf.square, tf.exp, tf.expm1, tf.sin, tf.cos, tf.atan].map((f) => [f, x] as const),
  ...[tf.sinh, tf.cosh, tf.tanh, tf.asinh, tf.erf].map((f) => [f, x] as const),
  ...[tf.sigmoid, tf.softplus, tf.relu, tf.relu6, tf.elu, tf.selu, tf.logSigmoid].map((f) => [f, x] as const),
  ...[tf.sqrt, tf.rsqrt, tf.log, tf.log1p, tf.reciprocal].map((f) => [f, positive] as const),
  ...[tf.asin, tf.acos, tf.tan, tf.atanh].map((f) => [f, inside] as const),
  [tf.acosh, above],
];

const binary: readonly (readonly [(a: T, b: T) => T, typeof x, typeof x])[] = [
  ...[tf.add, tf.sub, tf.mul, tf.squaredDifference, tf.maximum, tf.minimum].map((f) => [f, x, row] as const),
  ...[tf.div, tf.atan2, tf.mod, tf.divNoNan].map((f) => [f, positive, row] as const),
  [tf.pow, positive, row],
];

const steps: readonly ((x: T) => T)[] = [
  tf.floor,
  tf.ceil,
  tf.round,
  tf.sign,
  tf.step,
  tf.zerosLike,
  tf.onesLike,
];
const tests: readonly ((x: T) => T)[] = [tf.isNaN, tf.isInf, tf.isFinite];
const comparisons: readonly ((a: T, b: T) => T)[] = [
  ...[tf.equal, tf.notEqual, tf.greater, tf.greaterEqual, tf.less, tf.lessEqual],
];
const logic: readonly ((a: T, b: T) => T)[] = [tf.logicalAnd, tf.logicalOr, tf.logicalXor];

const reductions: readonly ((x: T, axis?: number | number[], keep?: boolean) => T)[] = [
  ...[tf.sum, tf.mean, tf.max, tf.min, tf.prod, tf.logSumExp],
];

export const elementwiseCases: readonly Case[] = [
  ...unary.map(([f, input]) => smooth(nameOf(f), [input], f)),
  ...binary.map(([f, a, b]) => smooth(`${nameOf(f)} of [3, 4] and [4]`, [a, b], f)),
  ...binary.map(([f, a]) => smooth(`${nameOf(f)} with a scalar`, [given([], [1.7]), a], f)),
  smooth('pow of a negative base', [x], (a: T) => tf.pow(a, tf.scalar(3))),
  smooth('add of a tensor to itself', [x], (a: T) => tf.add(a, a)),
  smooth('leakyRelu', [x], (a: T) => tf.leakyRelu(a, 0.1)),
  smooth('prelu', [x, row], (a: T, b: T) => tf.prelu(a, b)),
  smooth('clipByValue', [x], (a: T) => tf.clipByValue(a, -1, 1)),
  smooth('addN', [x, positive], (a: T, b: T) => tf.addN([a, b])),
  smooth('cast to float', [x], (a: T) => tf.cast(a, 'float32')),
  smooth('clone', [x], (a: T) => tf.clone(a)),
  smooth('softmax', [floats([2, 3, 4])], (a: T) => tf.softmax(a)),
  smooth('logSoftmax', [floats([2, 3, 4])], (a: T) => tf.logSoftmax(a)),
  smooth('gelu, the tanh form', [x], (a: T) =>
    tf.mul(
      tf.mul(a, 0.5),
      tf.add(tf.tanh(tf.mul(0.7978845608, tf.add(a, tf.mul(0.044715, tf.pow(a, 3))))), 1),
    ),
  ),
  smooth('where of a plain condition', [x, positive], (a: T, b: T) =>
    tf.where(tf.tensor([1, 0, 0, 1], [4], 'bool'), a, b),
  ),
  smooth('where of a condition that was compared', [x, positive], (a: T, b: T) =>
    tf.where(tf.greater(a, 0.01), tf.square(a), b),
  ),
  smooth('where that broadcasts its branches', [x, given([], [-3])], (a: T, b: T) =>
    tf.where(tf.less(a, 0.01), a, b),
  ),
  smooth('product with a mask that was compared', [x], (a: T) =>
    tf.mul(a, tf.cast(tf.greater(a, 0.01), 'float32')),
  ),
  ...[tf.equal, tf.notEqual, tf.greater, tf.greaterEqual, tf.less, tf.lessEqual].map((compare) =>
    smooth(`where of ${nameOf(compare)} of differentiated tensors`, [x, row], (a: T, b: T) =>
      tf.where(compare(a, b), tf.mul(a, b), tf.sub(a, b)),
    ),
  ),
  smooth('where of logic of differentiated tensors', [x, row], (a: T, b: T) =>
    tf.where(
      tf.logicalAnd(tf.logicalNot(tf.greater(a, b)), tf.logicalOr(tf.isFinite(a), tf.isNaN(b))),
      tf.mul(a, b),
      b,
    ),
  ),
  smooth('a gather at argMax', [x], (a: T) => tf.gather(a, tf.cast(tf.argMax(tf.sum(a, 1)), 'int32'), 0)),
  smooth('stopped gradient by floor', [x], (a: T) => tf.mul(a, tf.floor(a))),
  ...reductions.flatMap((f) => [
    smooth(`${nameOf(f)} of everything`, [positive], (a: T) => f(a)),
    smooth(`${nameOf(f)} along the last axis`, [floats([2, 3, 2], 0.4, 2)], (a: T) => f(a, -1)),
    smooth(`${nameOf(f)} along two axes, kept`, [floats([2, 3, 2], 0.4, 2)], (a: T) => f(a, [0, 2], true)),
    smooth(`${nameOf(f)} along the first axis, kept`, [floats([2, 3, 2], 0.4, 2)], (a: T) => f(a, 0, true)),
  ]),
  smooth('prod with a zero', [given([2, 3], [1, 0, 2, 3, 4, 5])], (a: T) => tf.prod(a, 1)),
  smooth('moments', [floats([3, 4])], (a: T) => {
    const { mean, variance } = tf.moments(a, [1], true);
    return [mean, variance];
  }),
  smooth('norm', [x], (a: T) => tf.norm(a)),
  ...[false, true].flatMap((isReversed) =>
    [false, true].map((isExclusive) =>
      smooth(`cumsum, exclusive ${isExclusive}, reverse ${isReversed}`, [floats([2, 3, 2])], (a: T) =>
        tf.cumsum(a, 1, isExclusive, isReversed),
      ),
    ),
  ),
  smooth('cumsum along the last axis', [floats([2, 3, 2])], (a: T) => tf.cumsum(a, -1)),
  stepwise('cumprod, exclusive, backwards', [floats([2, 5, 2], 0.4, 2)], (a: T) =>
    tf.cumprod(a, 1, true, true),
  ),
  stepwise('cumprod', [floats([2, 3], 0.4, 2)], (a: T) => tf.cumprod(a, 1)),
  ...steps.map((f) => stepwise(nameOf(f), [x], f)),
  ...tests.map((f) => stepwise(nameOf(f), [given([4], [0, NaN, Infinity, 1])], f)),
  ...comparisons.map((f) => stepwise(`${nameOf(f)} of [3, 4] and [4]`, [x, row], f)),
  ...comparisons.map((f) => stepwise(`${nameOf(f)} of integers`, [whole, ints([], [2])], f)),
  ...logic.map((f) => stepwise(nameOf(f), [bools([2, 2], [0, 1, 0, 1]), bools([2], [1, 0])], f)),
  stepwise('logicalNot', [bools([3], [0, 1, 1])], (a: T) => tf.logicalNot(a)),
  stepwise('bitwiseAnd', [ints([3], [7, 5, 2]), ints([3], [3, 3, 3])], (a: T, b: T) => tf.bitwiseAnd(a, b)),
  ...[tf.add, tf.sub, tf.mul, tf.maximum, tf.minimum, tf.mod, tf.floorDiv, tf.squaredDifference, tf.pow].map(
    (f) => stepwise(`${nameOf(f)} of integers`, [whole, ints([], [2])], f),
  ),
  ...[tf.add, tf.sub, tf.mul, tf.div].map((f) =>
    stepwise(`${nameOf(f)} of an integer and a float`, [whole, given([], [2])], f),
  ),
  ...[tf.sum, tf.mean, tf.max, tf.min, tf.prod].map((f) =>
    stepwise(`${nameOf(f)} of integers`, [whole], (a: T) => f(a, 1)),
  ),
  stepwise('sum of booleans', [bools([3], [1, 0, 1])], (a: T) => tf.sum(a)),
  stepwise('argMax', [x], (a: T) => tf.argMax(a, 1)),
  stepwise('argMin', [x], (a: T) => tf.argMin(a, 0)),
  stepwise('all', [bools([2, 2], [1, 0, 1, 1])], (a: T) => tf.all(a, 1)),
  stepwise('any', [bools([2, 2], [0, 0, 1, 1])], (a: T) => tf.any(a, 0, true)),
  stepwise('cast to int', [x], (a: T) => tf.cast(a, 'int32')),
  stepwise('cast to bool', [whole], (a: T) => tf.cast(a, 'bool')),
  stepwise('cast of booleans', [bools([3], [1, 0, 1])], (a: T) => tf.cast(a, 'float32')),
  stepwise('topk', [x], (a: T) => {
    const { values, indices } = tf.topk(a, 2);
    return [values, indices];
  }),
];
