/**
 * Layer norm and its gradient for the wasm backend, each in one pass over memory.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  composedLayerNorm,
  composedLayerNormGradient,
  type LayerNormAttrs,
  type LayerNormGradientInputs,
  type LayerNormGradients,
  type LayerNormInputs,
  layerNormGradientKernel,
  layerNormKernel,
} from '../operations/layerNorm.js';
import { nativeOf } from '../wasm/native.js';
import { registerOperation } from '../operations/operation.js';
import { allocate, type BackendWasm } from './heap.js';
import { addressesOf, isFull, type Own, wakeFor } from './own.js';

/** Rows and columns of a tensor seen as rows. */
const sizesOf = ({ size, shape }: tf.Tensor): readonly [rows: number, columns: number] => {
  const columns = shape[shape.length - 1];
  return [size / columns, columns];
};

const forward = ({ native, backend }: Own, inputs: LayerNormInputs, epsilon: number): tf.Tensor => {
  const { x, scale, offset } = inputs;
  const out = allocate(backend, x.shape);
  wakeFor(native, x.size);
  native.exports.layerNorm(...addressesOf(backend, [x, scale, offset, out]), ...sizesOf(x), epsilon);
  return out;
};

const backward = (
  { native, backend }: Own,
  { x, dy, scale }: LayerNormGradientInputs,
  epsilon: number,
): LayerNormGradients => {
  const [rows, columns] = sizesOf(x);
  const shares = allocate(backend, [native.exports.layerNormShares(rows, columns), 2, columns]);
  const [dx, dScale, dOffset] = [x.shape, [columns], [columns]].map((shape) => allocate(backend, shape));
  const addresses = addressesOf(backend, [x, dy, scale, dx, dScale, dOffset, shares]);
  wakeFor(native, x.size);
  native.exports.layerNormBack(...addresses, rows, columns, epsilon);
  return [dx, dScale, dOffset];
};

export const registerLayerNorm = (): void => {
  registerOperation<LayerNormInputs, LayerNormAttrs, BackendWasm>(
    'wasm',
    layerNormKernel,
    (inputs, attrs, backend) => {
      const native = nativeOf(backend);
      const isOurs = native && isFull(inputs.x, inputs.scale, inputs.offset);
      return isOurs ? forward({ native, backend }, inputs, attrs.epsilon) : composedLayerNorm(inputs, attrs);
    },
  );
  registerOperation<LayerNormGradientInputs, LayerNormAttrs, BackendWasm>(
    'wasm',
    layerNormGradientKernel,
    (inputs, attrs, backend) => {
      const native = nativeOf(backend);
      const isOurs = native && isFull(inputs.x, inputs.dy, inputs.scale);
      return isOurs
        ? backward({ native, backend }, inputs, attrs.epsilon)
        : composedLayerNormGradient(inputs, attrs);
    },
  );
};
