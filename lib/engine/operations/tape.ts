/**
 * What tfjs records for gradients: whether it does, and how to keep it from doing so.
 */
import * as tf from '@tensorflow/tfjs-core';

/** What is used of tfjs's state. */
interface State {
  gradientDepth: number;
  kernelDepth: number;
}

const stateOf = (): State => tf.engine().state;

/** Is what runs now recorded for a gradient? */
export const isRecording = (): boolean => {
  const { gradientDepth, kernelDepth } = stateOf();
  return gradientDepth > 0 && kernelDepth === 0;
};

/** Runs a program of which nothing is recorded. */
export const unrecorded = <A>(run: () => A): A => {
  const state = stateOf();
  state.kernelDepth += 1;
  try {
    return run();
  } finally {
    state.kernelDepth -= 1;
  }
};
