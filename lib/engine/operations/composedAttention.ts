/**
 * Attention composed of tfjs operations, and its gradient. It never holds more than a tile of the scores: long inputs
 * are attended to some queries and some keys at a time, and the gradient computes weights again rather than keep them.
 */
import * as tf from '@tensorflow/tfjs-core';

/** What is attended to, as projections give it: heads side by side. */
export interface AttentionInputs {
  readonly q: tf.Tensor; // [B, T, H, D]
  readonly k: tf.Tensor; // [B, S, H, D]
  readonly v: tf.Tensor; // [B, S, H, E]
  /** Which keys each query may attend to, [B, T, S] bool; a query with none gives zeros. */
  readonly mask: tf.Tensor | undefined;
  /** What dropout multiplies weights by, [B, H, T, S]. */
  readonly keep: tf.Tensor | undefined;
}

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

/** [B, N, H, C] to [B, H, N, C] and back; with one head nothing moves. */
const byHead = (x: tf.Tensor): tf.Tensor4D => {
  const [batch, n, m, channels] = x.shape;
  return n === 1 || m === 1
    ? tf.reshape(x, [batch, m, n, channels])
    : tf.transpose(x as tf.Tensor4D, [0, 2, 1, 3]);
};

/** The same by head, so that products are of matrices that lie in one piece. */
const tileOf = ({ q, k, v, mask, keep }: AttentionInputs): Tile => ({
  q: byHead(q),
  k: byHead(k),
  v: byHead(v),
  mask: mask && (tf.expandDims(mask, 1) as tf.Tensor4D),
  keep: keep as tf.Tensor4D | undefined,
});

/** Attention in tiles: [B, T, H, E]. */
export const composedAttention = (inputs: AttentionInputs): tf.Tensor => {
  const whole = tileOf(inputs);
  const keys = Math.min(whole.k.shape[2], keysAtOnce);
  return byHead(tf.concat(byQueries(whole, keys, byKeys), 2));
};

/** The cotangents of queries, keys and values from that of the output [B, T, H, E]. */
export const attentionCotangents = (dy: tf.Tensor, inputs: AttentionInputs) => {
  const whole = tileOf(inputs);
  const dOut = byHead(dy);
  const parts = byQueries(whole, whole.k.shape[2], (tile, span) => backward(tile, cut(dOut, 2, span)));
  const queries = parts.map(({ dq }) => dq);
  return {
    q: byHead(tf.concat(queries, 2)),
    k: byHead(sum(parts.map(({ dk }) => dk))),
    v: byHead(sum(parts.map(({ dv }) => dv))),
  };
};

/** softmax(q·kᵀ / √D): [B, H, T, S]. */
export const composedWeights = (inputs: Pick<AttentionInputs, 'q' | 'k' | 'mask'>): tf.Tensor4D =>
  weigh(tileOf({ ...inputs, v: inputs.k, keep: undefined }));
