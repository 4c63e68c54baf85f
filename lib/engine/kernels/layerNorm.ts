/**
 * Layer norm and its gradient for the wasm backend, each in one pass over memory.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  layerNorm,
  layerNormGradient,
  type LayerNormGradientInputs,
  type LayerNormGradients,
  type LayerNormInputs,
} from '../operations/layerNorm.js';
import { allocate } from './heap.js';
import { addressesOf, isFull, type Own, registerOwnOperation, wakeFor } from './own.js';

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
  registerOwnOperation(layerNorm, (inputs, { epsilon }, own) =>
    isFull(inputs.x, inputs.scale, inputs.offset) ? forward(own, inputs, epsilon) : undefined,
  );
  registerOwnOperation(layerNormGradient, (inputs, { epsilon }, own) =>
    isFull(inputs.x, inputs.dy, inputs.scale) ? backward(own, inputs, epsilon) : undefined,
  );
};
