/**
 * Derivatives of the kernels that work along axes.
 */
import * as tf from '@tensorflow/tfjs-core';
import { softmaxGradient } from '../operations/softmaxGradient.js';
import { indicator, rule } from './rule.js';

type T = tf.Tensor;

const axesOf = (axis: number | number[] | null, x: T): number[] =>
  tf.util.parseAxisParam(axis as number | number[], x.shape);

/** A reduced tensor with its reduced axes back, of size 1. */
const kept = (y: T, x: T, axes: number[]): T =>
  tf.reshape(
    y,
    x.shape.map((n, i) => (axes.includes(i) ? 1 : n)),
  );

/** Repeated to the shape of x; tfjs broadcasts nothing to an empty shape. */
const everywhere = (y: T, x: T): T => (x.size === 0 ? tf.zeros(x.shape) : tf.broadcastTo(y, x.shape));

const sizeAlong = (x: T, axes: number[]): number => axes.reduce((size, axis) => size * x.shape[axis], 1);

/** Every extreme value of a slice gets an equal share, as in JAX. */
const extremum = (dy: T, x: T, y: T, axes: number[]): T => {
  const isExtreme = indicator(tf.equal(x, kept(y, x, axes)));
  return tf.mul(tf.div(kept(dy, x, axes), tf.sum(isExtreme, axes, true)), isExtreme);
};

/** The product of all the others: those before times those after. Right where an element is 0, unlike y / x. */
const productOfOthers = (x: T, axes: number[]): T => {
  const others = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const permutation = [...others, ...axes];
  const moved = tf.transpose(x, permutation);
  const rows = tf.reshape(moved, [-1, sizeAlong(x, axes)]);
  const products = tf.mul(tf.cumprod(rows, 1, true, false), tf.cumprod(rows, 1, true, true));
  return tf.transpose(tf.reshape(products, moved.shape), inverse(permutation));
};

/** The permutation that undoes another. */
export const inverse = (permutation: readonly number[]): number[] =>
  permutation.reduce<number[]>((undo, from, to) => Object.assign(undo, { [from]: to }), []);

export const reductions: readonly tf.GradConfig[] = [
  rule<tf.SumAttrs>(tf.Sum, { inputs: ['x'] }, (dy, [x], { axis }) => ({
    x: () => everywhere(kept(dy, x, axesOf(axis, x)), x),
  })),
  rule<tf.MeanAttrs>(tf.Mean, { inputs: ['x'] }, (dy, [x], { axis }) => {
    const axes = axesOf(axis, x);
    return { x: () => everywhere(tf.div(kept(dy, x, axes), sizeAlong(x, axes)), x) };
  }),
  rule<tf.MaxAttrs>(tf.Max, { inputs: ['x'], output: true }, (dy, [x, y], { reductionIndices }) => ({
    x: () => extremum(dy, x, y, axesOf(reductionIndices, x)),
  })),
  rule<tf.MinAttrs>(tf.Min, { inputs: ['x'], output: true }, (dy, [x, y], { axis }) => ({
    x: () => extremum(dy, x, y, axesOf(axis, x)),
  })),
  rule<tf.ProdAttrs>(tf.Prod, { inputs: ['x'] }, (dy, [x], { axis }) => {
    const axes = axesOf(axis, x);
    return { x: () => tf.mul(kept(dy, x, axes), productOfOthers(x, axes)) };
  }),
  rule<tf.CumsumAttrs>(tf.Cumsum, {}, (dy, _, { axis, exclusive, reverse }) => ({
    x: () => tf.cumsum(dy, axis, exclusive, !reverse),
  })),
  rule<tf.SoftmaxAttrs>(tf.Softmax, { output: true }, (dy, [y]) => ({
    logits: () => softmaxGradient({ y, dy }),
  })),
];
