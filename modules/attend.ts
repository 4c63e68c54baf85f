/**
 * Scaled dot-product attention, the primitive that every Perceiver is made of, and the masks that it takes. It never
 * holds more than a tile of the scores.
 *
 * Shapes: B batch, T queries, S keys, H heads, G heads of keys and values, D query head width, E value head width.
 */
import type { Span } from '../lib/data/spans.js';
import * as tf from '@tensorflow/tfjs-core';
import { expectDivisible, expectShape, ShapeError, showShape } from '../lib/data/shape.js';
import {
  attention,
  type AttentionAttrs,
  type AttentionInputs,
  bandBytes,
  bandOf,
  composedWeights,
  isWhole,
} from '../lib/engine/index.js';
import { stopGradient } from '../lib/language/valueAndGrad.js';

/**
 * Keys [S] that each query [T] may attend to, anything but zero = attend: [B|1, T|1, S], or with heads
 * [B|1, H|1, T|1, S].
 */
export type Mask = tf.Tensor;

export interface AttendOptions {
  readonly mask?: Mask;
  /** Numbers added to the scores, [B|1, H|1, T|1, S]. To hide keys, give a mask. */
  readonly bias?: tf.Tensor;
  /**
   * Numbers added to the scores by distance, [H|1, T + S − 1]: entry d + S − 1 is for a key d places after the query,
   * where the last query is at the place of the last key. Never held for each pair.
   */
  readonly relativeBias?: tf.Tensor;
  /** True where a query sees no key after its own place; the last query is at the place of the last key. */
  readonly causal?: boolean;
  /** Number of keys that a causal query sees at most: its own place and those before it. */
  readonly window?: number;
  /** Factor of the scores; 1 / √D if not given. */
  readonly scale?: number;
  /**
   * Output of a query that has no key to attend to: zeros (the default, as in Perceiver IO) or the mean of all values
   * (as in Haiku's MultiHeadAttention and Perceiver AR).
   */
  readonly withoutKeys?: 'zeros' | 'mean';
  /** Factors that dropout multiplies the weights by, [B, H, T, S]. */
  readonly keep?: tf.Tensor;
}

type Sizes = Record<'B' | 'T' | 'H' | 'S' | 'E', number>;

/** @throws ShapeError when an axis is neither as expected nor 1 */
const expectBroadcast = (
  argument: string,
  { shape }: tf.Tensor,
  expected: readonly number[],
  pattern: string,
): void => {
  const last = shape.length - 1;
  const fits =
    shape.length === expected.length &&
    shape.every((size, axis) => size === expected[axis] || (size === 1 && axis < last));
  if (!fits)
    throw new ShapeError(
      `${argument} has shape ${showShape(shape)}, expected ${pattern}, which is ${showShape(expected)} or 1 where it is the same for all`,
    );
};

/** @throws ShapeError when the shapes do not fit each other */
const sizesOf = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, options: AttendOptions): Sizes => {
  const known = expectShape('q', q.shape, ['B', 'T', 'H', 'D']);
  const { B, T, H, D } = known;
  const { S, G } = expectShape('k', k.shape, ['B', 'S', 'G', 'D'], { B, D });
  const { E } = expectShape('v', v.shape, ['B', 'S', 'G', 'E'], { B, S, G });
  expectDivisible('heads of q', H, G, 'heads of k');
  const { mask, bias, relativeBias, keep, window, causal } = options;
  if (mask?.rank === 4) expectBroadcast('mask', mask, [B, H, T, S], '[B|1, H|1, T|1, S]');
  else if (mask) expectBroadcast('mask', mask, [B, T, S], '[B|1, T|1, S] or [B|1, H|1, T|1, S]');
  if (bias) expectBroadcast('bias', bias, [B, H, T, S], '[B|1, H|1, T|1, S]');
  if (relativeBias) expectBroadcast('relativeBias', relativeBias, [H, T + S - 1], '[H|1, T + S − 1]');
  if (keep) expectShape('keep', keep.shape, [B, H, T, S]);
  if (window !== undefined && !causal)
    throw new RangeError(`window is ${window} without causal: true, expected both or neither`);
  return { B, T, H, S, E };
};

/** Inputs and attributes of the operation. */
const operandsOf = (
  { q, k }: Pick<AttentionInputs, 'q' | 'k'>,
  { mask, bias, relativeBias, causal = false, window, scale }: AttendOptions,
): readonly [Omit<AttentionInputs, 'v' | 'keep'>, AttentionAttrs] => {
  const given = mask && stopGradient(mask);
  const masks = given && tf.notEqual(given.rank === 4 ? given : tf.expandDims(given, 1), 0);
  const attrs = {
    ...(causal && { causal }),
    ...(window !== undefined && { window }),
    ...(scale !== undefined && { scale }),
  };
  return [{ q, k, mask: masks, bias, relativeBias }, attrs];
};

