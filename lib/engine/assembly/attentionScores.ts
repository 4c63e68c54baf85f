/**
 * Scores of attention: for eight queries and one block of packed keys, with bias, mask and the band of keys that a query
 * may see by its place; the softmax of these columns; and lines of eight queries written back.
 */
import { expDown4, tileColumns, tileRows } from './simd';
import { multiplyTile } from './tile';

/** Keys of a block: with 512 channels of keys and values, its panels take 393 KB and stay in the second cache. */
export const keysOfBlock: i32 = tileRows * 16;
/** A score that may not be: it vanishes in the softmax, and is finite so that nothing becomes NaN. */
export const maskedScore: f32 = -1e30;
/** The highest score of a query that has seen no key. */
export const unseen: f32 = -3e38;
@unmanaged
export class AttentionJob {
  q: usize;
  k: usize;
  v: usize;
  /** Bytes [., ., ., S], 1 = attend, or 0 for none; bytes from one batch, head and query to the next. */
  mask: usize;
  maskBatch: i32;
  maskHead: i32;
  maskQuery: i32;
  /** Floats added to the scores, or 0 for none; bytes from one batch, head and query to the next. */
  bias: usize;
  biasBatch: i32;
  biasHead: i32;
  biasQuery: i32;
  out: usize;
  packed: usize;
  /** Weighted values of each query, where queries do not see all keys in one pass. */
  gathered: usize;
  heads: i32;
  /** Heads of keys and values, each of which serves `shares` heads of queries. */
  keyHeads: i32;
  shares: i32;
  queries: i32;
  keys: i32;
  width: i32;
  valueWidth: i32;
  scale: f32;
  /** Query i may see key j where 0 ≤ i + diagonal − j < window. */
  diagonal: i32;
  window: i32;
  /** First pair of batch and head of keys, and the keys, that this pass covers. */
  firstPair: i32;
  firstKey: i32;
  keysNow: i32;
  taskQueries: i32;
  /** True in the first pass over the keys; true in the last. */
  begins: bool;
  ends: bool;
  /** For the gradient: the output's cotangent, and its sum over channels times the output. */
  dOut: usize;
  inner: usize;
  /** Cotangents of keys and values, and of queries: a sum of `chunks` parts that are yet to be added. */
  dq: usize;
  dk: usize;
  dv: usize;
  dqParts: usize;
  /** Pairs of batch and head of queries. */
  pairs: i32;
  chunks: i32;
  /** Packed queries, and the highest score and the sum of weights of each. */
  packedQueries: usize;
  stats: usize;
}

@inline export function up(x: i32, to: i32): i32 {
  return ((x + to - 1) / to) * to;
}

@inline export function parts(x: i32, size: i32): i32 {
  return (x + size - 1) / size;
}

/** The address of row n of a head in [B, N, H, C]. */
@inline export function rowOf(x: usize, pair: i32, heads: i32, rows: i32, row: i32, width: i32): usize {
  const batch = pair / heads;
  const head = pair % heads;
  return x + (((<usize>batch * rows + row) * heads + head) * width) * 4;
}

/** Replaces the scores of eight queries where the mask is 0. */
function maskScores(mask: usize, stride: i32, queries: i32, keys: i32, scores: usize): void {
  for (let lane = 0; lane < queries; lane++) {
    let at = mask + <isize>lane * stride;
    let to = scores + (<usize>lane << 2);
    let i = 0;
    while (i < keys) {
      if (i + 8 <= keys && load<u64>(at) == 0x0101010101010101) {
        i += 8;
        at += 8;
        to += 8 * 32;
        continue;
      }
      if (load<u8>(at) == 0) store<f32>(to, maskedScore);
      i++;
      at++;
      to += 32;
    }
  }
}

/** Replaces the scores of eight queries outside of the band; `place` is i + diagonal − j of the first query and key. */
function maskBand(place: i32, window: i32, keys: i32, scores: usize): void {
  for (let lane = 0; lane < tileColumns; lane++) {
    // Keys from `start` to `end` are in the band.
    const end = max(0, min(keys, place + lane + 1));
    const start = max(0, min(end, place + lane - window + 1));
    const to = scores + (<usize>lane << 2);
    for (let i = 0; i < start; i++) store<f32>(to + (<usize>i << 5), maskedScore);
    for (let i = end; i < keys; i++) store<f32>(to + (<usize>i << 5), maskedScore);
  }
}

