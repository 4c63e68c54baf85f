/**
 * The product with bias and residual for the wasm backend: both are added while a part of the result is in the cache. And
 * the gradients of its matrix and bias.
 */
import * as tf from '@tensorflow/tfjs-core';
import { affineGradient, affineOperation } from '../operations/affine.js';
import { multiply, type Operand } from './matMul.js';
import { isFull, registerOwnOperation } from './own.js';
import { sumOfRows } from './reductions.js';

/** The same numbers as one matrix; no tensor is made. */
const asRows = ({ dataId, dtype, shape }: tf.TensorInfo): Operand => {
  const columns = shape[shape.length - 1];
  return { dataId, dtype, shape: [tf.util.sizeFromShape(shape) / columns, columns] };
};

export const registerAffine = (): void => {
  registerOwnOperation(affineOperation, ({ x, w, bias, residual }, { transposed }, { native, backend }) => {
    if (!isFull(x, w, bias, residual)) return undefined;
    const transposes = { transposeA: false, transposeB: transposed };
    return multiply(native, backend, { a: x, b: w }, transposes, { bias, residual });
  });
  registerOwnOperation(affineGradient, ({ x, dy }, { transposed, withBias }, own) => {
    if (!isFull(x, dy)) return undefined;
    const [rows, dRows] = [asRows(x), asRows(dy)];
    const operands = transposed ? { a: dRows, b: rows } : { a: rows, b: dRows };
    const transposes = { transposeA: true, transposeB: false };
    const dw = multiply(own.native, own.backend, operands, transposes);
    return withBias ? [dw, sumOfRows(own, dRows)] : [dw];
  });
};
