/**
 * A tile of attention: some queries with some keys and values, head by head, and the scores between them.
 *
 * Shapes: B batch, H heads, G heads of keys and values, t queries, s keys, D query head width, E value head width.
 */
import type { Span } from '../../data/spans.js';
import * as tf from '@tensorflow/tfjs-core';
import { type Band, bandBytes, bandOf, everyQuerySees, isWhole, type Order, shiftBand } from './band.js';
import { alongDiagonals } from './relativeBias.js';

/** Inputs of attention as projections give them: heads side by side. */
export interface AttentionInputs {
  readonly q: tf.Tensor; // [B, T, H, D]
  /** Keys of G heads, which divide H: each is attended to by H / G heads that follow one another. */
  readonly k: tf.Tensor; // [B, S, G, D]
  readonly v: tf.Tensor; // [B, S, G, E]
  /** Keys that each query may attend to; a query with none gives zeros. */
  readonly mask?: tf.Tensor; // [B|1, H|1, T|1, S] bool
  /** Numbers added to the scores. */
  readonly bias?: tf.Tensor; // [B|1, H|1, T|1, S]
  /** Numbers added to the scores by distance: entry j − i + T − 1 for query i and key j. */
  readonly relativeBias?: tf.Tensor; // [H|1, T + S − 1]
  /** Factors that dropout multiplies weights by. */
  readonly keep?: tf.Tensor; // [B, H, T, S]
}

/** Attributes of attention. */
export interface AttentionAttrs extends Order {
  /** Factor of the scores; 1 / √D if not given. */
  readonly scale?: number;
}

/** Some queries with some keys and values. */
export interface Tile {
  readonly q: tf.Tensor4D; // [B, H, t, D]
  readonly k: tf.Tensor4D; // [B, G, s, D]
  readonly v: tf.Tensor4D; // [B, G, s, E]
  readonly mask?: tf.Tensor4D; // [B|1, H|1, t|1, s] bool
  readonly bias?: tf.Tensor4D; // [B|1, H|1, t|1, s]
  readonly relativeBias?: tf.Tensor2D; // [H|1, t + s − 1]
  readonly keep?: tf.Tensor4D; // [B, H, t, s]
  readonly band?: Band;
  readonly scale: number;
}

/** [B, N, H, C] to [B, H, N, C] and back; with one head nothing moves. */
export const byHead = (x: tf.Tensor): tf.Tensor4D => {
  const [batch, n, m, channels] = x.shape;
  return n === 1 || m === 1
    ? tf.reshape(x, [batch, m, n, channels])
    : tf.transpose(x as tf.Tensor4D, [0, 2, 1, 3]);
};

/** All queries with all keys and values, by head, so that products are of matrices that lie in one piece. */
export const tileOf = (inputs: AttentionInputs, { scale, ...order }: AttentionAttrs): Tile => {
  const { q, k, v, mask, bias, relativeBias, keep } = inputs as Record<keyof AttentionInputs, tf.Tensor4D>;
  const [queries, keys] = [q.shape[1], k.shape[1]];
  return {
    ...{ q: byHead(q), k: byHead(k), v: byHead(v), mask, bias, keep },
    relativeBias: relativeBias as tf.Tensor | undefined as tf.Tensor2D | undefined,
    band: bandOf(order, queries, keys),
    scale: scale ?? 1 / Math.sqrt(q.shape[3]),
  };
};

/** A span of one axis; an axis of one element is the same for every span. */
export const cut = <T extends tf.Tensor4D | undefined>(x: T, axis: number, [start, size]: Span): T => {
  if (!x || x.shape[axis] === 1 || x.shape[axis] === size) return x;
  const [begin, sizes] = [
    [0, 0, 0, 0],
    [-1, -1, -1, -1],
  ];
  begin[axis] = start;
  sizes[axis] = size;
  return tf.slice(x, begin, sizes) as T;
};

/** Some queries of a tile with some of its keys. */
export const cutTile = (tile: Tile, queries: Span, keys: Span): Tile => {
  const { q, k, v, mask, bias, relativeBias, keep, band } = tile;
  const both = <T extends tf.Tensor4D | undefined>(x: T): T => cut(cut(x, 2, queries), 3, keys);
  const place = keys[0] - queries[0] + q.shape[2] - queries[1];
  return {
    ...{ q: cut(q, 2, queries), k: cut(k, 2, keys), v: cut(v, 2, keys) },
    ...{ mask: both(mask), bias: both(bias), keep: both(keep), scale: tile.scale },
    relativeBias: relativeBias && tf.slice(relativeBias, [0, place], [-1, queries[1] + keys[1] - 1]),
    band: shiftBand(band, queries[0], keys[0]),
  };
};

