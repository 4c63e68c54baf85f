/**
 * Operations of our own: named as tfjs names its kernels, so that a backend may have a kernel for one, tracing sees it
 * as one, and its gradient is one rule. Where the backend that runs has no such kernel, it is composed of tfjs
 * operations.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Cotangents, rule } from '../derivatives/rule.js';
import { register } from '../kernels/register.js';
import type { Spec } from '../shapes/index.js';
import { registerComposition, registerShape } from '../shapes/withoutData.js';

/** Tensors by name; what is not given is left out or undefined. */
export type Named<I> = { readonly [K in keyof I]: tf.Tensor | undefined };

/** One tensor or several. */
export type Some = tf.Tensor | readonly tf.Tensor[];

/** The function that an operation computes, of inputs and attributes. */
export interface Compose<I extends Named<I>, A extends object, O extends Some = tf.Tensor> {
  (inputs: I, attrs: A): O;
}

/** An operation: a function that runs the kernel of its name, and the composed form for backends without one. */
export interface Operation<I extends Named<I>, A extends object, O extends Some = tf.Tensor> extends Compose<
  I,
  A,
  O
> {
  readonly kernelName: string;
  readonly compose: Compose<I, A, O>;
}

/** The cotangents of those inputs that were given, each computed only when asked for. */
type CotangentsOf<I> = { readonly [K in keyof I]?: () => tf.Tensor };

export interface Definition<I extends Named<I>, A extends object, O extends Some = tf.Tensor> {
  /** The kernel's name in tfjs's registry. */
  readonly name: string;
  /** Shape and dtype of the result, which has no values where a program is read for its shapes alone. */
  readonly shape: (inputs: I, attrs: A) => O extends tf.Tensor ? Spec : Spec[];
  /** The same of tfjs operations, for backends that have no kernel of this name. */
  readonly compose: Compose<I, A, O>;
  /** True where the gradient needs the output; false if not given. */
  readonly keepsOutput?: boolean;
  /**
   * None for what is itself a derivative: where one is recorded, to be differentiated again, it is composed instead.
   */
  readonly derivative?: (dy: tf.Tensor, inputs: I, attrs: A, output: tf.Tensor) => CotangentsOf<I>;
}

/** The attributes that the kernel of an operation gets: its own, and the names of its inputs in their order. */
type KernelAttributes<A> = A & { readonly given: readonly string[] };

/** The inputs of an operation's kernel by name: tfjs hands over a list, since it keeps no input that may be missing. */
const namedInputs = <I>(inputs: readonly tf.Tensor[], { given }: { given: readonly string[] }): I =>
  Object.fromEntries(given.map((name, i) => [name, inputs[i]])) as I;

/** A kernel for one backend in place of what an operation is composed of. */
export const registerOperation = <
  I extends Named<I>,
  A extends object,
  B extends tf.KernelBackend = tf.KernelBackend,
>(
  backendName: string,
  name: string,
  compute: (inputs: I, attrs: A, backend: B) => Some,
): void =>
  register<readonly tf.Tensor[], KernelAttributes<A>, B>(backendName, name, (inputs, attrs, backend) =>
    compute(namedInputs<I>(inputs, attrs), attrs, backend),
  );

/** The rule of an operation's derivative, from names to the list of inputs that tfjs keeps. */
const ruleOf = <I extends Named<I>, A extends object>(
  name: string,
  output: boolean,
  derivative: NonNullable<Definition<I, A>['derivative']>,
): tf.GradConfig =>
  rule<KernelAttributes<A>>(name, { allInputs: true, output }, (dy, kept, attrs) => {
    const cotangents = derivative(dy, namedInputs<I>(kept, attrs), attrs, kept[attrs.given.length]);
    // A mask may have been compared from tensors that are differentiated: it passes nothing on to them.
    const noneFor = ({ shape, dtype }: tf.Tensor) =>
      dtype === 'float32' ? undefined : () => tf.zeros(shape);
    return Object.fromEntries(
      attrs.given.map((input, i) => [i, cotangents[input as keyof I] ?? noneFor(kept[i])]),
    ) as Cotangents;
  });

/**
 * Defines an operation: a function that runs the kernel of its name on the backend that runs, and can be
 * differentiated.
 * @example const square = operation({ name: 'Square2', shape: ({ x }) => x, compose: ({ x }) => tf.mul(x, x), … });
 */
export const operation = <I extends Named<I>, A extends object, O extends Some = tf.Tensor>(
  definition: Definition<I, A, O>,
): Operation<I, A, O> => {
  const { name, shape, compose, keepsOutput: output = false, derivative } = definition;
  if (derivative) tf.registerGradient(ruleOf<I, A>(name, output, derivative));
  const shapeOf = (inputs: tf.Tensor[], attrs: KernelAttributes<A>): Spec | Spec[] =>
    shape(namedInputs<I>(inputs, attrs), attrs);
  registerShape(name, shapeOf as (inputs: never, attrs: never) => Spec);
  const composition = (inputs: tf.Tensor[], attrs: KernelAttributes<A>): Some =>
    compose(namedInputs<I>(inputs, attrs), attrs);
  registerComposition(name, composition as (inputs: never, attrs: never) => Some);
  const run: Compose<I, A, O> = (inputs, attrs) => {
    const backend = tf.getBackend();
    if (!tf.getKernel(name, backend)) registerOperation<I, A>(backend, name, compose);
    const entries = Object.entries<tf.Tensor | undefined>(inputs).filter(([, x]) => x !== undefined);
    const all = { ...attrs, given: entries.map(([input]) => input) };
    return tf
      .engine()
      .runKernel(
        name,
        entries.map(([, x]) => x) as unknown as tf.NamedTensorMap,
        all as unknown as tf.NamedAttrMap,
      ) as unknown as O;
  };
  return Object.assign(run, { kernelName: name, compose });
};
