/** Reading values at once, which WebGPU allows for those alone that were uploaded or awaited. */
import type * as tf from '@tensorflow/tfjs-core';

/** The error of reading values at once that have to be awaited. */
export class AwaitedValuesError extends Error {
  constructor() {
    super(
      'values that WebGPU computed cannot be read at once: await tensor.data() (or toHost) first, or use another ' +
        'backend where a program reads them',
    );
    this.name = 'AwaitedValuesError';
  }
}

/** The values of a tensor where they can be read at once, for checks that are left out elsewhere. */
export const valuesAtHand = (tensor: tf.Tensor): tf.TypedArray | undefined => {
  try {
    return tensor.dataSync();
  } catch (error) {
    if (error instanceof AwaitedValuesError) return undefined;
    throw error;
  }
};
