/**
 * The product with bias and residual for the wasm backend: both are added while a part of the result is in the cache.
 */
import { affine } from '../operations/affine.js';
import { multiply } from './matMul.js';
import { isFull, registerOwnOperation } from './own.js';

export const registerAffine = (): void =>
  registerOwnOperation(affine, ({ x, w, bias, residual }, { transposed }, { native, backend }) => {
    if (!isFull(x, w, bias, residual)) return undefined;
    const transposes = { transposeA: false, transposeB: transposed };
    return multiply(native, backend, { a: x, b: w }, transposes, { bias, residual });
  });
