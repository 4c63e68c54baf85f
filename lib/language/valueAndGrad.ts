/**
 * Values and gradients of functions: any nest of arrays goes in (parameters, say), its like in gradients comes out.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../data/array.js';
import { gradients, unrecorded } from '../engine/index.js';
import { asTensor, isTensor, type Leaf, type Params } from '../data/leaf.js';
import { mapNest, partsOf, refill } from '../data/nest.js';
import { filter, paths, type Selection, type Tree } from '../data/tree.js';
import { replace } from '../data/treeArrays.js';

/** The gradients of a nest: tensors in the places of its arrays. Gradients of parameters are a tree, not `Params`. */
export type GradsOf<P> = P extends Params
  ? Tree<tf.Tensor>
  : P extends Leaf
    ? tf.Tensor
    : P extends string | number | boolean | null | undefined | ((...inputs: never[]) => unknown)
      ? P
      : { readonly [K in keyof P]: GradsOf<P[K]> };

export interface ValueAndGrad<P> {
  readonly value: tf.Scalar;
  readonly grads: GradsOf<P>;
}

/** The gradient in some leaves of a tree; other leaves are not in it. */
export interface ValueAndPartGrad {
  readonly value: tf.Scalar;
  readonly grads: Tree<tf.Tensor>;
}

export interface PartOptions {
  /** The leaves that are differentiated, by path. */
  readonly of: Selection;
}

/** A loss with other results beside it: a new state, metrics. */
export interface LossAndAux<X> {
  readonly loss: tf.Tensor;
  readonly aux: X;
}

const isLeaf = (part: unknown): part is Leaf =>
  isTensor(part) ||
  (typeof part === 'object' && part !== null && Array.isArray((part as HostArray).shape) && 'dtype' in part);

/** The nest itself, through which no gradient flows. Source: `jax.lax.stop_gradient`. */
export const stopGradient = <A>(nest: A): A =>
  mapNest(nest, isTensor, (tensor) => unrecorded(() => tf.clone(tensor))) as A;

/** The selected leaves of a tree. @throws Error when there are none */
const selected = (params: Tree<Leaf>, selection: Selection): Tree<Leaf> => {
  const part = filter(params, selection);
  if (Object.keys(part).length > 0) return part;
  throw new Error(
    `valueAndGrad: found no leaf at ${String(selection)}; there are ${paths(params).join(', ')}`,
  );
};

/**
 * A function together with its gradient in its first argument. The function gets that argument with tensors in the
 * places of its arrays, and gives a scalar, or `{ loss, aux }`.
 *
 * Arrays on which the scalar does not depend, and arrays that are not of floats, get zeros. Arguments stay as they are,
 * and only the result's tensors are left.
 * @param options  `of`: the leaves of a tree to differentiate, by path; other leaves reach the function as they are, and
 * the gradient is a tree of the selected leaves alone
 * @throws RangeError when the function gives anything but a scalar; Error when `of` selects nothing
 * @example
 * const step = valueAndGrad((params: Params, x: Tensor, y: Tensor) =>
 *   tf.losses.meanSquaredError(y, model.apply(params, {}, x)));
 * const { value, grads } = step(params, x, y);
 * const ofHead = valueAndGrad(loss, { of: /^head\// }); // grads: { head: { w, b } }
 */
export function valueAndGrad<P extends Tree<Leaf>, A extends readonly unknown[]>(
  f: (params: P, ...rest: A) => tf.Tensor,
  options: PartOptions,
): (params: P, ...rest: A) => ValueAndPartGrad;
export function valueAndGrad<P extends Tree<Leaf>, A extends readonly unknown[], X>(
  f: (params: P, ...rest: A) => LossAndAux<X>,
  options: PartOptions,
): (params: P, ...rest: A) => ValueAndPartGrad & { readonly aux: X };
export function valueAndGrad<P, A extends readonly unknown[]>(
  f: (params: P, ...rest: A) => tf.Tensor,
): (params: P, ...rest: A) => ValueAndGrad<P>;
export function valueAndGrad<P, A extends readonly unknown[], X>(
  f: (params: P, ...rest: A) => LossAndAux<X>,
): (params: P, ...rest: A) => ValueAndGrad<P> & { readonly aux: X };
export function valueAndGrad<P, A extends readonly unknown[]>(
  f: (params: P, ...rest: A) => tf.Tensor | LossAndAux<unknown>,
  options?: PartOptions,
): (params: P, ...rest: A) => unknown {
  if (options) {
    return (params, ...rest) => {
      const whole = params as Tree<Leaf>;
      const inPart = (part: Tree<Leaf>) => f(replace(whole, part) as P, ...rest);
      return (valueAndGrad as (f: unknown) => (part: Tree<Leaf>) => unknown)(inPart)(
        selected(whole, options.of),
      );
    };
  }
  return (params: P, ...rest: A) => {
    const kept: tf.Tensor[] = [];
    const keep = (tensor: tf.Tensor): tf.Tensor => {
      kept.push(tf.keep(tensor.clone()));
      return kept[kept.length - 1];
    };
    let aux: unknown;
    const loss = (inputs: tf.Tensor[]): tf.Tensor => {
      const result = f(refill<P>(params, isLeaf, inputs), ...rest);
      if (isTensor(result)) return result;
      aux = mapNest(result.aux, isTensor, keep);
      return result.loss;
    };
    try {
      const { value, grads } = tf.tidy(() => {
        const leaves = partsOf(params, isLeaf);
        const found = gradients(loss, leaves.map(asTensor));
        return { value: found.value, grads: found.grads };
      });
      const own = mapNest(aux, isTensor, (tensor) => tensor.clone());
      return { value, grads: refill(params, isLeaf, grads), ...(aux === undefined ? {} : { aux: own }) };
    } finally {
      tf.dispose(kept);
    }
  };
}
