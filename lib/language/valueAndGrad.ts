/**
 * Values and gradients of functions: any nest of arrays goes in (parameters, say), its like in gradients comes out.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../data/array.js';
import { gradients } from '../engine/index.js';
import { isTensor, type Leaf, type Params, toTensor } from '../data/leaf.js';
import { mapNest, partsOf, refill } from '../data/nest.js';
import type { Tree } from '../data/tree.js';

/** The gradients of a nest: tensors in the places of its arrays. Those of parameters are no parameters. */
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

/** What a function gives that has more to tell than its loss: a new state, metrics. */
export interface LossAndAux<X> {
  readonly loss: tf.Tensor;
  readonly aux: X;
}

const isLeaf = (part: unknown): part is Leaf =>
  isTensor(part) ||
  (typeof part === 'object' && part !== null && Array.isArray((part as HostArray).shape) && 'dtype' in part);

/**
 * A function together with its gradient in its first argument. The function gets that argument with tensors in the
 * places of its arrays, and gives a scalar, or `{ loss, aux }`.
 *
 * What the scalar does not depend on, and arrays that are not of floats, get zeros. Arguments stay as they are, and
 * nothing but the result is left behind.
 * @throws RangeError when the function gives anything but a scalar
 * @example
 * const step = valueAndGrad((params: Params, x: Tensor, y: Tensor) =>
 *   tf.losses.meanSquaredError(y, model.apply(params, {}, x)));
 * const { value, grads } = step(params, x, y);
 */
export function valueAndGrad<P, A extends readonly unknown[]>(
  f: (params: P, ...rest: A) => tf.Tensor,
): (params: P, ...rest: A) => ValueAndGrad<P>;
export function valueAndGrad<P, A extends readonly unknown[], X>(
  f: (params: P, ...rest: A) => LossAndAux<X>,
): (params: P, ...rest: A) => ValueAndGrad<P> & { readonly aux: X };
export function valueAndGrad<P, A extends readonly unknown[]>(
  f: (params: P, ...rest: A) => tf.Tensor | LossAndAux<unknown>,
) {
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
        const found = gradients(
          loss,
          leaves.map((leaf) => (isTensor(leaf) ? leaf : toTensor(leaf))),
        );
        return { value: found.value, grads: found.grads };
      });
      const own = mapNest(aux, isTensor, (tensor) => tensor.clone());
      return { value, grads: refill(params, isLeaf, grads), ...(aux === undefined ? {} : { aux: own }) };
    } finally {
      tf.dispose(kept);
    }
  };
}
