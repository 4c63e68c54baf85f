/**
 * Scaled dot-product attention, the primitive that every Perceiver is made of. It never holds more than a tile of the
 * scores: long inputs are attended to some queries at a time, forwards and backwards.
 */
import * as tf from '@tensorflow/tfjs-core';
import { expectShape } from '../lib/shape.js';

/** Which keys [S] each query [T] may attend to: [B, T, S], anything but zero = attend. */
export type Mask = tf.Tensor;

/** Scores held at once, at most: 16 M of them are 64 MB. */
const tileSize = 2 ** 24;

/** What a masked score is replaced by: low enough to vanish in the softmax, finite so that no row becomes NaN. */
const maskedScore = -1e30;

/** Some queries with all keys and values, head by head. */
interface Tile {
  readonly q: tf.Tensor4D; // [B, H, t, D]
  readonly k: tf.Tensor4D; // [B, H, S, D]
  readonly v: tf.Tensor4D; // [B, H, S, E]
  readonly mask?: tf.Tensor4D; // [B, 1, t, S] bool
  readonly keep?: tf.Tensor4D; // [B, H, t, S], what dropout multiplies weights by
}

/** softmax(q·kᵀ / √D), zero where a query has nothing to attend to. [B, H, t, S] */
const weigh = ({ q, k, mask }: Tile): tf.Tensor4D => {
  const scores = tf.matMul(tf.div(q, Math.sqrt(q.shape[3])), k, false, true) as tf.Tensor4D;
  if (!mask) return tf.softmax(scores);
  const weights = tf.softmax(tf.where(mask, scores, maskedScore) as tf.Tensor4D);
  return tf.mul(weights, tf.cast(tf.any(mask, 3, true), 'float32'));
};

const drop = (weights: tf.Tensor4D, { keep }: Tile): tf.Tensor4D => (keep ? tf.mul(weights, keep) : weights);

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

/** Cuts the queries so that a tile's scores fit `tileSize`, and works on one tile after the other. */
const byTile = <A extends tf.TensorContainer>(whole: Tile, work: (tile: Tile, start: number) => A): A[] => {
  const [batch, heads, queries] = whole.q.shape;
  const step = Math.max(1, Math.floor(tileSize / Math.max(1, batch * heads * whole.k.shape[2])));
  if (step >= queries) return [work(whole, 0)];
  const results: A[] = [];
  for (let start = 0; start < queries; start += step) {
    const size = Math.min(step, queries - start);
    const cut = <T extends tf.Tensor4D | undefined>(x: T): T =>
      (x && tf.slice(x, [0, 0, start, 0], [-1, -1, size, -1])) as T;
    const { q, mask, keep } = whole;
    results.push(tf.tidy(() => work({ ...whole, q: cut(q), mask: cut(mask), keep: cut(keep) }, start)));
  }
  return results;
};

const sum = (parts: tf.Tensor[]): tf.Tensor => (parts.length === 1 ? parts[0] : tf.addN(parts));

/** Attention by head, in tiles, with a gradient that works in tiles too. [B, H, T, E] */
const attendByHead = ({ q, k, v, mask, keep }: Tile): tf.Tensor4D => {
  const custom = tf.customGrad((...inputs) => {
    const [q, k, v, save] = inputs as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
    const whole = { q, k, v, mask, keep };
    save([q, k, v, ...(mask ? [mask] : []), ...(keep ? [keep] : [])]);
    const value = tf.concat(
      byTile(whole, (tile) => tf.matMul(drop(weigh(tile), tile), tile.v)),
      2,
    );
    const gradFunc = (dOut: tf.Tensor, saved: tf.Tensor[]) => {
      const [q, k, v, ...others] = saved as tf.Tensor4D[];
      const tiles = { q, k, v, mask: mask && others.shift(), keep: keep && others.shift() };
      const parts = byTile(tiles, (tile, start) =>
        backward(tile, tf.slice(dOut as tf.Tensor4D, [0, 0, start, 0], [-1, -1, tile.q.shape[2], -1])),
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
