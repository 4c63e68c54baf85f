/**
 * Attention in one pass: softmax(q·kᵀ · scale + bias)·v, head by head, from and to where projections put heads, side by
 * side. Scores are held for eight queries and one block of keys at a time: a query keeps its highest score so far, the
 * sum of its weights and its weighted values, and these are scaled down when a higher score turns up.
 *
 * Everything is computed transposed, keys by queries and values by queries, so that eight queries are the columns of a
 * tile: their softmax is a softmax of columns, without a sum across a vector, and their weights lie as the second
 * product wants them. Keys and values are packed first, by all threads, as many at a time as there is room for. Keys that
 * none of eight queries may see by their place are left out of both products.
 */
import { packColumns, packRows } from './pack';
import { job, parallel, scratchOf } from './pool';
import { expDown4, tileColumns, tileRows } from './simd';
import { attendTask, packKeysTask } from './tasks';
import { multiplyTile } from './tile';

/** Keys of a block: with 512 channels of keys and values, its panels take 393 KB and stay in the second cache. */
const keysOfBlock: i32 = tileRows * 16;
/** A score that may not be: it vanishes in the softmax, and is finite so that nothing becomes NaN. */
const maskedScore: f32 = -1e30;
/** The highest score of a query that has seen no key. */
const unseen: f32 = -3e38;
/** Tasks wanted, so that two threads end at about the same time. */
const wanted: i32 = 24;

@unmanaged
class AttentionJob {
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
  /** Whether queries have gathered nothing before, and whether they have seen all keys after this pass. */
  begins: bool;
  ends: bool;
}

@inline function up(x: i32, to: i32): i32 {
  return ((x + to - 1) / to) * to;
}

@inline function parts(x: i32, size: i32): i32 {
  return (x + size - 1) / size;
}

/** Floats of a block's keys, and of its keys and values, packed. */
@inline function keysSize(width: i32): i32 {
  return keysOfBlock * width;
}
@inline function blockSize(width: i32, valueWidth: i32): i32 {
  return keysSize(width) + keysOfBlock * up(valueWidth, tileRows);
}

/** Floats that eight queries keep: their weighted values, their highest score and the sum of their weights. */
@inline function gatheredSize(valueWidth: i32): i32 {
  return (up(valueWidth, tileRows) + 2) * tileColumns;
}

/** Where row n of a head begins in [B, N, H, C]. */
@inline function rowOf(x: usize, pair: i32, heads: i32, rows: i32, row: i32, width: i32): usize {
  const batch = pair / heads;
  const head = pair % heads;
  return x + (((<usize>batch * rows + row) * heads + head) * width) * 4;
}

@inline function blockAt(j: AttentionJob, pair: i32, block: i32): usize {
  const blocks = parts(j.keysNow, keysOfBlock);
  return j.packed + ((<usize>pair * blocks + block) * blockSize(j.width, j.valueWidth)) * 4;
}

