/**
 * Attention composed of tfjs operations, and its gradient. It never holds more than a tile of the scores: long inputs
 * are attended to some queries and some keys at a time, keys that no query of a tile may see are left out, and the
 * gradient computes weights again rather than keep them.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Span, spansOf } from '../../data/spans.js';
import {
  type AttentionAttrs,
  type AttentionInputs,
  byHead,
  cut,
  cutTile,
  scoresOf,
  sumShared,
  type Tile,
  tileOf,
  timesShared,
} from './attentionTile.js';
import { keysSeen } from './band.js';
import { sumDiagonals } from './relativeBias.js';

export type { AttentionAttrs, AttentionInputs } from './attentionTile.js';

/** Scores held at once, at most: 16 M of them are 64 MB. */
const tileSize = 2 ** 24;

/** Keys attended to at once: one float32 sum over 182,528 of them lost a digit that the original keeps. */
const keysAtOnce = 2 ** 12;

/** Blocks of queries of causal attention, and the fewest queries of one: each block leaves out what it does not see. */
const causalBlocks = 8;
const fewestInBlock = 32;

/** x [B, H, t, …], zero where a query has nothing to attend to. */
const wipe = (x: tf.Tensor4D, seen: tf.Tensor4D | undefined): tf.Tensor4D => (seen ? tf.mul(x, seen) : x);

/** softmax(q·kᵀ · scale + bias), zero where a query has nothing to attend to. [B, H, t, s] */
const weigh = (tile: Tile): tf.Tensor4D => {
  const { scores, seen } = scoresOf(tile);
  return wipe(tf.softmax(scores), seen);
};

const drop = (weights: tf.Tensor4D, { keep }: Tile): tf.Tensor4D => (keep ? tf.mul(weights, keep) : weights);

/** Attention to some of the keys, with the numbers that are needed to join it with attention to others. */
type Share = {
  readonly out: tf.Tensor4D; // [B, H, t, E], as if there were no other keys
  readonly top: tf.Tensor4D; // [B, H, t, 1], the highest score
  readonly total: tf.Tensor4D; // [B, H, t, 1], Σ exp(score − top)
  readonly seen?: tf.Tensor4D; // [B|1, H|1, t|1, 1]
};

const shareOf = (tile: Tile): Share => {
  const { scores, seen } = scoresOf(tile);
  const weights = tf.softmax(scores); // [B, H, t, s]
  return {
    out: timesShared(drop(weights, tile), tile.v),
    top: tf.max<tf.Tensor4D>(scores, 3, true),
    total: tf.reciprocal(tf.max<tf.Tensor4D>(weights, 3, true)), // the highest score's weight is exp(0) / total
    seen,
  };
};

/** Attention to the keys of both; associative. */
const join = (a: Share, b: Share): Share => {
  const top = tf.maximum<tf.Tensor4D>(a.top, b.top);
  const [inA, inB] = [a, b].map((share) => tf.mul(share.total, tf.exp(tf.sub(share.top, top))));
  const total = tf.add<tf.Tensor4D>(inA, inB);
  const out = tf.add<tf.Tensor4D>(tf.mul(a.out, tf.div(inA, total)), tf.mul(b.out, tf.div(inB, total)));
  return { out, top, total, seen: a.seen && b.seen && tf.maximum<tf.Tensor4D>(a.seen, b.seen) };
};

/**
 * Cuts the queries so that the scores of `keys` keys fit `tileSize`, and works on one tile after the other: some queries
 * and the keys that they see.
 */
const byQueries = <A extends tf.TensorContainer>(
  whole: Tile,
  keys: number,
  work: (tile: Tile, queries: Span, keys: Span) => A,
): A[] => {
  const [batch, heads, queries] = whole.q.shape;
  const room = Math.floor(tileSize / Math.max(1, batch * heads * keys));
  const block = whole.band ? Math.max(fewestInBlock, Math.ceil(queries / causalBlocks)) : queries;
  return spansOf(queries, Math.max(1, Math.min(room, block))).map((span) =>
    tf.tidy(() => {
      const seen = keysSeen(whole.band, span, whole.k.shape[2]);
      return work(cutTile(whole, span, seen), span, seen);
    }),
  );
};

/** Attention to all keys, `keysAtOnce` after `keysAtOnce`. [B, H, t, E] */
const byKeys = (tile: Tile): tf.Tensor4D => {
  const [keys, width] = tile.v.shape.slice(2);
  const [batch, heads, queries] = tile.q.shape;
  if (keys === 0) return tf.zeros([batch, heads, queries, width]);
  if (keys <= keysAtOnce) return timesShared(drop(weigh(tile), tile), tile.v);
  const share = spansOf(keys, keysAtOnce).reduce<Share | undefined>((before, span) => {
    const after = tf.tidy(() => {
      const next = shareOf(cutTile(tile, [0, queries], span));
      return before ? join(before, next) : next;
    });
    if (before) tf.dispose(before);
    return after;
  }, undefined) as Share;
  return wipe(share.out, share.seen);
};

