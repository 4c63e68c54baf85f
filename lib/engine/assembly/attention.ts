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
import { job, launch, nextJob, parallel, scratchOf, settle } from './pool';
import {
  AttentionJob,
  factorOf,
  firstSeen,
  forget,
  keysOfBlock,
  parts,
  put,
  rowOf,
  scoreKeys,
  up,
  weigh,
} from './attentionScores';
import { tileColumns, tileRows } from './simd';
import { attendTask, packKeysTask } from './tasks';
import { multiplyTile } from './tile';

/** Tasks wanted, so that two threads end at about the same time. */
const wanted: i32 = 24;

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
  const place = first + j.diagonal - firstKey;
  const end = min(count, place + lanes);
  const start = firstSeen(place, j.window);
  if (end <= start) return;
  scoreKeys(j, pair, first, lanes, firstKey, start, end, keys, columns, scores);
  const rows = up(j.valueWidth, tileRows);
  weigh(scores, end - start, to, rows);
  const values = keys + (<usize>keysSize(j.width) << 2);
  for (let e = 0; e < rows; e += tileRows) {
    const panel = values + ((<usize>(e * count + start * tileRows)) << 2);
    multiplyTile(panel, scores, end - start, to + (<usize>e << 5), 32, true);
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
    const from = gathered + (i / tileColumns) * each;
    const tops = from + (<usize>rows << 5);
    const lanes = min(tileColumns, queries - i);
    put(from, j.valueWidth, lanes, out + <usize>i * line, line, factorOf(tops), factorOf(tops + 16));
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

/** True if there is room for all keys and values of a head at once, packed. */
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
  const j = nextJob<AttentionJob>();
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
    settle();
    j.firstPair = first;
    j.taskQueries = cutQueries(queries, asking, width, valueWidth, scratchRoom);
    for (let key = 0; key < keys; key += step) {
      settle();
      j.firstKey = key;
      j.keysNow = min(step, keys - key);
      j.begins = begins && key == 0;
      j.ends = ends && key + step >= keys;
      parallel(packKeysTask, count * parts(j.keysNow, keysOfBlock));
      launch(attendTask, asking * parts(queries, j.taskQueries));
    }
  }
}
