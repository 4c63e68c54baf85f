/**
 * Runners compute layers with certain weights, from host arrays to host arrays. `engineRunner` uses the library's own
 * engine; `compileRunner`, in compile.ts, uses onnxruntime.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../data/array.js';
import { isTensor, place, toHost, toTensor, type Weights } from '../data/leaf.js';
import { mapNest, partsOf, type Replaced } from '../data/nest.js';
import type { Layer } from '../language/scope.js';
import { type ApplyOptions, transformWithState } from '../language/transform.js';

/** A nest with host arrays in the places of its tensors. */
export type Hosts<A> = Replaced<A, tf.Tensor, HostArray>;

/** Computes layers, in evaluation, with the weights that it was made with. */
export interface Runner extends AsyncDisposable {
  readonly weights: Weights;
  /** Computes a layer's outputs. @throws AbortError, or the signal's own reason, when the signal is aborted before */
  run<A extends readonly unknown[], B>(
    layer: Layer<A, B>,
    inputs: Hosts<A>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Hosts<B>>;
  /** Frees the memory that the runner holds. */
  dispose(): Promise<void>;
}

/** Tells whether a part of a nest is a host array. */
export const isHost = (part: unknown): part is HostArray =>
  typeof part === 'object' && part !== null && 'shape' in part && 'data' in part && !isTensor(part);

/** Reads the values of a nest of tensors and frees the tensors. */
const takeNest = async <B>(outputs: B): Promise<Hosts<B>> => {
  const tensors = partsOf(outputs, isTensor);
  try {
    const hosts = await Promise.all(tensors.map(toHost));
    return mapNest(outputs, isTensor, (tensor) => hosts[tensors.indexOf(tensor)]) as Hosts<B>;
  } finally {
    tf.dispose(tensors);
  }
};

/** Lets timers, events and signals be handled, since the engine computes on the same thread. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/**
 * The signal's promise: resolves when work may go on.
 * @throws AbortError, or the signal's own reason
 */
export const throwIfAborted = async (signal: AbortSignal | undefined): Promise<void> => {
  if (!signal) return;
  await turn();
  signal.throwIfAborted();
};

/**
 * Computes on the engine that runs. Weights are placed on it at the first run and stay there until `dispose`.
 * @param options  for every run: a random key, observers
 * @example
 * await using runner = engineRunner(weights);
 * for (const picture of pictures) await model.run(weights, picture, { runner })();
 */
export const engineRunner = (weights: Weights, options: ApplyOptions = {}): Runner => {
  let placed: (Weights<tf.Tensor>['params'] & Disposable) | undefined;
  const dispose = async (): Promise<void> => {
    placed?.[Symbol.dispose]();
    placed = undefined;
  };
  return {
    weights,
    run: async (layer, inputs, { signal } = {}) => {
      await throwIfAborted(signal);
      placed ??= place(weights.params);
      const tensors = mapNest(inputs, isHost, toTensor) as never;
      try {
        const { apply } = transformWithState(layer);
        const { output, state } = apply(placed, weights.state ?? {}, options, ...(tensors as never));
        tf.dispose(partsOf(state, isTensor));
        return await takeNest(output);
      } finally {
        tf.dispose(partsOf(tensors, isTensor));
      }
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
};