/** Adds four floats of each of four queries to the scores of four keys. */
@inline function addFour(a: v128, b: v128, c: v128, d: v128, to: usize): void {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, f32x4.add(v128.load(to), v128.shuffle<f64>(ab, cd, 0, 2)));
  v128.store(to, f32x4.add(v128.load(to, 32), v128.shuffle<f64>(ab, cd, 1, 3)), 32);
  v128.store(to, f32x4.add(v128.load(to, 64), v128.shuffle<f64>(ab2, cd2, 0, 2)), 64);
  v128.store(to, f32x4.add(v128.load(to, 96), v128.shuffle<f64>(ab2, cd2, 1, 3)), 96);
}

/** Adds the bias of eight queries, lines of floats `stride` bytes apart, to their scores. */
function addBias(bias: usize, stride: i32, queries: i32, keys: i32, scores: usize): void {
  const step = <isize>stride;
  const four = keys & ~3;
  for (let half = 0; half < queries; half += 4) {
    const last = min(3, queries - half - 1);
    const a = bias + <isize>half * step;
    // Queries that are not there are given the last one's bias: their scores are not used.
    const b = a + <isize>min(1, last) * step;
    const c = a + <isize>min(2, last) * step;
    const d = a + <isize>last * step;
    let to = scores + (<usize>half << 2);
    let at: usize = 0;
    for (let i = 0; i < four; i += 4, at += 16, to += 128) {
      addFour(v128.load(a + at), v128.load(b + at), v128.load(c + at), v128.load(d + at), to);
    }
    for (let i = four; i < keys; i++, at += 4, to += 32) {
      store<f32>(to, load<f32>(to) + load<f32>(a + at));
      store<f32>(to, load<f32>(to, 4) + load<f32>(b + at), 4);
      store<f32>(to, load<f32>(to, 8) + load<f32>(c + at), 8);
      store<f32>(to, load<f32>(to, 12) + load<f32>(d + at), 12);
    }
  }
}

/** The first key of a block that the first of some queries may see, rounded down to a tile; `place` is its i + diagonal − j. */
@inline export function firstSeen(place: i32, window: i32): i32 {
  return (max(0, place - window + 1) / tileRows) * tileRows;
}

/** Scores of eight queries, `lanes` of them there, and the keys from `start` to `end` of a block. */
export function scoreKeys(
  j: AttentionJob,
  pair: i32,
  first: i32,
  lanes: i32,
  firstKey: i32,
  start: i32,
  end: i32,
  keys: usize,
  columns: usize,
  scores: usize,
): void {
  for (let key = start; key < end; key += tileRows) {
    const panel = keys + ((<usize>key * j.width) << 2);
    multiplyTile(panel, columns, j.width, scores + (<usize>(key - start) << 5), 32, false);
  }
  const seen = end - start;
  const batch = pair / j.heads;
  const head = pair % j.heads;
  if (j.bias != 0) {
    const line = <isize>batch * j.biasBatch + <isize>head * j.biasHead + <isize>first * j.biasQuery;
    addBias(j.bias + line + ((<usize>(firstKey + start)) << 2), j.biasQuery, lanes, seen, scores);
  }
  if (j.mask != 0) {
    const line = <isize>batch * j.maskBatch + <isize>head * j.maskHead + <isize>first * j.maskQuery;
    maskScores(j.mask + line + <usize>(firstKey + start), j.maskQuery, lanes, seen, scores);
  }
  const place = first + j.diagonal - firstKey;
  if (place - end + 1 < 0 || place + lanes - 1 - start >= j.window) maskBand(place - start, j.window, seen, scores);
}

