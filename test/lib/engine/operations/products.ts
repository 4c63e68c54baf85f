/** Matrix products and einsum. */
import * as tf from '@tensorflow/tfjs-core';
import { floats, smooth, stepwise, type Case } from './case.js';

type T = tf.Tensor;

const flags = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;

const oriented = (batch: readonly number[], rows: number, columns: number, isTransposed: boolean) =>
  floats(isTransposed ? [...batch, columns, rows] : [...batch, rows, columns]);

const product = (a: readonly number[], b: readonly number[]): readonly Case[] =>
  flags.map(([ta, tb]) =>
    smooth(
      `matMul of batches [${a}] and [${b}], transposed ${ta} and ${tb}`,
      [oriented(a, 2, 3, ta), oriented(b, 3, 4, tb)],
      (x: T, y: T) => tf.matMul(x, y, ta, tb),
    ),
  );

const einsum = (equation: string, ...shapes: readonly (readonly number[])[]): Case =>
  smooth(
    `einsum ${equation}`,
    shapes.map((shape, i) => floats(shape, -1 - i, 2)),
    (...xs: T[]) => tf.einsum(equation, ...xs),
  );

export const productCases: readonly Case[] = [
  ...product([], []),
  ...product([2], [2]),
  ...product([2], [1]),
  ...product([], [3]),
  ...product([2, 1], [3]),
  ...product([2, 2], [2, 2]),
  smooth('matMul of one row', [floats([1, 3]), floats([3, 4])], (a: T, b: T) => tf.matMul(a, b)),
  smooth('matMul of one column', [floats([5, 3]), floats([3, 1])], (a: T, b: T) => tf.matMul(a, b)),
  smooth('dot', [floats([3]), floats([3, 2])], (a: T, b: T) => tf.dot(a, b)),
  smooth('outerProduct', [floats([3]), floats([2])], (a: T, b: T) =>
    tf.outerProduct(a as tf.Tensor1D, b as tf.Tensor1D),
  ),
  stepwise('matMul of nothing', [floats([0, 3]), floats([3, 2])], (a: T, b: T) => tf.matMul(a, b)),
  stepwise('matMul over nothing', [floats([2, 0]), floats([0, 3])], (a: T, b: T) => tf.matMul(a, b)),
  stepwise('matMul of no batches', [floats([0, 2, 3]), floats([0, 3, 2])], (a: T, b: T) => tf.matMul(a, b)),
  smooth('fused matMul with bias', [floats([2, 3]), floats([3, 4]), floats([4])], (a: T, b: T, bias: T) =>
    tf.fused.matMul({ a, b, bias }),
  ),
  smooth(
    'fused matMul with bias and relu',
    [floats([2, 3]), floats([3, 4]), floats([4])],
    (a: T, b: T, bias: T) => tf.fused.matMul({ a, b, bias, activation: 'relu' }),
  ),
  einsum('ij,jk->ik', [2, 3], [3, 4]),
  einsum('ij,kj->ki', [2, 3], [4, 3]),
  einsum('bthd,bshd->bhts', [2, 3, 2, 2], [2, 4, 2, 2]),
  einsum('bhts,bshd->bthd', [2, 2, 3, 4], [2, 4, 2, 2]),
  einsum('bij,bjk->bik', [2, 2, 3], [2, 3, 2]),
  einsum('ij->ji', [2, 3]),
  einsum('ij->i', [2, 3]),
  einsum('ij->', [2, 3]),
  einsum('i,j->ij', [2], [3]),
  einsum('i,i->', [3], [3]),
  einsum('ij,ij->ij', [2, 3], [2, 3]),
  einsum('ijk,k->ij', [2, 2, 3], [3]),
  einsum('ij,jk->i', [2, 3], [3, 4]),
  einsum('i,ijk->jk', [2], [2, 3, 2]),
];
