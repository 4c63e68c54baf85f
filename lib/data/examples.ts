/**
 * Examples of a batch: a nest of arrays whose first axis counts them. Those of weight 0 only fill the batch, and whoever
 * computes on it leaves them out before: then no loss, figure or average of a layer can count them.
 */
import { sizeOf } from './array.js';
import { isArray, isHostArray, isTensor } from './leaf.js';
import { mapNest, partsOf } from './nest.js';

/**
 * The number of examples of a batch.
 * @throws RangeError where its arrays do not agree on it
 */
export const examplesOf = (batch: unknown): number => {
  const sizes = new Set(partsOf(batch, isArray).map(({ shape }) => shape[0]));
  if (sizes.size !== 1 || sizes.has(undefined as never)) {
    throw new RangeError(
      `the arrays of a batch must agree on the number of examples, their first axis; found ${[...sizes].join(', ')}`,
    );
  }
  return [...sizes][0];
};

/**
 * The examples of a batch of host arrays that do not only fill it: those whose `exampleWeights` are not 0. The batch itself
 * where all are real, none has a weight, or a tensor is in it.
 * @throws RangeError where its arrays do not agree on the number of examples
 */
export const realExamples = <B>(batch: B): B => {
  const { exampleWeights } = (batch ?? {}) as { readonly exampleWeights?: unknown };
  if (!isHostArray(exampleWeights) || partsOf(batch, isTensor).length > 0) return batch;
  const weights = Array.from(exampleWeights.data as Float32Array, Number);
  if (!weights.includes(0)) return batch;
  examplesOf(batch);
  const real = [...weights.keys()].filter((i) => weights[i] !== 0);
  return mapNest(batch, isHostArray, (array) => {
    const [, ...rest] = array.shape;
    const size = sizeOf(rest);
    const data = (array.data as Float32Array).slice(0, real.length * size);
    real.forEach((from, to) =>
      data.set((array.data as Float32Array).subarray(from * size, (from + 1) * size), to * size),
    );
    return { shape: [real.length, ...rest], dtype: array.dtype, data };
  }) as B;
};