/** Attention in tiles: [B, T, H, E]. */
export const composedAttention = (inputs: AttentionInputs, attrs: AttentionAttrs): tf.Tensor => {
  const whole = tileOf(inputs, attrs);
  const keys = Math.min(whole.k.shape[2], keysAtOnce);
  return byHead(tf.concat(byQueries(whole, keys, byKeys), 2));
};

/** x, summed over the axes of which `shape` has one element. */
const sumTo = (x: tf.Tensor4D, shape: readonly number[]): tf.Tensor4D => {
  const axes = shape.flatMap((size, axis) => (size === 1 && x.shape[axis] !== 1 ? [axis] : []));
  return axes.length ? tf.sum(x, axes, true) : x;
};

/** Gradients of a tile's output [B, H, t, E]; weights are computed again rather than kept. */
const backward = (tile: Tile, dOut: tf.Tensor4D) => {
  const { q, k, v, bias, relativeBias, scale } = tile;
  const shared = k.shape[1];
  const weights = weigh(tile); // [B, H, t, s]
  const dWeights = drop(timesShared(dOut, v, true), tile);
  const inner = tf.sum(tf.mul(dWeights, weights), 3, true); // [B, H, t, 1]
  const dScores = tf.mul<tf.Tensor4D>(weights, tf.sub(dWeights, inner)); // [B, H, t, s]
  return {
    q: tf.mul<tf.Tensor4D>(timesShared(dScores, k), scale), // [B, H, t, D]
    k: tf.mul<tf.Tensor4D>(sumShared(dScores, q, shared), scale), // [B, G, s, D]
    v: sumShared(drop(weights, tile), dOut, shared), // [B, G, s, E]
    bias: bias && sumTo(dScores, bias.shape),
    // [H|1, t + s − 1]
    relativeBias: relativeBias && sumDiagonals(tf.sum(sumTo(dScores, [1, relativeBias.shape[0], 0, 0]), 0)),
  };
};

/** A tile's part of an array whose axis has `length` elements, zero elsewhere. */
const placed = <T extends tf.Tensor>(x: T, axis: number, start: number, length: number): T => {
  const after = length - start - x.shape[axis];
  if (start === 0 && after === 0) return x;
  return tf.pad(
    x,
    x.shape.map((_, i): [number, number] => (i === axis ? [start, after] : [0, 0])),
  );
};

const sum = <T extends tf.Tensor>(parts: readonly T[]): T =>
  parts.length === 1 ? parts[0] : tf.addN([...parts]);

/** The cotangents of the inputs from that of the output [B, T, H, E]. */
export const attentionCotangents = (dy: tf.Tensor, inputs: AttentionInputs, attrs: AttentionAttrs) => {
  const whole = tileOf(inputs, attrs);
  const { q, k, v, bias, relativeBias } = whole;
  const [dOut, queries, keys] = [byHead(dy), q.shape[2], k.shape[2]];
  const parts = byQueries(whole, keys, (tile, [start, size], [firstKey, count]) => {
    if (count === 0) return { q: tf.zerosLike(tile.q) };
    const found = backward(tile, cut(dOut, 2, [start, size]));
    const biased = found.bias && placed(found.bias, 3, firstKey, keys);
    return {
      q: found.q,
      k: placed(found.k, 2, firstKey, keys),
      v: placed(found.v, 2, firstKey, keys),
      bias: biased && bias?.shape[2] !== 1 ? placed(biased, 2, start, queries) : biased,
      relativeBias:
        found.relativeBias &&
        placed(found.relativeBias, 1, firstKey - start + queries - size, queries + keys - 1),
    };
  });
  const total = <T extends tf.Tensor>(name: 'k' | 'v' | 'bias' | 'relativeBias', like: T | undefined): T => {
    const found = parts.flatMap((part) => (name in part && part[name] ? [part[name] as unknown as T] : []));
    return found.length ? sum(found) : tf.zerosLike(like as T);
  };
  return {
    q: (): tf.Tensor =>
      byHead(
        tf.concat(
          parts.map((part) => part.q as tf.Tensor4D),
          2,
        ),
      ),
    k: (): tf.Tensor => byHead(total('k', k)),
    v: (): tf.Tensor => byHead(total('v', v)),
    bias: (): tf.Tensor => total('bias', bias),
    relativeBias: (): tf.Tensor => total('relativeBias', relativeBias),
  };
};

/**
 * The attention weights of some queries: softmax(q·kᵀ · scale + bias), zero where a query has nothing to attend to.
 * @returns [B, H, t, S]
 */
export const composedWeights = (
  inputs: Omit<AttentionInputs, 'v' | 'keep'>,
  attrs: AttentionAttrs,
  queries: Span = [0, inputs.q.shape[1] as number],
): tf.Tensor4D => {
  const whole = tileOf({ ...inputs, v: inputs.k }, attrs);
  return weigh(cutTile(whole, queries, [0, inputs.k.shape[1] as number]));
};
