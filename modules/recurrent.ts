/**
 * Recurrent cores and their unrolling: a core takes one step's inputs and a state to outputs and the next state.
 */
import * as tf from '@tensorflow/tfjs-core';
import { ShapeError, showShape } from '../lib/data/shape.js';

/** One tensor, or several by name. */
export type RecurrentState = tf.Tensor | Readonly<Record<string, tf.Tensor>>;

/** A step of a core: inputs [B, C], or [C] without a batch, and a state to outputs and the next state. */
export type RecurrentStep<S extends RecurrentState> = (
  x: tf.Tensor,
  state: S,
) => readonly [output: tf.Tensor, state: S];

/** A declared core. */
export type RecurrentCore<S extends RecurrentState> = {
  readonly call: RecurrentStep<S>;
  /** The state before the first step, for a batch size; without a batch axis if it is not given. */
  readonly initialState: (batch?: number) => S;
};

export interface UnrollOptions {
  /** True for sequences [T, B, C], false for [B, T, C]; true if not given. */
  readonly isTimeMajor?: boolean;
  /** True to run from the last step to the first; outputs stay at their steps. False if not given. */
  readonly reverse?: boolean;
  /** True for the states after all steps, stacked along time; false, the default, for the last. */
  readonly returnAllStates?: boolean;
}

/** Zeros [B, size], or [size] without a batch. */
export const zeroState = (size: number, batch?: number): tf.Tensor =>
  tf.zeros(batch === undefined ? [size] : [batch, size]);

/** Another state of the same form, made of one or several states part by part. */
const combine = <S extends RecurrentState>(states: readonly S[], f: (parts: tf.Tensor[]) => tf.Tensor): S => {
  const [first] = states;
  if (first instanceof tf.Tensor) return f(states as unknown as tf.Tensor[]) as S;
  const names = Object.keys(first);
  const part = (state: S, name: string) => (state as Readonly<Record<string, tf.Tensor>>)[name];
  return Object.fromEntries(names.map((name) => [name, f(states.map((state) => part(state, name)))])) as S;
};

/**
 * Runs a core step by step over a sequence.
 *
 * Shapes: T steps, B batch, C channels, H width of the output.
 * @param core      a step, such as a declared core
 * @param sequence  [T, B, C] or [T, C]; [B, T, C] if not time-major
 * @param state     the state before the first step that is run
 * @returns the outputs [T, B, H] (or as the sequence is laid out), and the last state, or the states of all steps
 * @throws ShapeError for a sequence without steps
 * @example
 * const core = s.declare(lstm({ hiddenSize: 20 }));
 * const [outputs, last] = unroll(core, sequence, core.initialState(batch));
 * Source: dm-haiku `hk.dynamic_unroll`, `hk.static_unroll`.
 */
export const unroll = <S extends RecurrentState>(
  core: RecurrentStep<S>,
  sequence: tf.Tensor,
  state: S,
  { isTimeMajor = true, reverse = false, returnAllStates = false }: UnrollOptions = {},
): readonly [outputs: tf.Tensor, state: S] => {
  const axis = isTimeMajor ? 0 : 1;
  if (sequence.rank <= axis + 1 || sequence.shape[axis] === 0)
    throw new ShapeError(
      `the sequence has shape ${showShape(sequence.shape)}, expected ${isTimeMajor ? '[T, …, C]' : '[B, T, C]'} with a step at least`,
    );
  const inputs = tf.unstack(sequence, axis);
  const outputs: tf.Tensor[] = [];
  const states: S[] = [];
  let last = state;
  for (let n = 0; n < inputs.length; n++) {
    const at = reverse ? inputs.length - 1 - n : n;
    [outputs[at], last] = core(inputs[at], last);
    states[at] = last;
  }
  const all = (parts: tf.Tensor[]): tf.Tensor => tf.stack(parts, axis);
  return [all(outputs), returnAllStates ? combine(states, all) : last];
};
