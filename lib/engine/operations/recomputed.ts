/**
 * A part of a program whose tensors are not kept for the backward pass, and are computed again there.
 */
import * as tf from '@tensorflow/tfjs-core';
import { gradients } from '../derivatives/gradients.js';
import { replacing } from './closing.js';
import { tidy } from './tidy.js';

/** The part of tfjs's engine that its published type leaves out. */
interface Recorder {
  readonly state: { activeTape: unknown };
  runKernelFunc(kernel: {
    readonly inputs: readonly tf.Tensor[];
    readonly forwardFunc: (backend: unknown, save: (tensors: readonly tf.Tensor[]) => void) => tf.Tensor[];
    readonly backwardsFunc: (dys: tf.Tensor | tf.Tensor[], saved: tf.Tensor[]) => (() => tf.Tensor)[];
  }): tf.Tensor | tf.Tensor[];
}

const recorder = (): Recorder => tf.engine() as unknown as Recorder;

/** A gradient inside of the backward pass of another one, whose tape stays as it is. */
const nested = <A>(run: () => A): A => {
  const { state } = recorder();
  const { activeTape } = state;
  try {
    return run();
  } finally {
    state.activeTape = activeTape;
  }
};

/** The number of the part that is being computed again; 0 while none is. */
let current = 0;
let repetitions = 0;

/** Tells parts that are computed again for a gradient from each other, and from all else, which is 0. */
export const repetition = (): number => current;

const repeating = <A>(run: () => A): A => {
  const outer = current;
  current = ++repetitions;
  try {
    return run();
  } finally {
    current = outer;
  }
};

/**
 * Puts tensors that were computed unrecorded on the tape, as one step.
 * @param outputs the tensors
 * @param inputs all tensors that they were computed from; they alone are kept
 * @param again computes the outputs again from copies of the inputs; kernels get the copies even where the program
 * closes over an input
 * @returns the outputs; their gradients reach the inputs
 */
export const recomputed = (
  outputs: readonly tf.Tensor[],
  inputs: readonly tf.Tensor[],
  again: (inputs: readonly tf.Tensor[]) => readonly tf.Tensor[],
): tf.Tensor[] => {
  const backwardsFunc = (dys: tf.Tensor | tf.Tensor[], saved: tf.Tensor[]): (() => tf.Tensor)[] => {
    const cotangents = [dys].flat();
    // The sum of all outputs times their cotangents has the inputs' cotangents for its gradient.
    const total = (xs: tf.Tensor[]): tf.Tensor =>
      tf.addN(
        replacing(inputs, xs, () => again(xs)).map((output, i) => tf.sum(tf.mul(output, cotangents[i]))),
      );
    const { grads } = nested(() => tidy(() => repeating(() => gradients(total, saved))));
    return grads.map((grad) => () => grad);
  };
  const forwardFunc = (_backend: unknown, save: (tensors: readonly tf.Tensor[]) => void): tf.Tensor[] => {
    save(inputs);
    return outputs.map((output) => tf.clone(output));
  };
  return [recorder().runKernelFunc({ inputs, forwardFunc, backwardsFunc })].flat();
};