/**
 * The product of matrices of H heads with those of G heads, which H / G heads share.
 * @param a [B, H, t, X]
 * @param b [B, G, X, Y], or [B, G, Y, X] where `transposed`
 * @returns [B, H, t, Y]
 */
export const timesShared = (a: tf.Tensor4D, b: tf.Tensor4D, transposed = false): tf.Tensor4D => {
  const [batch, heads, rows, inner] = a.shape;
  const shared = b.shape[1];
  if (shared === heads) return tf.matMul(a, b, false, transposed);
  const grouped = tf.reshape(a, [batch, shared, (heads / shared) * rows, inner]);
  const product = tf.matMul(grouped, b, false, transposed);
  return tf.reshape(product, [batch, heads, rows, product.shape[3] as number]);
};

/**
 * The product of transposed matrices of H heads with others of H heads, summed over heads that share keys.
 * @param a [B, H, t, X]
 * @param b [B, H, t, Y]
 * @returns [B, G, X, Y]
 */
export const sumShared = (a: tf.Tensor4D, b: tf.Tensor4D, shared: number): tf.Tensor4D => {
  const grouped = (x: tf.Tensor4D): tf.Tensor4D => {
    const [batch, heads, rows, width] = x.shape;
    return heads === shared ? x : tf.reshape(x, [batch, shared, (heads / shared) * rows, width]);
  };
  return tf.matMul(grouped(a), grouped(b), true);
};

/** A score that may not be: low enough to vanish in the softmax, finite so that no row becomes NaN. */
const maskedScore = -1e30;

/** Scores of a tile, and the queries that have a key to attend to. */
export interface Scores {
  readonly scores: tf.Tensor4D; // [B, H, t, s]
  /** [B|1, H|1, t|1, 1] of zeros and ones; undefined where all have. */
  readonly seen?: tf.Tensor4D;
}

/** The part of the band in a tile, [t, s] bool; undefined where the tile lies inside of the band. */
const bandIn = ({ q, k, band }: Tile): tf.Tensor2D | undefined => {
  const [queries, keys] = [q.shape[2], k.shape[2]];
  if (!band || isWhole(band, queries, keys)) return undefined;
  return tf.tensor2d(bandBytes(band, queries, keys), [queries, keys], 'bool');
};

/** Queries that have a key to attend to, as zeros and ones. */
const seenIn = ({ q, k, mask, band }: Tile, inBand: tf.Tensor2D | undefined): tf.Tensor4D | undefined => {
  const allSee = !inBand || everyQuerySees(band, q.shape[2], k.shape[2]);
  if (!mask && allSee) return undefined;
  const allowed = mask && inBand ? tf.logicalAnd(mask, inBand) : ((mask ?? inBand) as tf.Tensor);
  const seen = tf.cast(tf.any(allowed, -1, true), 'float32');
  return seen.rank === 4 ? (seen as tf.Tensor4D) : tf.reshape(seen, [1, 1, ...seen.shape] as never);
};

/** q·kᵀ · scale + bias, very low where a query may not attend. */
export const scoresOf = (tile: Tile): Scores => {
  const { q, k, mask, bias, relativeBias, scale } = tile;
  const products = timesShared(tf.mul(q, scale), k, true);
  const biased = bias ? tf.add<tf.Tensor4D>(products, bias) : products;
  const all = relativeBias ? tf.add<tf.Tensor4D>(biased, alongDiagonals(relativeBias, q.shape[2])) : biased;
  const masked = mask ? tf.where(mask, all, maskedScore) : all;
  const inBand = bandIn(tile);
  // Added, which is faster than a choice between two arrays: no score is left of a sum with a number so low.
  const scores = inBand
    ? tf.add<tf.Tensor4D>(masked, tf.mul(tf.sub(1, tf.cast(inBand, 'float32')), maskedScore))
    : masked;
  return { scores, seen: seenIn(tile, inBand) };
};
