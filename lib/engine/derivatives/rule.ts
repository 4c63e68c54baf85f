/**
 * A derivative rule: the inputs and outputs that it keeps of a kernel, and a function from the cotangent of the
 * output to those of the inputs. tfjs has such rules but no entry point that loads them outside of a bundler; these
 * are registered with `registerDerivatives`.
 */
import * as tf from '@tensorflow/tfjs-core';

/** The tensors that a rule keeps from the forward pass. */
export interface Keeps {
  readonly inputs?: readonly string[];
  readonly allInputs?: boolean;
  /** Keep the (first) output. */
  readonly output?: boolean;
}

export type Cotangents = Record<string, () => tf.Tensor>;

/**
 * The rule of one kernel.
 * @param back from the cotangent of the output, what was kept (inputs in the order of `keeps`, then the output)
 *             and the kernel's attributes, to the cotangents of the inputs, each computed only when asked for
 */
export const rule = <A = object>(
  kernelName: string,
  keeps: Keeps,
  back: (dy: tf.Tensor, kept: tf.Tensor[], attrs: A) => Cotangents,
): tf.GradConfig => ({
  kernelName,
  inputsToSave: [...(keeps.inputs ?? [])],
  saveAllInputs: keeps.allInputs ?? false,
  outputsToSave: keeps.output ? [true] : [],
  gradFunc: back as unknown as tf.GradFunc,
});

/** A rule for a kernel of several outputs. */
export const ruleOfMany = <A = object>(
  kernelName: string,
  keeps: Keeps,
  back: (dys: tf.Tensor[], kept: tf.Tensor[], attrs: A) => Cotangents,
): tf.GradConfig =>
  // tfjs hands a single output's cotangent over without a list around it.
  rule<A>(kernelName, keeps, (dy, kept, attrs) => back([dy].flat(), kept, attrs));

/** A rule for a kernel that is constant almost everywhere: each of its inputs gets zeros. */
export const flat = (kernelName: string, ...inputs: string[]): tf.GradConfig =>
  rule(kernelName, { inputs }, (_dy, kept) =>
    Object.fromEntries(inputs.map((name, i) => [name, () => tf.zeros(kept[i].shape)])),
  );

/** Sums what broadcasting had repeated, so that the cotangent has the shape of the input. */
export const sumTo = (dy: tf.Tensor, shape: number[]): tf.Tensor => {
  const axes = tf.broadcast_util.getReductionAxes(shape, dy.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(dy, axes) : dy, shape);
};

/** 1 where it holds, 0 elsewhere. */
export const indicator = (holds: tf.Tensor): tf.Tensor => tf.cast(holds, 'float32');
