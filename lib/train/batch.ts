/**
 * Batches: nests of arrays whose first axis counts examples. On the host they belong to the garbage collector; a step
 * puts them on the engine for as long as it runs.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type HostArray, sizeOf, type TypedArray } from '../data/array.js';
import { isArray, isHostArray, isTensor, toTensor } from '../data/leaf.js';
import { showShape } from '../data/shape.js';
import { examplesOf, nameInBatch, realExamples } from '../data/examples.js';
import { mapNest, partsOf, type Replaced } from '../data/nest.js';
import { type Key, split } from '../random/index.js';

/** A batch as a loss sees it: tensors in the places of host arrays. */
export type OnEngine<B> = Replaced<B, HostArray | tf.Tensor, tf.Tensor>;

/** @throws RangeError for a host array with more or fewer numbers than its shape has places */
const expectWhole = (batch: unknown): void => {
  mapNest(batch, isHostArray, ({ shape, data }, path) => {
    const size = sizeOf(shape);
    if (!Number.isFinite(size) || data === undefined || data.length === size) return;
    throw new RangeError(
      `${nameInBatch(path)} has ${data.length} numbers, expected ${size} for its shape ${showShape(shape)}`,
    );
  });
};

/** The batch on the engine. Its new tensors are the caller's; tensors that were in it stay their owner's. */
export const placeBatch = <B>(batch: B): OnEngine<B> => mapNest(batch, isHostArray, toTensor) as OnEngine<B>;

/** Examples from `start` to before `end` of an array; of a host array without a copy, of a tensor as a new one. */
const rowsOf = (array: HostArray | tf.Tensor, start: number, end: number): HostArray | tf.Tensor => {
  const [, ...rest] = array.shape;
  if (isTensor(array)) return tf.slice(array, [start, ...rest.map(() => 0)], [end - start, ...rest]);
  const size = sizeOf(rest);
  const data = (array.data as Uint8Array).subarray(start * size, end * size) as TypedArray;
  return { shape: [end - start, ...rest], dtype: array.dtype, data } as HostArray;
};

/**
 * A batch of at least `count` examples in that many parts, in order and of nearly the same size: the first ones have one
 * example more. Tensors of the parts are the caller's.
 */
const splitBatch = <B>(batch: B, count: number): readonly B[] => {
  const examples = examplesOf(batch);
  const startOf = (i: number): number => i * Math.floor(examples / count) + Math.min(i, examples % count);
  return Array.from(
    { length: count },
    (_, i) => mapNest(batch, isArray, (array) => rowsOf(array, startOf(i), startOf(i + 1))) as B,
  );
};

/**
 * A batch that the data gave.
 * @throws TypeError for nothing, and for tensors, which nobody would free; RangeError for arrays that are not whole
 */
export const expectBatch = <B>(batch: B): B => {
  if (batch === undefined || batch === null)
    throw new TypeError(`the data gave ${String(batch)}, expected a batch`);
  mapNest(batch, isArray, (part, path) => {
    if (!isTensor(part)) return;
    throw new TypeError(
      `the data gave a tensor, '${path.join('.')}' of the batch, which nobody would free: give host arrays, as float32(shape, values) and await toHost(tensor) are`,
    );
  });
  expectWhole(batch);
  return batch;
};

/** The key of micro-batch i, and its examples. */
export interface MicroBatch<B> {
  readonly batch: B;
  readonly key: Key;
}

/**
 * The micro-batches of a step: the batch itself with the step's key, or its parts with `split(stepKey, k)[i]`. Examples
 * that only fill the batch are in none of them; a batch of fewer examples than parts has a part for each example.
 * @throws RangeError for a batch without examples, and for arrays with more or fewer numbers than their shapes have places
 */
export const microBatchesOf = <B>(given: B, key: Key, count = 1): readonly MicroBatch<B>[] => {
  expectWhole(given);
  const batch = realExamples(given);
  const arrays = partsOf(batch, isArray);
  if (arrays.length > 0 && arrays.every(({ shape }) => shape[0] === 0)) {
    const found =
      batch === given
        ? `its arrays are ${arrays.map(({ shape }) => showShape(shape)).join(', ')}`
        : 'all exampleWeights are 0';
    throw new RangeError(`a batch has no examples: ${found}, expected one or more`);
  }
  if (count === 1) return [{ batch, key }];
  const parts = splitBatch(batch, Math.min(count, examplesOf(batch)));
  const keys = split(key, count);
  return parts.map((part, i) => ({ batch: part, key: keys[i] }));
};
