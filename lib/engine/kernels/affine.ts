/**
 * The product with bias and residual for the wasm backend: added while a part of the result is in the cache.
 */
import {
  type AffineAttributes,
  type AffineInputs,
  affineKernel,
  composedAffine,
} from '../operations/affine.js';
import { nativeOf } from '../wasm/native.js';
import { registerOperation } from '../operations/operation.js';
import type { BackendWasm } from './heap.js';
import { multiply } from './matMul.js';

export const registerAffine = (): void =>
  registerOperation<AffineInputs, AffineAttributes, BackendWasm>(
    'wasm',
    affineKernel,
    (inputs, attrs, backend) => {
      const { x, w, bias, residual } = inputs;
      const native = nativeOf(backend);
      const given = [x, w, bias, residual].filter((each) => each !== undefined);
      if (!native || given.some((each) => each.size === 0 || each.dtype !== 'float32'))
        return composedAffine(inputs, attrs);
      const transposes = { transposeA: false, transposeB: attrs.transposed };
      return multiply(native, backend, { a: x, b: w }, transposes, { bias, residual });
    },
  );
