/**
 * Einsum of one or two operands as one batched matrix product. The wasm backend has none; that of the cpu backend
 * multiplies everything with everything before it sums.
 */
import * as tf from '@tensorflow/tfjs-core';
import { register } from './register.js';

type T = tf.Tensor;

/** A tensor whose axes have letters. */
interface Lettered {
  readonly letters: string;
  readonly x: T;
}

const sizeOf = ({ letters, x }: Lettered, some: string): number =>
  [...some].reduce((size, letter) => size * x.shape[letters.indexOf(letter)], 1);

/** The letters of a string for which it holds. */
const only = (letters: string, holds: (letter: string) => boolean): string =>
  [...letters].filter(holds).join('');

/** Sums the axes away whose letters are not wanted. */
const summed = ({ letters, x }: Lettered, wanted: string): Lettered => {
  const axes = [...letters].flatMap((letter, axis) => (wanted.includes(letter) ? [] : [axis]));
  return { letters: only(letters, (l) => wanted.includes(l)), x: axes.length > 0 ? tf.sum(x, axes) : x };
};

/** The axes in the order of the letters. */
const ordered = ({ letters, x }: Lettered, order: string): T =>
  tf.transpose(
    x,
    [...order].map((letter) => letters.indexOf(letter)),
  );

/** [batch, rows, inner] · [batch, inner, columns], the letters sorted by what becomes of them. */
const contracted = (left: Lettered, right: Lettered, output: string): T => {
  const a = summed(left, right.letters + output);
  const b = summed(right, left.letters + output);
  const batch = only(a.letters, (l) => b.letters.includes(l) && output.includes(l));
  const inner = only(a.letters, (l) => b.letters.includes(l) && !output.includes(l));
  const rows = only(a.letters, (l) => !b.letters.includes(l));
  const columns = only(b.letters, (l) => !a.letters.includes(l));
  const product = tf.matMul(
    tf.reshape(ordered(a, batch + rows + inner), [sizeOf(a, batch), sizeOf(a, rows), sizeOf(a, inner)]),
    tf.reshape(ordered(b, batch + inner + columns), [sizeOf(b, batch), sizeOf(b, inner), sizeOf(b, columns)]),
  );
  const sizes = [...batch, ...rows].map((l) => sizeOf(a, l)).concat([...columns].map((l) => sizeOf(b, l)));
  return ordered({ letters: batch + rows + columns, x: tf.reshape(product, sizes) }, output);
};

/**
 * @param equation letters of each operand's axes, an arrow, letters of the result's: 'bqd,bkd->bqk'
 * @throws Error when a letter has two sizes, is twice in one operand, or is right of the arrow alone
 */
const einsum = (operands: readonly T[], equation: string): T => {
  // tfjs's own checks, which the other backends make as well.
  const { allDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, operands.length);
  tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, [...operands]);
  const [left, output] = equation.replace(/\s/g, '').split('->');
  const lettered = left.split(',').map((letters, i) => ({ letters, x: operands[i] }));
  return lettered.length === 1
    ? ordered(summed(lettered[0], output), output)
    : contracted(lettered[0], lettered[1], output);
};

export const registerEinsum = (backendName: string): void =>
  register<T[], tf.EinsumAttrs>(backendName, tf.Einsum, (operands, { equation }) =>
    tf.clone(einsum(operands, equation)),
  );
