/**
 * Derivatives of matrix products and einsum.
 */
import * as tf from '@tensorflow/tfjs-core';
import { rule, sumTo } from './rule.js';

type T = tf.Tensor;

/** Sizes of the letters of an einsum. */
const sizesOf = (terms: readonly string[], operands: readonly T[]): ReadonlyMap<string, number> =>
  new Map(terms.flatMap((term, i) => [...term].map((letter, j) => [letter, operands[i].shape[j]] as const)));

/**
 * The cotangent of one operand: dy and the other operand, summed to the operand's letters; letters that only the
 * operand had were summed away, so every element along them gets the same.
 */
const einsumBack = (dy: T, operands: readonly T[], equation: string, index: number): T => {
  const [left, output] = equation.replace(/\s/g, '').split('->');
  const terms = left.split(',');
  const others = terms.flatMap((term, i) => (i === index ? [] : [{ term, operand: operands[i] }]));
  const reachable = new Set([...output, ...others.flatMap(({ term }) => [...term])]);
  const target = [...terms[index]].filter((letter) => reachable.has(letter)).join('');
  const from = [output, ...others.map(({ term }) => term)].join(',');
  const summed = tf.einsum(`${from}->${target}`, dy, ...others.map(({ operand }) => operand));
  const sizes = sizesOf(terms, operands);
  const kept = [...terms[index]].map((letter) => (reachable.has(letter) ? (sizes.get(letter) as number) : 1));
  return tf.broadcastTo(tf.reshape(summed, kept), operands[index].shape);
};

/** All leading axes in one. */
const asRows = (x: T): T => tf.reshape(x, [-1, x.shape[x.rank - 1]]);

/** The cotangent of b in a · b. One matrix b for a whole batch of a is one product, rather than a sum of many. */
const backRight = (dy: T, a: T, b: T, { transposeA, transposeB }: tf.BatchMatMulAttrs): T => {
  const isShared = b.rank === 2 && a.rank > 2 && !transposeA;
  const [x, d] = isShared ? [asRows(a), asRows(dy)] : [a, dy];
  return transposeB ? tf.matMul(d, x, true, transposeA) : tf.matMul(x, d, !transposeA, false);
};

export const products: readonly tf.GradConfig[] = [
  rule<tf.BatchMatMulAttrs>(tf.BatchMatMul, { inputs: ['a', 'b'] }, (dy, [a, b], attrs) => ({
    a: () => {
      const { transposeA, transposeB } = attrs;
      const da = transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB);
      return sumTo(da, a.shape);
    },
    b: () => sumTo(backRight(dy, a, b, attrs), b.shape),
  })),
  rule<tf.EinsumAttrs>(tf.Einsum, { allInputs: true }, (dy, operands, { equation }) =>
    Object.fromEntries(operands.map((_, i) => [i, () => einsumBack(dy, operands, equation, i)])),
  ),
];
