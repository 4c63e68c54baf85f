/**
 * Shapes of matrix products and einsum.
 */
import * as tf from '@tensorflow/tfjs-core';
import { spec, type ShapeKernels, type Spec } from './kernel.js';

/**
 * @param a [..., M, K], or [..., K, M] when transposed
 * @param b [..., K, N], or [..., N, K] when transposed
 * @returns [..., M, N], leading dimensions broadcast
 * @throws Error when the two disagree on K
 */
const product = ({ a, b }: { a: Spec; b: Spec }, { transposeA, transposeB }: tf.BatchMatMulAttrs): Spec => {
  const [rows, innerA] = transposeA ? a.shape.slice(-2).reverse() : a.shape.slice(-2);
  const [innerB, columns] = transposeB ? b.shape.slice(-2).reverse() : b.shape.slice(-2);
  if (innerA !== innerB) {
    throw new Error(
      `matMul: inner dimensions ${innerA} and ${innerB} of [${a.shape}] and [${b.shape}] ` +
        `with transposeA=${transposeA}, transposeB=${transposeB} do not match`,
    );
  }
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return spec([...batch, rows, columns], a.dtype);
};

/** Sizes of the letters that stand right of the arrow. */
const einsum = (inputs: tf.Tensor[], { equation }: tf.EinsumAttrs): Spec => {
  const { backend_util: util } = tf;
  const { allDims, idDims } = util.decodeEinsumEquation(equation, inputs.length);
  util.checkEinsumDimSizes(allDims.length, idDims, inputs);
  const letters = equation.replace(/\s/g, '').split('->')[1];
  const sizes = new Map<string, number>();
  idDims.forEach((dims, i) => dims.forEach((dim, j) => sizes.set(allDims[dim], inputs[i].shape[j])));
  return spec(
    [...letters].map((letter) => sizes.get(letter) as number),
    inputs[0].dtype,
  );
};

export const products: ShapeKernels = {
  [tf.BatchMatMul]: product,
  [tf._FusedMatMul]: product,
  [tf.Einsum]: einsum,
};
