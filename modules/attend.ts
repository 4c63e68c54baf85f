/**
 * Scaled dot-product attention, the primitive that every Perceiver is made of, and the masks that it takes. It never
 * holds more than a tile of the scores.
 */
import * as tf from '@tensorflow/tfjs-core';
import { attention, attentionInParts, composedWeights, type Span } from '../lib/engine/index.js';
import { expectShape } from '../lib/data/shape.js';

/** Which keys [S] each query [T] may attend to: [B, T, S], anything but zero = attend. */
export type Mask = tf.Tensor;

/** @throws ShapeError when the shapes do not fit each other */
const sizesOf = (
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  mask?: Mask,
): Record<'B' | 'T' | 'H' | 'S' | 'E', number> => {
  const known = expectShape('q', q.shape, ['B', 'T', 'H', 'D']);
  const { B, T, H, S } = expectShape('k', k.shape, ['B', 'S', 'H', 'D'], known);
  const { E } = expectShape('v', v.shape, ['B', 'S', 'H', 'E'], { B, S, H });
  if (mask) expectShape('mask', mask.shape, ['B', 'T', 'S'], { B, T, S });
  return { B, T, H, S, E };
};

/**
 * softmax(q·kᵀ / √D)·v, head by head.
 *
 * Shapes: B batch, T queries, S keys, H heads, D query head width, E value head width.
 * @param q [B, T, H, D]
 * @param k [B, S, H, D]
 * @param v [B, S, H, E]
 * @param mask [B, T, S]; a query with nothing to attend to gives zeros
 * @param keep [B, H, T, S], what dropout multiplies the weights by
 * @returns [B, T, H·E]
 * @throws ShapeError when the shapes do not fit each other
 * Source: perceiver.py `attend`; arXiv:2107.14795, appendix E.
 */
export const attend = (
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  mask?: Mask,
  keep?: tf.Tensor,
): tf.Tensor3D => {
  const { B, T, H, E } = sizesOf(q, k, v, mask);
  const inputs = { q, k, v, mask: mask && tf.notEqual(mask, 0), keep };
  return tf.reshape(attention(inputs, {}), [B, T, H * E]);
};

/** Who attends to what, but for the keys and values. */
export interface Attending {
  readonly queries: tf.Tensor; // [B, T, H, D]
  /** Width of the values over all heads. */
  readonly width: number;
  readonly mask?: Mask; // [B, T, S]
  readonly keep?: tf.Tensor;
  /** Shows the weights of some queries [B, H, t, S], before any of them are dropped. */
  readonly show?: (weights: (span: Span) => tf.Tensor) => void;
}

/**
 * `attend`, with keys and values that are made for some rows at a time: not for a gradient, if there are several parts.
 * @param spans the parts
 * @param make keys [B, s, H, D] and values [B, s, H, E] of a part
 * @returns [B, T, H·E]
 */
export const attendInParts = (
  spans: readonly Span[],
  { queries, width, mask, keep, show }: Attending,
  make: (span: Span) => readonly [k: tf.Tensor, v: tf.Tensor],
): tf.Tensor3D => {
  const [B, T, H] = queries.shape as [number, number, number];
  if (spans.length > 1) {
    const parts = spans.map((span) => () => {
      const [k, v] = make(span);
      const seen = mask && tf.slice(tf.notEqual(mask, 0), [0, 0, span[0]], [-1, -1, span[1]]);
      return { k, v, mask: seen };
    });
    const attended = attentionInParts(queries, width / H, parts);
    if (attended) return tf.reshape(attended, [B, T, width]);
  }
  const [start, rows] = spans[spans.length - 1];
  const [k, v] = make([0, start + rows]);
  show?.(([from, count]) =>
    attentionWeights(
      tf.slice(queries, [0, from, 0, 0], [-1, count, -1, -1]),
      k,
      mask && tf.slice(mask, [0, from, 0], [-1, count, -1]),
    ),
  );
  return attend(queries, k, v, mask, keep);
};

/** softmax(q·kᵀ / √D) itself, for those who want to look at it: [B, H, T, S]. */
export const attentionWeights = (q: tf.Tensor, k: tf.Tensor, mask?: Mask): tf.Tensor4D =>
  composedWeights({ q, k, mask: mask && tf.notEqual(mask, 0) });

/**
 * Which keys each query may attend to, from which queries and which keys are there.
 * @param queryMask [B, T], anything but zero = there
 * @param keyMask [B, S]
 * @returns [B, T, S]
 * Source: perceiver.py `make_cross_attention_mask`.
 */
export const crossMask = (queryMask: tf.Tensor, keyMask: tf.Tensor): Mask =>
  tf.logicalAnd(tf.expandDims(tf.notEqual(queryMask, 0), 2), tf.expandDims(tf.notEqual(keyMask, 0), 1));
