/**
 * Nests of host arrays: what a layer takes and gives, outside of any engine.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../data/array.js';
import { isTensor, toHost } from '../data/leaf.js';
import { mapNest, partsOf, type Replaced } from '../data/nest.js';
import type { Layer } from '../language/scope.js';

/** A nest with host arrays in the places of its tensors. */
export type Hosts<A> = Replaced<A, tf.Tensor, HostArray>;

/** Computes a layer's outputs in evaluation, from host arrays to host arrays. */
export type Compute = <A extends readonly unknown[], B>(
  layer: Layer<A, B>,
  inputs: Hosts<A>,
) => Promise<Hosts<B>>;

/** Whether a part of a nest is a host array. */
export const isHost = (part: unknown): part is HostArray =>
  typeof part === 'object' && part !== null && 'shape' in part && 'data' in part && !isTensor(part);

/** The values of a nest of tensors, which are freed. */
export const takeNest = async <B>(outputs: B): Promise<Hosts<B>> => {
  const tensors = partsOf(outputs, isTensor);
  try {
    const hosts = await Promise.all(tensors.map(toHost));
    return mapNest(outputs, isTensor, (tensor) => hosts[tensors.indexOf(tensor)]) as Hosts<B>;
  } finally {
    tf.dispose(tensors);
  }
};
