/**
 * Examples of a batch: a nest of arrays whose first axis counts them. Those of weight 0 only fill the batch, and whoever
 * computes on it leaves them out before: then no loss, figure or average of a layer can count them.
 */
import { sizeOf } from './array.js';
import { few } from './few.js';
import { isArray, isHostArray, isTensor } from './leaf.js';
import { mapNest, partsOf } from './nest.js';

/** An array of a batch as errors name it. */
export const nameInBatch = (path: readonly (string | number)[]): string =>
  path.length === 0 ? 'the batch' : `'${path.join('.')}' of the batch`;

/**
 * The number of examples of a batch.
 * @throws RangeError where its arrays do not agree on it
 */
export const examplesOf = (batch: unknown): number => {
  const bySize = new Map<number | undefined, string[]>();
  mapNest(batch, isArray, ({ shape: [size] }, path) =>
    bySize.set(size, [...(bySize.get(size) ?? []), `'${path.join('.')}'`]),
  );
  const [[first] = [undefined]] = bySize;
  if (bySize.size === 1 && first !== undefined) return first;
  const found = [...bySize].map(([size, names]) => `${size ?? 'a scalar'} in ${few(names).join(', ')}`);
  throw new RangeError(
    'the arrays of a batch must agree on the number of examples, their first axis; found ' +
      (bySize.size === 0 ? 'no array' : found.join(' and ')),
  );
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
