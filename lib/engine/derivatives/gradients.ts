/**
 * Gradients of a function of tensors, whole: what the result does not depend on gets zeros instead of an error or
 * nothing.
 */
import * as tf from '@tensorflow/tfjs-core';
import { registerDerivatives } from './index.js';
import { tidy } from '../operations/tidy.js';
import { backpropagate, forgetTape } from './tape.js';

export interface Gradients {
  /** The function's result, a scalar. */
  readonly value: tf.Scalar;
  /** One for each input, of its shape, float32. */
  readonly grads: tf.Tensor[];
}

/** A float32 stand-in for an input of another dtype: tfjs gives cotangents in float32 only. */
const zerosFor = ({ shape }: tf.Tensor): tf.Tensor => tf.zeros(shape, 'float32');

/** Runs a part of a gradient; where it throws, lets go of the tensors that were kept for derivatives. */
const forgettingOnError = <A>(run: () => A): A => {
  try {
    return run();
  } catch (error) {
    forgetTape();
    throw error;
  }
};

const checked = (value: tf.Tensor): tf.Tensor => {
  if (value.rank !== 0) {
    throw new RangeError(
      `gradients: the function must give a scalar, got a tensor of shape [${value.shape}]`,
    );
  }
  return value;
};

/**
 * The value of `f` at `xs` and its gradient with respect to each of them.
 *
 * An input gets zeros when it is not of floats, and when the value does not depend on it. Nothing but what is
 * returned is left in memory, also when `f` throws.
 * @param f   gives a scalar of its arguments; may close over other tensors
 * @param xs  any shapes; may be empty
 * @throws RangeError when `f` gives anything but a scalar
 * @example
 * const { value, grads } = gradients(([x]) => tf.sum(tf.square(x)), [tf.tensor1d([1, 2])]);
 * // value 5, grads [[2, 4]]
 */
export const gradients = (f: (xs: tf.Tensor[]) => tf.Tensor, xs: readonly tf.Tensor[]): Gradients => {
  registerDerivatives();
  return tidy(() => {
    // A copy of each input: the same tensor given twice has two gradients, and a result that is an input itself
    // is a tensor of its own.
    const inputs = xs.map((x) => tf.clone(x));
    const floats = inputs.filter(({ dtype }) => dtype === 'float32');
    const evaluate = (): tf.Tensor => tf.clone(checked(f([...inputs])));
    if (floats.length === 0) return { value: evaluate() as tf.Scalar, grads: xs.map(zerosFor) };
    const { value, cotangents } = forgettingOnError(() => backpropagate(evaluate, floats));
    const byInput = new Map(floats.map((x, i) => [x, cotangents[i]]));
    return { value: value as tf.Scalar, grads: inputs.map((x) => byInput.get(x) ?? zerosFor(x)) };
  });
};