/** Scores become weights; what was gathered before is scaled by how much the highest score has risen. */
export function weigh(scores: usize, keys: i32, gathered: usize, rows: i32): void {
  const tops = gathered + (<usize>rows << 5);
  const sums = tops + 32;
  const before0 = v128.load(tops);
  const before1 = v128.load(tops, 16);
  let top0 = before0;
  let top1 = before1;
  const end = scores + (<usize>keys << 5);
  for (let at = scores; at < end; at += 32) {
    top0 = f32x4.pmax(top0, v128.load(at));
    top1 = f32x4.pmax(top1, v128.load(at, 16));
  }
  let sum0 = f32x4.splat(0);
  let sum1 = sum0;
  for (let at = scores; at < end; at += 32) {
    const weight0 = expDown4(f32x4.sub(v128.load(at), top0));
    const weight1 = expDown4(f32x4.sub(v128.load(at, 16), top1));
    v128.store(at, weight0);
    v128.store(at, weight1, 16);
    sum0 = f32x4.add(sum0, weight0);
    sum1 = f32x4.add(sum1, weight1);
  }
  const less0 = expDown4(f32x4.sub(before0, top0));
  const less1 = expDown4(f32x4.sub(before1, top1));
  v128.store(tops, top0);
  v128.store(tops, top1, 16);
  v128.store(sums, f32x4.add(f32x4.mul(v128.load(sums), less0), sum0));
  v128.store(sums, f32x4.add(f32x4.mul(v128.load(sums, 16), less1), sum1), 16);
  const same = v128.and(f32x4.eq(before0, top0), f32x4.eq(before1, top1));
  if (v128.all_true<i32>(same)) return;
  for (let at = gathered; at < tops; at += 32) {
    v128.store(at, f32x4.mul(v128.load(at), less0));
    v128.store(at, f32x4.mul(v128.load(at, 16), less1), 16);
  }
}

/** 1 / the sum of the weights; 0 for a query that had nothing to attend to. */
@inline export function factorOf(tops: usize): v128 {
  const seen = f32x4.gt(v128.load(tops), f32x4.splat(maskedScore));
  const factor = f32x4.div(f32x4.splat(1), v128.load(tops, 32));
  // A NaN is no score to compare with, and must stay one.
  return v128.bitselect(factor, f32x4.splat(0), v128.or(seen, f32x4.ne(factor, factor)));
}

/** Eight queries that have gathered nothing yet. */
export function forget(gathered: usize, rows: i32): void {
  const bytes = <usize>rows << 5;
  memory.fill(gathered, 0, bytes + 64);
  v128.store(gathered + bytes, f32x4.splat(unseen));
  v128.store(gathered + bytes, f32x4.splat(unseen), 16);
}

/** Four channels of four queries, from rows of channels to lines of queries; `count` of the queries are there. */
@inline function putFour(from: usize, factor: v128, to: usize, stride: usize, count: i32): void {
  const a = f32x4.mul(v128.load(from), factor);
  const b = f32x4.mul(v128.load(from, 32), factor);
  const c = f32x4.mul(v128.load(from, 64), factor);
  const d = f32x4.mul(v128.load(from, 96), factor);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(ab, cd, 0, 2));
  if (count > 1) v128.store(to + stride, v128.shuffle<f64>(ab, cd, 1, 3));
  if (count > 2) v128.store(to + 2 * stride, v128.shuffle<f64>(ab2, cd2, 0, 2));
  if (count > 3) v128.store(to + 3 * stride, v128.shuffle<f64>(ab2, cd2, 1, 3));
}

/** Writes columns of eight queries as lines of `stride` bytes, `queries` of them, each half times its factors. */
export function put(
  gathered: usize,
  valueWidth: i32,
  queries: i32,
  to: usize,
  stride: usize,
  left: v128,
  right: v128,
): void {
  for (let half = 0; half < queries; half += 4) {
    const factor = half == 0 ? left : right;
    const from = gathered + (<usize>half << 2);
    const line = to + <usize>half * stride;
    const count = min(4, queries - half);
    let e = 0;
    for (; e + 4 <= valueWidth; e += 4) putFour(from + (<usize>e << 5), factor, line + (<usize>e << 2), stride, count);
    for (; e < valueWidth; e++) {
      const values = f32x4.mul(v128.load(from + (<usize>e << 5)), factor);
      const at = line + (<usize>e << 2);
      store<f32>(at, f32x4.extract_lane(values, 0));
      if (count > 1) store<f32>(at + stride, f32x4.extract_lane(values, 1));
      if (count > 2) store<f32>(at + 2 * stride, f32x4.extract_lane(values, 2));
      if (count > 3) store<f32>(at + 3 * stride, f32x4.extract_lane(values, 3));
    }
  }
}

