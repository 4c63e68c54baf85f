/**
 * Operations of our own: named as tfjs names its kernels, so that a backend may have a kernel for one, tracing sees it
 * as one, and its gradient is one rule. Where the backend that runs has no such kernel, it is composed of tfjs
 * operations.
 */
import * as tf from '@tensorflow/tfjs-core';
import { rule, type Cotangents, type Keeps } from './derivatives/rule.js';
import { register } from './kernels/register.js';
import { registerShape, shapesBackend } from './withoutData.js';
import type { Spec } from './shapes/index.js';

/** Tensors by name; what is not given is left out or undefined. */
type Inputs<I> = { readonly [K in keyof I]: tf.Tensor | undefined };

export interface Definition<I extends Inputs<I>, A extends object> {
  /** The kernel's name in tfjs's registry. */
  readonly name: string;
  /** Shape and dtype of the result, which has no values where a program is read for its shapes alone. */
  readonly shape: (inputs: I, attrs: A) => Spec;
  /** The same of tfjs operations, for backends that have no kernel of this name. */
  readonly compose: (inputs: I, attrs: A) => tf.Tensor;
  /** What the gradient needs of the forward pass, and the cotangents of the inputs that were given. */
  readonly keeps: Keeps;
  readonly derivative: (dy: tf.Tensor, kept: tf.Tensor[], attrs: A) => Cotangents;
}

/** An operation as a function of tensors. */
export type Operation<I extends Inputs<I>, A extends object> = (inputs: I, attrs: A) => tf.Tensor;

const given = <I extends Inputs<I>>(inputs: I): tf.NamedTensorMap =>
  Object.fromEntries(
    Object.entries<tf.Tensor | undefined>(inputs).flatMap(([name, x]) => (x ? [[name, x]] : [])),
  );

/**
 * Defines an operation: a function that runs the kernel of its name on the backend that runs, and can be
 * differentiated.
 * @example const square = operation({ name: 'Square2', shape: ({ x }) => x, compose: ({ x }) => tf.mul(x, x), … });
 */
export const operation = <I extends Inputs<I>, A extends object>(
  definition: Definition<I, A>,
): Operation<I, A> => {
  const { name, shape, compose, keeps, derivative } = definition;
  tf.registerGradient(rule<A>(name, keeps, derivative));
  const registerFor = (backend: string): void =>
    backend === shapesBackend
      ? registerShape(name, shape as (inputs: never, attrs: never) => Spec)
      : register<I, A>(backend, name, compose);
  return (inputs, attrs) => {
    const backend = tf.getBackend();
    if (!tf.getKernel(name, backend)) registerFor(backend);
    return tf.engine().runKernel(name, given(inputs), attrs as unknown as tf.NamedAttrMap) as tf.Tensor;
  };
};
