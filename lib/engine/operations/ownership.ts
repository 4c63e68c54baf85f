/**
 * States that own their tensors. A state that a training step made, or returned, is freed when it is handed to the next step,
 * as JAX's `donate_argnums` does; one that the caller made owns nothing, and stays the caller's.
 */
import * as tf from '@tensorflow/tfjs-core';
import { tensorsIn } from './tidy.js';

/** The tensors of states that own them. */
const owned = new WeakMap<object, readonly tf.Tensor[]>();

/** States that were handed on. */
const donated = new WeakSet<object>();

/** Makes the tensors in a container those of a state that a step made. */
export const own = <T extends object>(state: T, container: unknown): T => {
  owned.set(state, tensorsIn(container));
  return state;
};

/** @throws Error for a state that was handed on and freed */
export const expectNotDonated = (state: object): void => {
  if (!donated.has(state)) return;
  throw new Error(
    'this train state was handed to a step before, which freed it: use the state that the step returned',
  );
};

/** Frees a state that a step made, and the metrics that came with it; anything else stays as it is. */
export const donate = (state: object): void => {
  const tensors = owned.get(state);
  if (!tensors) return;
  tf.dispose([...tensors]);
  owned.delete(state);
  donated.add(state);
};
