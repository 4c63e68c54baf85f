/** Kernels that are handed their attributes in the form that every backend reads alike. */
import * as tf from '@tensorflow/tfjs-core';
import { normalized } from '../shapes/normalized.js';
import { replace } from './register.js';

/** Normalizes attributes before any kernel of a backend sees them. */
export const registerNormalized = (backendName: string): void =>
  Object.entries(normalized).forEach(([kernelName, normalize]) => {
    if (tf.getKernel(kernelName, backendName))
      replace<Record<string, tf.Tensor>>(backendName, kernelName, (inputs, attrs, _backend, stock) =>
        stock(inputs, normalize(inputs, attrs as never)),
      );
  });
