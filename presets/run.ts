/**
 * Running a model on host arrays: nothing of the engine comes in, nothing stays on it.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Compute, type Hosts, isHost, takeNest } from '../lib/run/hosts.js';
import { isTensor, place, toTensor } from '../lib/data/leaf.js';
import { mapNest, partsOf } from '../lib/data/nest.js';
import type { Layer } from '../lib/language/scope.js';
import { type ApplyOptions, transformWithState } from '../lib/language/transform.js';
import type { Weights } from './preset.js';

/** Applies a layer on the engine that runs, in evaluation. */
export const applyOnEngine = async <A extends readonly unknown[], B>(
  { params, state = {} }: Weights,
  layer: Layer<A, B>,
  inputs: Hosts<A>,
  options: ApplyOptions = {},
): Promise<Hosts<B>> => {
  const placed = mapNest(inputs, isHost, toTensor) as unknown as A;
  try {
    const { output, state: after } = transformWithState(layer).apply(params, state, options, ...placed);
    tf.dispose(partsOf(after, isTensor));
    return await takeNest(output);
  } finally {
    tf.dispose(partsOf(placed, isTensor));
  }
};

/** Applies a model once, in evaluation, and reads its outputs. */
export const applyToHosts = <A extends readonly unknown[], B>(
  { network }: { readonly network: Layer<A, B> },
  weights: Weights,
  inputs: Hosts<A>,
): Promise<Hosts<B>> => weights.compute?.(network, inputs) ?? applyOnEngine(weights, network, inputs);

/** What computes with weights again and again: they stay placed meanwhile. */
export const computing = async <R>(weights: Weights, use: (compute: Compute) => Promise<R>): Promise<R> => {
  if (weights.compute) return use(weights.compute);
  const params = place(weights.params);
  try {
    return await use((layer, inputs) => applyOnEngine({ ...weights, params }, layer, inputs));
  } finally {
    params[Symbol.dispose]();
  }
};
