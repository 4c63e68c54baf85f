/**
 * Runners compute layers with certain weights, from host arrays to host arrays. `engineRunner` uses the library's own
 * engine; `compileRunner`, in compile.ts, uses onnxruntime.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../data/array.js';
import { isHostArray, isTensor, place, toHost, toTensor, type Weights } from '../data/leaf.js';
import { isRecord, mapNest, partsOf, type Replaced } from '../data/nest.js';
import { expectWeights, kindOf } from '../data/weights.js';
import { definition, type Layer, type Module } from '../language/scope.js';
import { type ApplyOptions, transformWithState } from '../language/transform.js';

/** A nest with host arrays in the places of its tensors. */
export type Hosts<A> = Replaced<A, tf.Tensor, HostArray>;

/** Computes layers, in evaluation, with the weights that it was made with. */
export interface Runner extends AsyncDisposable {
  readonly weights: Weights;
  /**
   * Computes a layer's outputs.
   * @throws AbortError, or the signal's own reason, when the signal is aborted before; TypeError for a layer that is no
   * function, and for inputs that are no list or have null among them
   */
  run<A extends readonly unknown[], B>(
    layer: Layer<A, B>,
    inputs: Hosts<A>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Hosts<B>>;
  /** Frees the memory that the runner holds. */
  dispose(): Promise<void>;
}

/** The name of a layer in errors. */
const nameOf = (layer: object): string =>
  definition in layer ? (layer as Module<never>)[definition].name : 'the layer';

const expectLayer = (layer: unknown): void => {
  if (typeof layer === 'function') return;
  throw new TypeError(
    isRecord(layer) && 'network' in layer
      ? 'runner.run: the layer is a model, expected its network: runner.run(model.network, inputs)'
      : `runner.run: the layer is ${kindOf(layer)}, expected a function of a scope and tensors, such as model.network`,
  );
};

const expectInputs = (layer: object, inputs: unknown): void => {
  const name = nameOf(layer);
  if (!Array.isArray(inputs))
    throw new TypeError(
      `runner.run, ${name}: the inputs are ${kindOf(inputs)}, expected a list with an array for each input, such as [float32(shape, data)]`,
    );
  const missing = inputs.indexOf(null);
  if (missing >= 0)
    throw new TypeError(
      `runner.run, ${name}: input ${missing} is null, expected an array or a nest of arrays`,
    );
};

/**
 * A runner that checks what it is given.
 * @throws TypeError for weights that are no weights; its `run` rejects with one for a layer or inputs that are none
 */
export const checkedRunner = (runner: Runner): Runner => {
  expectWeights('runner', runner.weights);
  return {
    ...runner,
    run: async (layer, inputs, options) => {
      expectLayer(layer);
      expectInputs(layer, inputs);
      return runner.run(layer, inputs, options);
    },
  };
};

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
  return checkedRunner({
    weights,
    run: async (layer, inputs, { signal } = {}) => {
      await throwIfAborted(signal);
      placed ??= place(weights.params);
      const tensors = mapNest(inputs, isHostArray, toTensor) as never;
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
  });
};