/** 1 for queries that have no key to attend to, [B|1, T|1, H|1, 1]; undefined where all have one. */
const withoutKeys = ({ causal, window }: AttendOptions, { T, S }: Sizes, mask: tf.Tensor | undefined) => {
  const band = bandOf({ causal, window }, T, S);
  if (!mask && (!band || T <= S)) return undefined;
  const seen =
    band && !isWhole(band, T, S) ? tf.tensor(bandBytes(band, T, S), [1, 1, T, S], 'bool') : undefined;
  const allowed = mask && seen ? tf.logicalAnd(mask, seen) : ((mask ?? seen) as tf.Tensor);
  const none = tf.logicalNot(tf.any(allowed, 3, true)); // [B|1, H|1, T|1, 1]
  return tf.transpose(tf.cast(none, 'float32'), [0, 2, 1, 3]);
};

/** The mean of the values, with dropped weights as they are dropped. [B, 1|T, H, E] */
const meanOf = (v: tf.Tensor, keep: tf.Tensor | undefined, { H, S }: Sizes): tf.Tensor => {
  const shares = H / (v.shape[2] as number);
  const means = tf.mean(v, 1, true); // [B, 1, G, E]
  const [B, , G, E] = means.shape as [number, number, number, number];
  if (!keep)
    return shares === 1
      ? means
      : tf.reshape(tf.tile(tf.reshape(means, [B, G, 1, E]), [1, 1, shares, 1]), [B, 1, H, E]);
  const byHead = tf.transpose(v, [0, 2, 1, 3]); // [B, G, S, E]
  const repeated = tf.tile(tf.reshape(byHead, [B, G, 1, S * E]), [1, 1, shares, 1]);
  const kept = tf.matMul(tf.div(keep, S), tf.reshape(repeated, [B, H, S, E])); // [B, H, T, E]
  return tf.transpose(kept, [0, 2, 1, 3]);
};

/**
 * softmax(q·kᵀ / √D + bias)·v, head by head.
 *
 * @param q [B, T, H, D]
 * @param k [B, S, G, D]; G divides H, and each head of keys and values serves H / G heads that follow one another
 * @param v [B, S, G, E]
 * @param options masks, biases and order; a query with nothing to attend to gives zeros, or the mean if so told
 * @returns [B, T, H·E]
 * @throws ShapeError when the shapes do not fit each other
 * @example attend(q, k, v, { causal: true, relativeBias: alibiBias(8, T, S) })
 * Source: perceiver.py `attend`; arXiv:2107.14795, appendix E. Fewer heads of keys: arXiv:2305.13245.
 */
export const attend = (
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  options: AttendOptions = {},
): tf.Tensor3D => {
  const sizes = sizesOf(q, k, v, options);
  const { B, T, H, E } = sizes;
  const [inputs, attrs] = operandsOf({ q, k }, options);
  const attended = attention({ ...inputs, v, keep: options.keep }, attrs); // [B, T, H, E]
  const none = options.withoutKeys === 'mean' ? withoutKeys(options, sizes, inputs.mask) : undefined;
  const filled = none ? tf.add(attended, tf.mul(none, meanOf(v, options.keep, sizes))) : attended;
  return tf.reshape(filled, [B, T, H * E]);
};

/**
 * softmax(q·kᵀ / √D + bias) itself, for those who want to look at it; zeros where there is nothing to attend to.
 * @param queries some of the queries; all of them if not given
 * @returns [B, H, t, S]
 */
export const attentionWeights = (
  q: tf.Tensor,
  k: tf.Tensor,
  options: AttendOptions = {},
  queries?: Span,
): tf.Tensor4D => {
  sizesOf(q, k, k, options);
  return composedWeights(...operandsOf({ q, k }, options), queries);
};

/**
 * Pairs of a query that is there and a key that is there.
 * @param queryMask [B, T], anything but zero = there
 * @param keyMask [B, S]
 * @returns [B, T, S]
 * Source: perceiver.py `make_cross_attention_mask`.
 */
export const crossMask = (queryMask: tf.Tensor, keyMask: tf.Tensor): Mask =>
  tf.logicalAnd(tf.expandDims(tf.notEqual(queryMask, 0), 2), tf.expandDims(tf.notEqual(keyMask, 0), 1));
