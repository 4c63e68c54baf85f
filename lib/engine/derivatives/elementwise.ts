/**
 * Derivatives of the kernels that work element by element on one tensor, and of those that are flat.
 */
import * as tf from '@tensorflow/tfjs-core';
import { flat, indicator, rule } from './rule.js';

type Slope<A = object> = (kept: tf.Tensor, attrs: A) => tf.Tensor;

/** dx = dy · slope(x) */
const ofInput = <A = object>(kernelName: string, slope: Slope<A>): tf.GradConfig =>
  rule<A>(kernelName, { inputs: ['x'] }, (dy, [x], attrs) => ({ x: () => tf.mul(dy, slope(x, attrs)) }));

/** dx = dy · slope(y), where the result says more cheaply what the input would. */
const ofOutput = <A = object>(kernelName: string, slope: Slope<A>): tf.GradConfig =>
  rule<A>(kernelName, { output: true }, (dy, [y], attrs) => ({ x: () => tf.mul(dy, slope(y, attrs)) }));

const squaredFrom = (one: number, x: tf.Tensor): tf.Tensor => tf.sub(one, tf.square(x));

const powers: readonly tf.GradConfig[] = [
  ofInput(tf.Square, (x) => tf.mul(2, x)),
  ofOutput(tf.Sqrt, (y) => tf.div(0.5, y)),
  ofOutput(tf.Rsqrt, (y) => tf.mul(-0.5, tf.mul(tf.square(y), y))),
  ofOutput(tf.Reciprocal, (y) => tf.neg(tf.square(y))),
  ofOutput(tf.Exp, (y) => y),
  ofOutput(tf.Expm1, (y) => tf.add(y, 1)),
  ofInput(tf.Log, (x) => tf.reciprocal(tf.cast(x, 'float32'))),
  ofInput(tf.Log1p, (x) => tf.reciprocal(tf.add(1, x))),
  ofInput(tf.Erf, (x) => tf.mul(2 / Math.sqrt(Math.PI), tf.exp(tf.neg(tf.square(x))))),
];

const trigonometry: readonly tf.GradConfig[] = [
  ofInput(tf.Sin, (x) => tf.cos(x)),
  ofInput(tf.Cos, (x) => tf.neg(tf.sin(x))),
  ofOutput(tf.Tan, (y) => tf.add(1, tf.square(y))),
  ofInput(tf.Asin, (x) => tf.rsqrt(squaredFrom(1, x))),
  ofInput(tf.Acos, (x) => tf.neg(tf.rsqrt(squaredFrom(1, x)))),
  ofInput(tf.Atan, (x) => tf.reciprocal(tf.add(1, tf.square(x)))),
  ofInput(tf.Sinh, (x) => tf.cosh(x)),
  ofInput(tf.Cosh, (x) => tf.sinh(x)),
  ofOutput(tf.Tanh, (y) => squaredFrom(1, y)),
  ofInput(tf.Asinh, (x) => tf.rsqrt(tf.add(1, tf.square(x)))),
  ofInput(tf.Acosh, (x) => tf.rsqrt(tf.sub(tf.square(x), 1))),
  ofInput(tf.Atanh, (x) => tf.reciprocal(squaredFrom(1, x))),
];

const { SELU_SCALE: scale, SELU_SCALEALPHA: scaleAlpha } = tf.backend_util;

/** The share of a slope at a bound: 1 within, 0 beyond it, and one half at the bound itself, as JAX shares a tie. */
const within = (isInside: tf.Tensor, isInsideOrAt: tf.Tensor): tf.Tensor =>
  tf.mul(0.5, tf.add(indicator(isInside), indicator(isInsideOrAt)));

/** Slopes at kinks are those of `jax.nn`, `jnp.abs` and `jnp.clip`. */
const activations: readonly tf.GradConfig[] = [
  ofOutput(tf.Relu, (y) => tf.step(y)),
  ofInput(tf.Relu6, (x) => tf.mul(tf.step(x), tf.step(tf.sub(6, x)))),
  ofInput<{ alpha: number }>(tf.LeakyRelu, (x, { alpha }) =>
    tf.where(tf.greaterEqual(x, 0), tf.onesLike(x), tf.fill(x.shape, alpha)),
  ),
  ofOutput(tf.Elu, (y) => tf.where(tf.greater(y, 0), tf.onesLike(y), tf.add(y, 1))),
  ofInput(tf.Selu, (x) => tf.where(tf.greater(x, 0), tf.fill(x.shape, scale), tf.mul(scaleAlpha, tf.exp(x)))),
  ofOutput(tf.Sigmoid, (y) => tf.mul(y, tf.sub(1, y))),
  ofInput(tf.Softplus, (x) => tf.sigmoid(x)),
  ofInput(tf.Abs, (x) => tf.sub(tf.mul(2, indicator(tf.greaterEqual(x, 0))), 1)),
  ofInput<tf.ClipByValueAttrs>(tf.ClipByValue, (x, { clipValueMin, clipValueMax }) =>
    tf.mul(
      within(tf.greater(x, clipValueMin), tf.greaterEqual(x, clipValueMin)),
      within(tf.less(x, clipValueMax), tf.lessEqual(x, clipValueMax)),
    ),
  ),
];

const linear: readonly tf.GradConfig[] = [
  rule(tf.Neg, {}, (dy) => ({ x: () => tf.neg(dy) })),
  rule(tf.Identity, {}, (dy) => ({ x: () => tf.clone(dy) })),
  rule(tf.Cast, {}, (dy) => ({ x: () => tf.clone(dy) })),
  rule(tf.AddN, { allInputs: true }, (dy, inputs) =>
    Object.fromEntries(inputs.map((_, i) => [i, () => tf.clone(dy)])),
  ),
];

const constant: readonly tf.GradConfig[] = [
  ...[tf.Floor, tf.Ceil, tf.Round, tf.Sign, tf.Step].map((name) => flat(name, 'x')),
  ...[tf.ZerosLike, tf.OnesLike, tf.IsNan, tf.IsInf, tf.IsFinite, tf.LogicalNot].map((name) =>
    flat(name, 'x'),
  ),
  ...[tf.Equal, tf.NotEqual, tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual].map((name) =>
    flat(name, 'a', 'b'),
  ),
  ...[tf.LogicalAnd, tf.LogicalOr, tf.FloorDiv].map((name) => flat(name, 'a', 'b')),
  ...[tf.ArgMax, tf.ArgMin, tf.Any, tf.All].map((name) => flat(name, 'x')),
  flat(tf.OneHot, 'indices'),
];

export const elementwise = [...powers, ...trigonometry, ...activations, ...linear, ...constant];
