/**
 * One layer made into another: named, with a residual connection, with changed inputs or output, for training alone.
 */
import * as tf from '@tensorflow/tfjs-core';
import { module } from '../module.js';
import type { Asynchronous, Layer, Scope } from '../scope.js';
import { sameShape, ShapeError, showShape } from '../../data/shape.js';
import { identity } from './chain.js';
import type { Rest, Shared } from './inputs.js';

/**
 * A function as a layer. It gets the first input alone.
 * @example chain(linear(128), lift((x: Tensor) => tf.relu(x)), linear(10))
 */
export function lift<A>(f: (x: A) => PromiseLike<unknown>): Asynchronous;
export function lift<A, B>(f: (x: A) => B): Layer<[x: A], B>;
export function lift<A>(f: (x: A) => unknown): unknown {
  return (_scope: Scope, x: A) => f(x);
}

/**
 * x + f(x): a layer beside a connection that skips it.
 * @throws ShapeError when the layer changes the shape
 * Source: arXiv:1512.03385, section 3.
 */
export const residual =
  <A extends tf.Tensor, R extends Rest>(layer: Layer<[A, ...R], tf.Tensor>): Layer<[A, ...R], A> =>
  (scope, x, ...rest) => {
    const change = layer(scope, x, ...rest);
    if (!sameShape(change.shape, x.shape)) {
      throw new ShapeError(`residual: ${showShape(x.shape)} became ${showShape(change.shape)}`);
    }
    return tf.add(x, change) as A;
  };

/**
 * The layer as a module: the modules that it declares are under `name`.
 * @example named('tower', repeat(8, block)) // tower/layer_norm, tower/attention/linear, …
 * Source: dm-haiku `hk.name_scope`.
 */
export const named = <A extends Rest, B>(name: string, layer: Layer<A, B>) =>
  module(
    name,
    (s) =>
      (...inputs: A): B =>
        layer(s, ...inputs),
  );

/**
 * The layer with its inputs made by a function.
 * @example mapInputs(crossAttention(), (q: Tensor, kv: Tensor, m: Tensor) => [q, kv, attentionMask(q, m)])
 */
export const mapInputs =
  <Z extends Rest, A extends Rest, B>(
    layer: Layer<A, B>,
    f: (...inputs: Z) => readonly [...A],
  ): Layer<Z, B> =>
  (scope, ...inputs) =>
    layer(scope, ...f(...inputs));

/** The layer with a function of its output. */
export const mapOutput =
  <A extends Rest, B, C>(layer: Layer<A, B>, f: (output: B) => C): Layer<A, C> =>
  (scope, ...inputs) =>
    f(layer(scope, ...inputs));

/**
 * One layer in training, another (`identity` if not given) otherwise. `init` runs in training, so that parameters which
 * only the other layer asks for are not made.
 */
export function whenTraining<A, P extends Rest>(layer: Layer<[A, ...P], A>): Layer<[A, ...P], A>;
export function whenTraining<A, B, P extends Rest, Q extends Rest>(
  layer: Layer<[A, ...P], B>,
  otherwise: Layer<[A, ...Q], B>,
): Layer<[A, ...Shared<P | Q>], B>;
export function whenTraining<A, P extends Rest>(
  layer: Layer<[A, ...P], unknown>,
  otherwise: Layer<[A, ...P], unknown> = identity,
): Layer<[A, ...P], unknown> {
  return (scope, ...inputs) => (scope.isTraining ? layer : otherwise)(scope, ...inputs);
}
