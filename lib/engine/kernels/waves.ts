/**
 * Sines, cosines and Fourier features for the wasm backend. Arguments beyond a million are left to tfjs.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  type FourierAttrs,
  type FourierInputs,
  fourierOperation,
  fourierShape,
} from '../operations/fourier.js';
import { allocate } from './heap.js';
import { addressesOf, isFull, type Own, registerOwn, registerOwnOperation, wakeFor } from './own.js';

const registerWave = (kernelName: string, isCosine: 0 | 1): void =>
  registerOwn<{ x: tf.Tensor }>(kernelName, ({ x }, _attrs, { native, backend }) => {
    if (!isFull(x)) return undefined;
    const out = allocate(backend, x.shape);
    wakeFor(native, x.size);
    const isBeyond = native.exports.wave(...addressesOf(backend, [x, out]), isCosine, x.size);
    return isBeyond ? undefined : out;
  });

/** @returns nothing where a phase is too large */
const features = (
  { native, backend }: Own,
  inputs: FourierInputs,
  attrs: FourierAttrs,
): tf.Tensor | undefined => {
  const { pos, frequencies } = inputs;
  const [dims, bands] = frequencies.shape;
  const out = allocate(backend, fourierShape(inputs, attrs));
  wakeFor(native, out.size);
  const addresses = addressesOf(backend, [pos, frequencies, out]);
  const flags = [attrs.concatPos ? 1 : 0, attrs.sineOnly ? 0 : 1];
  return native.exports.fourier(...addresses, pos.size / dims, dims, bands, ...flags) ? undefined : out;
};

export const registerWaves = (): void => {
  registerWave(tf.Sin, 0);
  registerWave(tf.Cos, 1);
  registerOwnOperation(fourierOperation, (inputs, attrs, own) =>
    isFull(inputs.pos, inputs.frequencies) ? features(own, inputs, attrs) : undefined,
  );
};
