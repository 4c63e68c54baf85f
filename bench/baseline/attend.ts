/**
 * Frozen: attention composed of tfjs's operations, as the library computed it before it had kernels of its own. Long
 * inputs some queries and some keys at a time, so that scores fit the heap. It must not change, and imports nothing
 * of the library: everything that the library gains is measured against it.
 */
import * as tf from '@tensorflow/tfjs-core';

const tileSize = 2 ** 24;
const keysAtOnce = 2 ** 12;
const maskedScore = -1e30;

interface Tile {
  readonly q: tf.Tensor4D; // [B, H, t, D]
  readonly k: tf.Tensor4D; // [B, H, S, D]
  readonly v: tf.Tensor4D; // [B, H, S, E]
  readonly mask?: tf.Tensor4D; // [B, 1, t, S] bool
}

const score = ({ q, k, mask }: Tile): tf.Tensor4D => {
  const scores = tf.matMul(tf.div(q, Math.sqrt(q.shape[3])), k, false, true) as tf.Tensor4D;
  return mask ? tf.where(mask, scores, maskedScore) : scores;
};

const wipe = (x: tf.Tensor4D, { mask }: Tile): tf.Tensor4D =>
  mask ? tf.mul(x, tf.cast(tf.any(mask, 3, true), 'float32')) : x;

const weigh = (tile: Tile): tf.Tensor4D => wipe(tf.softmax(score(tile)), tile);

/** The partial result of queries over some of the keys. */
type Share = {
  readonly out: tf.Tensor4D; // [B, H, t, E]
  readonly top: tf.Tensor4D; // [B, H, t, 1]
  readonly total: tf.Tensor4D; // [B, H, t, 1]
};

const shareOf = (tile: Tile): Share => {
  const scores = score(tile);
  const weights = tf.softmax(scores);
  return {
    out: tf.matMul(weights, tile.v),
    top: tf.max<tf.Tensor4D>(scores, 3, true),
    total: tf.reciprocal(tf.max<tf.Tensor4D>(weights, 3, true)),
  };
};

const join = (a: Share, b: Share): Share => {
  const top = tf.maximum<tf.Tensor4D>(a.top, b.top);
  const [inA, inB] = [a, b].map((share) => tf.mul(share.total, tf.exp(tf.sub(share.top, top))));
  const total = tf.add<tf.Tensor4D>(inA, inB);
  const out = tf.add<tf.Tensor4D>(tf.mul(a.out, tf.div(inA, total)), tf.mul(b.out, tf.div(inB, total)));
  return { out, top, total };
};

const backward = (tile: Tile, dOut: tf.Tensor4D) => {
  const { q, k, v } = tile;
  const weights = weigh(tile);
  const dWeights = tf.matMul(dOut, v, false, true) as tf.Tensor4D;
  const inner = tf.sum(tf.mul(dWeights, weights), 3, true);
  const dScores = tf.div(tf.mul(weights, tf.sub(dWeights, inner)), Math.sqrt(q.shape[3]));
  return {
    dq: tf.matMul(dScores, k),
    dk: tf.matMul(dScores, q, true),
    dv: tf.matMul(weights, dOut, true),
  };
};

type Span = readonly [start: number, size: number];

const cut = <T extends tf.Tensor4D | undefined>(x: T, axis: number, [start, size]: Span): T => {
  const [begin, sizes] = [
    [0, 0, 0, 0],
    [-1, -1, -1, -1],
  ];
  begin[axis] = start;
  sizes[axis] = size;
  return (x && tf.slice(x, begin, sizes)) as T;
};

const spansOf = (length: number, step: number): readonly Span[] =>
  Array.from({ length: Math.ceil(length / step) }, (_, i) => [i * step, Math.min(step, length - i * step)]);

const byQueries = <A extends tf.TensorContainer>(
  whole: Tile,
  keys: number,
  work: (tile: Tile, span: Span) => A,
): A[] => {
  const [batch, heads, queries] = whole.q.shape;
  const step = Math.max(1, Math.floor(tileSize / Math.max(1, batch * heads * keys)));
  if (step >= queries) return [work(whole, [0, queries])];
  const { q, mask } = whole;
  return spansOf(queries, step).map((span) =>
    tf.tidy(() => work({ ...whole, q: cut(q, 2, span), mask: cut(mask, 2, span) }, span)),
  );
};

const byKeys = (tile: Tile): tf.Tensor4D => {
  const { k, v, mask } = tile;
  const keys = k.shape[2];
  if (keys <= keysAtOnce) return tf.matMul(weigh(tile), v);
  const share = spansOf(keys, keysAtOnce).reduce<Share | undefined>((before, span) => {
    const after = tf.tidy(() => {
      const next = shareOf({ ...tile, k: cut(k, 2, span), v: cut(v, 2, span), mask: cut(mask, 3, span) });
      return before ? join(before, next) : next;
    });
    if (before) tf.dispose(before);
    return after;
  }, undefined);
  return wipe((share as Share).out, tile);
};

const sum = (parts: tf.Tensor[]): tf.Tensor => (parts.length === 1 ? parts[0] : tf.addN(parts));

const attendByHead = ({ q, k, v, mask }: Tile): tf.Tensor4D => {
  const custom = tf.customGrad((...inputs) => {
    const [q, k, v, save] = inputs as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
    save([q, k, v, ...(mask ? [mask] : [])]);
    const value = tf.concat(byQueries({ q, k, v, mask }, Math.min(k.shape[2], keysAtOnce), byKeys), 2);
    const gradFunc = (dOut: tf.Tensor, saved: tf.Tensor[]) => {
      const [q, k, v, savedMask] = saved as tf.Tensor4D[];
      const parts = byQueries({ q, k, v, mask: savedMask }, k.shape[2], (tile, span) =>
        backward(tile, cut(dOut as tf.Tensor4D, 2, span)),
      );
      const dq = tf.concat(
        parts.map((part) => part.dq),
        2,
      );
      return [dq, sum(parts.map(({ dk }) => dk)), sum(parts.map(({ dv }) => dv))];
    };
    return { value, gradFunc };
  });
  return custom(q, k, v) as tf.Tensor4D;
};

const byHead = (x: tf.Tensor): tf.Tensor4D => {
  const [batch, n, m, channels] = x.shape;
  return n === 1 || m === 1
    ? tf.reshape(x, [batch, m, n, channels])
    : tf.transpose(x as tf.Tensor4D, [0, 2, 1, 3]);
};

/** q [B, T, H, D], k [B, S, H, D], v [B, S, H, E], mask [B, T, S] to [B, T, H·E]. */
export const attend = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, mask?: tf.Tensor): tf.Tensor3D => {
  const [batch, queries, heads] = q.shape;
  const attends = mask && (tf.expandDims(tf.notEqual(mask, 0), 1) as tf.Tensor4D);
  const perHead = attendByHead({ q: byHead(q), k: byHead(k), v: byHead(v), mask: attends });
  return tf.reshape(byHead(perHead), [batch, queries, heads * v.shape[3]!]);
};