/** Packs one block of keys and values of one head. */
export function packKeys(index: i32): void {
  const j = job<AttentionJob>();
  const blocks = parts(j.keysNow, keysOfBlock);
  const pair = index / blocks;
  const block = index % blocks;
  const first = block * keysOfBlock;
  const count = min(keysOfBlock, j.keysNow - first);
  const to = blockAt(j, pair, block);
  const k = rowOf(j.k, j.firstPair + pair, j.keyHeads, j.keys, j.firstKey + first, j.width);
  const v = rowOf(j.v, j.firstPair + pair, j.keyHeads, j.keys, j.firstKey + first, j.valueWidth);
  const stride = <usize>(j.keyHeads * j.width) << 2;
  for (let i = 0; i < count; i += tileRows) {
    packRows(k + <usize>i * stride, min(tileRows, count - i), stride, 4, j.width, to + ((<usize>i * j.width) << 2));
  }
  const values = to + (<usize>keysSize(j.width) << 2);
  for (let e = 0; e < j.valueWidth; e += tileRows) {
    const at = values + ((<usize>e * count) << 2);
    const lanes = min(tileRows, j.valueWidth - e);
    packRows(v + (<usize>e << 2), lanes, 4, <usize>(j.keyHeads * j.valueWidth) << 2, count, at);
  }
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

/** Scores become weights; what was gathered before is scaled by how much the highest score has risen. */
function weigh(scores: usize, keys: i32, gathered: usize, rows: i32): void {
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

/** 1 / the sum of the weights; 0 for a query that had nothing to attend to. */
@inline function factorOf(tops: usize): v128 {
  const seen = f32x4.gt(v128.load(tops), f32x4.splat(maskedScore));
  const factor = f32x4.div(f32x4.splat(1), v128.load(tops, 32));
  // A NaN is no score to compare with, and must stay one.
  return v128.bitselect(factor, f32x4.splat(0), v128.or(seen, f32x4.ne(factor, factor)));
}

/** Writes what eight queries gathered: `queries` of them, each a line of `stride` bytes. */
function put(gathered: usize, valueWidth: i32, queries: i32, to: usize, stride: usize): void {
  const tops = gathered + (<usize>up(valueWidth, tileRows) << 5);
  for (let half = 0; half < queries; half += 4) {
    const factor = factorOf(tops + (<usize>half << 2));
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

/** Eight queries that have gathered nothing yet. */
function forget(gathered: usize, rows: i32): void {
  const bytes = <usize>rows << 5;
  memory.fill(gathered, 0, bytes + 64);
  v128.store(gathered + bytes, f32x4.splat(unseen));
  v128.store(gathered + bytes, f32x4.splat(unseen), 16);
}

/** Eight queries of one head attend to one block of packed keys. */
function attendToBlock(
  j: AttentionJob,
  pair: i32,
  first: i32,
  lanes: i32,
  block: i32,
  keys: usize,
  columns: usize,
  scores: usize,
  to: usize,
): void {
  const count = min(keysOfBlock, j.keysNow - block * keysOfBlock);
  const firstKey = j.firstKey + block * keysOfBlock;
  // Place of the first query, and keys that any of the eight sees: to the last one's place, from the first one's window.
  const place = first + j.diagonal - firstKey;
  const end = min(count, place + lanes);
  const start = (max(0, place - j.window + 1) / tileRows) * tileRows;
  if (end <= start) return;
  const seen = end - start;
  for (let key = start; key < end; key += tileRows) {
    const panel = keys + ((<usize>key * j.width) << 2);
    multiplyTile(panel, columns, j.width, scores + (<usize>(key - start) << 5), 32, false);
  }
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
  if (place - end + 1 < 0 || place + lanes - 1 - start >= j.window) maskBand(place - start, j.window, seen, scores);
  const rows = up(j.valueWidth, tileRows);
  weigh(scores, seen, to, rows);
  const values = keys + (<usize>keysSize(j.width) << 2);
  for (let e = 0; e < rows; e += tileRows) {
    const panel = values + ((<usize>(e * count + start * tileRows)) << 2);
    multiplyTile(panel, scores, seen, to + (<usize>e << 5), 32, true);
  }
}

/** Some queries of one head attend to the packed keys. */
export function attend(index: i32, thread: i32): void {
  const j = job<AttentionJob>();
  const across = parts(j.queries, j.taskQueries);
  const local = index / across;
  const pair = j.firstPair * j.shares + local;
  const first = (index % across) * j.taskQueries;
  const queries = min(j.taskQueries, j.queries - first);
  const rows = up(j.valueWidth, tileRows);
  const each = <usize>gatheredSize(j.valueWidth) << 2;
  const scores = scratchOf(thread);
  const packed = scores + (<usize>(keysOfBlock * tileColumns) << 2);
  const own = packed + (<usize>(up(j.taskQueries, tileColumns) * j.width) << 2);
  const gathered =
    j.gathered == 0
      ? own
      : j.gathered + (<usize>pair * parts(j.queries, tileColumns) + first / tileColumns) * each;
  const q = rowOf(j.q, pair, j.heads, j.queries, first, j.width);
  const stride = <usize>(j.heads * j.width) << 2;
  for (let i = 0; i < queries; i += tileColumns) {
    const lanes = min(tileColumns, queries - i);
    packColumns(q + <usize>i * stride, lanes, stride, 4, j.width, packed + ((<usize>i * j.width) << 2));
    if (j.begins) forget(gathered + (i / tileColumns) * each, rows);
  }
  const scale = f32x4.splat(j.scale);
  for (let at = packed, end = packed + ((<usize>up(queries, tileColumns) * j.width) << 2); at < end; at += 16) {
    v128.store(at, f32x4.mul(v128.load(at), scale));
  }
  for (let block = 0; block * keysOfBlock < j.keysNow; block++) {
    const keys = blockAt(j, local / j.shares, block);
    for (let i = 0; i < queries; i += tileColumns) {
      const lanes = min(tileColumns, queries - i);
      const columns = packed + ((<usize>i * j.width) << 2);
      const to = gathered + (i / tileColumns) * each;
      attendToBlock(j, pair, first + i, lanes, block, keys, columns, scores, to);
    }
  }
  if (!j.ends) return;
  const out = rowOf(j.out, pair, j.heads, j.queries, first, j.valueWidth);
  const line = <usize>(j.heads * j.valueWidth) << 2;
  for (let i = 0; i < queries; i += tileColumns) {
    put(gathered + (i / tileColumns) * each, j.valueWidth, min(tileColumns, queries - i), out + <usize>i * line, line);
  }
}

/** Queries of a task: a multiple of eight, fewer where there would be too few tasks or no room for them. */
function cutQueries(queries: i32, pairs: i32, width: i32, valueWidth: i32, room: i32): i32 {
  let count = 96;
  const each = width + up(valueWidth, tileRows) + 2;
  while (count > 8 && count * each + keysOfBlock * tileColumns > room) count >>= 1;
  while (count > 24 && parts(queries, count) * pairs < wanted) count >>= 1;
  return max(8, count & ~7);
}

/** Whether there is room for all keys and values of a head at once, packed. */
export function attentionFits(keys: i32, width: i32, valueWidth: i32, room: i32): bool {
  return parts(keys, keysOfBlock) * blockSize(width, valueWidth) <= room;
}

/** Floats that the queries of a head need to keep what they gather from one pass to the next. */
export function attentionGathers(queries: i32, valueWidth: i32): i32 {
  return parts(queries, tileColumns) * gatheredSize(valueWidth);
}

/**
 * out [B, T, H, E] = softmax(q·kᵀ · scale + bias)·v of q [B, T, H, D], k [B, S, G, D], v [B, S, G, E], where G divides H.
 * Keys may also come in several calls, of which the first begins and the last ends.
 *
 * @param mask bytes 0 or 1, or 0 for none; bytes from one batch, head and query to the next follow
 * @param bias floats, or 0 for none; bytes from one batch, head and query to the next follow
 * @param diagonal query i may see key j where 0 ≤ i + diagonal − j < window
 * @param gathered `attentionGathers` floats for each head of the batch; 0 where one call gives all keys and they fit
 * @param packed memory for packed keys and values, `room` floats: at least a block of them
 * @param scratchRoom floats of a thread's own memory
 */
export function attention(
  q: usize,
  k: usize,
  v: usize,
  mask: usize,
  maskBatch: i32,
  maskHead: i32,
  maskQuery: i32,
  bias: usize,
  biasBatch: i32,
  biasHead: i32,
  biasQuery: i32,
  out: usize,
  batch: i32,
  heads: i32,
  keyHeads: i32,
  queries: i32,
  keys: i32,
  width: i32,
  valueWidth: i32,
  scale: f32,
  diagonal: i32,
  window: i32,
  begins: bool,
  ends: bool,
  gathered: usize,
  packed: usize,
  room: i32,
  scratchRoom: i32,
): void {
  const j = job<AttentionJob>();
  j.q = q;
  j.k = k;
  j.v = v;
  j.mask = mask;
  j.maskBatch = maskBatch;
  j.maskHead = maskHead;
  j.maskQuery = maskQuery;
  j.bias = bias;
  j.biasBatch = biasBatch;
  j.biasHead = biasHead;
  j.biasQuery = biasQuery;
  j.out = out;
  j.packed = packed;
  j.gathered = gathered;
  j.heads = heads;
  j.keyHeads = keyHeads;
  j.shares = heads / keyHeads;
  j.queries = queries;
  j.keys = keys;
  j.width = width;
  j.valueWidth = valueWidth;
  j.scale = scale;
  j.diagonal = diagonal;
  j.window = window;
  const pairs = batch * keyHeads;
  const each = blockSize(width, valueWidth);
  const blocks = parts(keys, keysOfBlock);
  const step = min(blocks, room / each) * keysOfBlock;
  const group = step >= keys ? min(pairs, max(1, room / (blocks * each))) : 1;
  for (let first = 0; first < pairs; first += group) {
    const count = min(group, pairs - first);
    const asking = count * j.shares;
    j.firstPair = first;
    j.taskQueries = cutQueries(queries, asking, width, valueWidth, scratchRoom);
    for (let key = 0; key < keys; key += step) {
      j.firstKey = key;
      j.keysNow = min(step, keys - key);
      j.begins = begins && key == 0;
      j.ends = ends && key + step >= keys;
      parallel(packKeysTask, count * parts(j.keysNow, keysOfBlock));
      parallel(attendTask, asking * parts(queries, j.taskQueries));
    }
  }
}
