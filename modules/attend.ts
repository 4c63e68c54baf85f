/**
 * Scaled dot-product attention, the primitive that every Perceiver is made of. It never holds more than a tile of the
 * scores: long inputs are attended to some queries and some keys at a time.
 */
import * as tf from '@tensorflow/tfjs-core';
import { expectShape } from '../lib/shape.js';

/** Which keys [S] each query [T] may attend to: [B, T, S], anything but zero = attend. */
export type Mask = tf.Tensor;

/** Scores held at once, at most: 16 M of them are 64 MB. */
const tileSize = 2 ** 24;

/** Keys attended to at once: one float32 sum over 182,528 of them lost a digit that the original keeps. */
const keysAtOnce = 2 ** 12;

/** What a masked score is replaced by: low enough to vanish in the softmax, finite so that no row becomes NaN. */
const maskedScore = -1e30;

/** Some queries with some keys and values, head by head. */
interface Tile {
  readonly q: tf.Tensor4D; // [B, H, t, D]
  readonly k: tf.Tensor4D; // [B, H, S, D]
  readonly v: tf.Tensor4D; // [B, H, S, E]
  readonly mask?: tf.Tensor4D; // [B, 1, t, S] bool
  readonly keep?: tf.Tensor4D; // [B, H, t, S], what dropout multiplies weights by
}

/** q·kᵀ / √D, very low where a query may not attend. [B, H, t, S] */
const score = ({ q, k, mask }: Tile): tf.Tensor4D => {
  const scores = tf.matMul(tf.div(q, Math.sqrt(q.shape[3])), k, false, true) as tf.Tensor4D;
  return mask ? tf.where(mask, scores, maskedScore) : scores;
};

/** x [B, H, t, …], zero where a query has nothing to attend to. */
const wipe = (x: tf.Tensor4D, { mask }: Tile): tf.Tensor4D =>
  mask ? tf.mul(x, tf.cast(tf.any(mask, 3, true), 'float32')) : x;

/** softmax(q·kᵀ / √D), zero where a query has nothing to attend to. [B, H, t, S] */
const weigh = (tile: Tile): tf.Tensor4D => wipe(tf.softmax(score(tile)), tile);

const drop = (weights: tf.Tensor4D, { keep }: Tile): tf.Tensor4D => (keep ? tf.mul(weights, keep) : weights);

/** What queries take from some of the keys: enough to join it with what they take from others. */
type Share = {
  readonly out: tf.Tensor4D; // [B, H, t, E], as if there were no other keys
  readonly top: tf.Tensor4D; // [B, H, t, 1], the highest score
  readonly total: tf.Tensor4D; // [B, H, t, 1], Σ exp(score − top)
};

const shareOf = (tile: Tile): Share => {
  const scores = score(tile);
  const weights = tf.softmax(scores); // [B, H, t, s]
  return {
    out: tf.matMul(drop(weights, tile), tile.v),
    top: tf.max<tf.Tensor4D>(scores, 3, true),
    total: tf.reciprocal(tf.max<tf.Tensor4D>(weights, 3, true)), // the highest score's weight is exp(0) / total
  };
};

/** Attention to the keys of both; associative. */
const join = (a: Share, b: Share): Share => {
  const top = tf.maximum<tf.Tensor4D>(a.top, b.top);
  const [inA, inB] = [a, b].map((share) => tf.mul(share.total, tf.exp(tf.sub(share.top, top))));
  const total = tf.add<tf.Tensor4D>(inA, inB);
  const out = tf.add<tf.Tensor4D>(tf.mul(a.out, tf.div(inA, total)), tf.mul(b.out, tf.div(inB, total)));
  return { out, top, total };
};

/** Gradients of a tile's output [B, H, t, E]; weights are computed again rather than kept. */
const backward = (tile: Tile, dOut: tf.Tensor4D) => {
  const { q, k, v } = tile;
  const weights = weigh(tile); // [B, H, t, S]
  const dWeights = drop(tf.matMul(dOut, v, false, true) as tf.Tensor4D, tile);
  const inner = tf.sum(tf.mul(dWeights, weights), 3, true); // [B, H, t, 1]
  const dScores = tf.div(tf.mul(weights, tf.sub(dWeights, inner)), Math.sqrt(q.shape[3]));
  return {
    dq: tf.matMul(dScores, k), // [B, H, t, D]
    dk: tf.matMul(dScores, q, true), // [B, H, S, D]
    dv: tf.matMul(drop(weights, tile), dOut, true), // [B, H, S, E]
  };
};

/** A span of one axis. */
const cut = <T extends tf.Tensor4D | undefined>(x: T, axis: number, [start, size]: Span): T => {
  const [begin, sizes] = [
    [0, 0, 0, 0],
    [-1, -1, -1, -1],
  ];
  begin[axis] = start;
  sizes[axis] = size;
  return (x && tf.slice(x, begin, sizes)) as T;
};

type Span = readonly [start: number, size: number];

/** An axis as spans of at most `step`. */
const spansOf = (length: number, step: number): readonly Span[] =>
  Array.from({ length: Math.ceil(length / step) }, (_, i) => [i * step, Math.min(step, length - i * step)]);

