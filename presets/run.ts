/**
 * Running a model on host arrays: nothing of the engine comes in, nothing stays on it.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../lib/array.js';
import { isTensor, toHost, toTensor } from '../lib/leaf.js';
import { mapNest, partsOf } from '../lib/nest.js';
import type { ApplyOptions } from '../lib/transform.js';
import type { Model, Weights } from './preset.js';

/** A nest with host arrays in the places of its tensors. */
export type Hosts<A> = A extends tf.Tensor ? HostArray : { readonly [K in keyof A]: Hosts<A[K]> };

const isHost = (part: unknown): part is HostArray =>
  typeof part === 'object' && part !== null && 'shape' in part && 'data' in part && !isTensor(part);

/** The values of a nest of tensors, which are freed. */
const takeNest = async <B>(outputs: B): Promise<Hosts<B>> => {
  const tensors = partsOf(outputs, isTensor);
  try {
    const hosts = await Promise.all(tensors.map(toHost));
    return mapNest(outputs, isTensor, (tensor) => hosts[tensors.indexOf(tensor)]) as Hosts<B>;
  } finally {
    tf.dispose(tensors);
  }
};

/** Applies a model in evaluation and reads its outputs. */
export const applyToHosts = async <A extends readonly unknown[], B>(
  model: Pick<Model<unknown, A, B, never, unknown>, 'apply'>,
  { params, state = {} }: Weights,
  inputs: Hosts<A>,
  options: ApplyOptions = {},
): Promise<Hosts<B>> => {
  const placed = mapNest(inputs, isHost, toTensor) as unknown as A;
  try {
    const { output, state: after } = model.apply(params, state, options, ...placed);
    tf.dispose(partsOf(after, isTensor));
    return await takeNest(output);
  } finally {
    tf.dispose(partsOf(placed, isTensor));
  }
};
