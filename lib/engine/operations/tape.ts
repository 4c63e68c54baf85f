/**
 * The recording of operations for gradients by tfjs: its state, and running a program unrecorded.
 */
import * as tf from '@tensorflow/tfjs-core';

/** The part of tfjs's state that tells of recording. */
interface State {
  gradientDepth: number;
  kernelDepth: number;
}

const stateOf = (): State => tf.engine().state;

/** True while operations are recorded for a gradient. */
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