/** Cuts the queries so that the scores of `keys` keys fit `tileSize`, and works on one tile after the other. */
const byQueries = <A extends tf.TensorContainer>(
  whole: Tile,
  keys: number,
  work: (tile: Tile, span: Span) => A,
): A[] => {
  const [batch, heads, queries] = whole.q.shape;
  const step = Math.max(1, Math.floor(tileSize / Math.max(1, batch * heads * keys)));
  if (step >= queries) return [work(whole, [0, queries])];
  const { q, mask, keep } = whole;
  return spansOf(queries, step).map((span) =>
    tf.tidy(() =>
      work({ ...whole, q: cut(q, 2, span), mask: cut(mask, 2, span), keep: cut(keep, 2, span) }, span),
    ),
  );
};

/** What queries take from all keys, `keysAtOnce` after `keysAtOnce`. [B, H, t, E] */
const byKeys = (tile: Tile): tf.Tensor4D => {
  const { k, v, mask, keep } = tile;
  const keys = k.shape[2];
  if (keys <= keysAtOnce) return tf.matMul(drop(weigh(tile), tile), v);
  const share = spansOf(keys, keysAtOnce).reduce<Share | undefined>((before, span) => {
    const after = tf.tidy(() => {
      const masks = { mask: cut(mask, 3, span), keep: cut(keep, 3, span) };
      const next = shareOf({ ...tile, k: cut(k, 2, span), v: cut(v, 2, span), ...masks });
      return before ? join(before, next) : next;
    });
    if (before) tf.dispose(before);
    return after;
  }, undefined);
  return wipe((share as Share).out, tile);
};

const sum = (parts: tf.Tensor[]): tf.Tensor => (parts.length === 1 ? parts[0] : tf.addN(parts));

/** Attention by head, in tiles, with a gradient that works in tiles too. [B, H, T, E] */
const attendByHead = ({ q, k, v, mask, keep }: Tile): tf.Tensor4D => {
  const custom = tf.customGrad((...inputs) => {
    const [q, k, v, save] = inputs as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
    const whole = { q, k, v, mask, keep };
    save([q, k, v, ...(mask ? [mask] : []), ...(keep ? [keep] : [])]);
    const value = tf.concat(byQueries(whole, Math.min(k.shape[2], keysAtOnce), byKeys), 2);
    const gradFunc = (dOut: tf.Tensor, saved: tf.Tensor[]) => {
      const [q, k, v, ...others] = saved as tf.Tensor4D[];
      const tiles = { q, k, v, mask: mask && others.shift(), keep: keep && others.shift() };
      const parts = byQueries(tiles, k.shape[2], (tile, span) =>
        backward(tile, cut(dOut as tf.Tensor4D, 2, span)),
      );
      return [
        tf.concat(
          parts.map(({ dq }) => dq),
          2,
        ),
        sum(parts.map(({ dk }) => dk)),
        sum(parts.map(({ dv }) => dv)),
      ];
    };
    return { value, gradFunc };
  });
  return custom(q, k, v) as tf.Tensor4D;
};

/** [B, N, H, C] to [B, H, N, C] and back; with one head nothing moves. */
const byHead = (x: tf.Tensor): tf.Tensor4D => {
  const [batch, n, m, channels] = x.shape;
  return n === 1 || m === 1
    ? tf.reshape(x, [batch, m, n, channels])
    : tf.transpose(x as tf.Tensor4D, [0, 2, 1, 3]);
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
  const known = expectShape('q', q.shape, ['B', 'T', 'H', 'D']);
  const { B, T, H, S } = expectShape('k', k.shape, ['B', 'S', 'H', 'D'], known);
  const { E } = expectShape('v', v.shape, ['B', 'S', 'H', 'E'], { B, S, H });
  if (mask) expectShape('mask', mask.shape, ['B', 'T', 'S'], { B, T, S });
  const attends = mask && (tf.expandDims(tf.notEqual(mask, 0), 1) as tf.Tensor4D); // [B, 1, T, S]
  const perHead = attendByHead({
    q: byHead(q),
    k: byHead(k),
    v: byHead(v),
    mask: attends,
    keep: keep as tf.Tensor4D,
  });
  return tf.reshape(byHead(perHead), [B, T, H * E]);
};

/** softmax(q·kᵀ / √D) itself, for those who want to look at it: [B, H, T, S]. */
export const attentionWeights = (q: tf.Tensor, k: tf.Tensor, mask?: Mask): tf.Tensor4D => {
  const attends = mask && (tf.expandDims(tf.notEqual(mask, 0), 1) as tf.Tensor4D);
  const heads = { q: byHead(q), k: byHead(k) };
  return weigh({ ...heads, v: heads.k, mask: attends });
};

/**
 * Which keys each query may attend to, from which queries and which keys are there.
 * @param queryMask [B, T], anything but zero = there
 * @param keyMask [B, S]
 * @returns [B, T, S]
 * Source: perceiver.py `make_cross_attention_mask`.
 */
export const crossMask = (queryMask: tf.Tensor, keyMask: tf.Tensor): Mask =>
  tf.logicalAnd(tf.expandDims(tf.notEqual(queryMask, 0), 2), tf.expandDims(tf.notEqual(keyMask, 0), 1));
