/**
 * The gradient of attention, without a matrix of scores: weights are computed again, for eight queries and one block of
 * keys at a time, and no product is made for keys that none of the eight sees.
 *
 * With P the weights, dP = dOut·vᵀ and dS = P · (dP − Σ dOut · out): dv = Pᵀ·dOut, dk = scale · dSᵀ·q,
 * dq = scale · dS·k. A task has the keys of one head, or a chunk of them, and all queries that attend to these keys; each
 * chunk adds to a part of dq of its own, and the parts are summed at the end.
 */
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
import { packColumns, packRows } from './pack';
import { job, launch, nextJob, parallel, scratchOf } from './pool';
import { bytes, expDown4, tileColumns, tileRows } from './simd';
import { addPartsTask, attentionBackTask, attentionStatsTask, packKeysBackTask, packQueriesTask } from './tasks';
import { multiplyTile } from './tile';

/** Queries of a block: a multiple of eight. Weights of a block of queries and one of keys take 37 KB. */
const queriesOfBlock: i32 = 96;

/** Floats of a block of keys: keys and values in rows, and keys by channel. */
@inline function keysSize(width: i32, valueWidth: i32): i32 {
  return keysOfBlock * (width + valueWidth + up(width, tileRows));
}

/** Floats of a block of queries: queries and cotangents in columns, and both by channel. */
@inline function queriesSize(width: i32, valueWidth: i32): i32 {
  return queriesOfBlock * (width + valueWidth + up(width, tileColumns) + up(valueWidth, tileColumns));
}

/** Floats of the cotangents of eight queries. */
@inline function dqSize(width: i32): i32 {
  return up(width, tileRows) * tileColumns;
}

@inline function keysAt(j: AttentionJob, pair: i32, block: i32): usize {
  const index = <usize>pair * parts(j.keys, keysOfBlock) + block;
  return j.packed + index * bytes(keysSize(j.width, j.valueWidth));
}

@inline function queriesAt(j: AttentionJob, pair: i32, block: i32): usize {
  const index = <usize>pair * parts(j.queries, queriesOfBlock) + block;
  return j.packedQueries + index * bytes(queriesSize(j.width, j.valueWidth));
}

/** The highest scores and the sums of weights of eight queries. */
@inline function statsAt(j: AttentionJob, pair: i32, first: i32): usize {
  return j.stats + (<usize>pair * parts(j.queries, tileColumns) + first / tileColumns) * 64;
}

/** A chunk's part of the cotangents of eight queries. */
@inline function dqAt(j: AttentionJob, chunk: i32, pairs: i32, pair: i32, first: i32): usize {
  const line = (<usize>chunk * pairs + pair) * parts(j.queries, tileColumns) + first / tileColumns;
  return j.dqParts + line * bytes(dqSize(j.width));
}

/** Packs one block of keys and values of one head. */
export function packKeysBack(index: i32): void {
  const j = job<AttentionJob>();
  const blocks = parts(j.keys, keysOfBlock);
  const pair = index / blocks;
  const first = (index % blocks) * keysOfBlock;
  const count = min(keysOfBlock, j.keys - first);
  const k = rowOf(j.k, pair, j.keyHeads, j.keys, first, j.width);
  const v = rowOf(j.v, pair, j.keyHeads, j.keys, first, j.valueWidth);
  const kStride = bytes(j.keyHeads * j.width);
  const vStride = bytes(j.keyHeads * j.valueWidth);
  const keys = keysAt(j, pair, index % blocks);
  const values = keys + bytes(keysOfBlock * j.width);
  const channels = values + bytes(keysOfBlock * j.valueWidth);
  for (let i = 0; i < count; i += tileRows) {
    const lanes = min(tileRows, count - i);
    packRows(k + <usize>i * kStride, lanes, kStride, 4, j.width, keys + bytes(i * j.width));
    packRows(v + <usize>i * vStride, lanes, vStride, 4, j.valueWidth, values + bytes(i * j.valueWidth));
  }
  for (let d = 0; d < j.width; d += tileRows) {
    packRows(k + bytes(d), min(tileRows, j.width - d), 4, kStride, count, channels + bytes(d * count));
  }
}

/** Packs one block of queries of one head, and the cotangents of its outputs. */
export function packQueries(index: i32): void {
  const j = job<AttentionJob>();
  const blocks = parts(j.queries, queriesOfBlock);
  const pair = index / blocks;
  const first = (index % blocks) * queriesOfBlock;
  const count = min(queriesOfBlock, j.queries - first);
  const q = rowOf(j.q, pair, j.heads, j.queries, first, j.width);
  const dOut = rowOf(j.dOut, pair, j.heads, j.queries, first, j.valueWidth);
  const qStride = bytes(j.heads * j.width);
  const dStride = bytes(j.heads * j.valueWidth);
  const columns = queriesAt(j, pair, index % blocks);
  const dColumns = columns + bytes(queriesOfBlock * j.width);
  const channels = dColumns + bytes(queriesOfBlock * j.valueWidth);
  const dChannels = channels + bytes(queriesOfBlock * up(j.width, tileColumns));
  for (let i = 0; i < count; i += tileColumns) {
    const lanes = min(tileColumns, count - i);
    packColumns(q + <usize>i * qStride, lanes, qStride, 4, j.width, columns + bytes(i * j.width));
    packColumns(dOut + <usize>i * dStride, lanes, dStride, 4, j.valueWidth, dColumns + bytes(i * j.valueWidth));
  }
  const scale = f32x4.splat(j.scale);
  for (let at = columns, end = columns + bytes(up(count, tileColumns) * j.width); at < end; at += 16) {
    v128.store(at, f32x4.mul(v128.load(at), scale));
  }
  for (let d = 0; d < j.width; d += tileColumns) {
    packColumns(q + bytes(d), min(tileColumns, j.width - d), 4, qStride, count, channels + bytes(d * count));
  }
  for (let e = 0; e < j.valueWidth; e += tileColumns) {
    packColumns(dOut + bytes(e), min(tileColumns, j.valueWidth - e), 4, dStride, count, dChannels + bytes(e * count));
  }
}

/** The highest score and the sum of weights of each query of one block. */
export function attentionStats(index: i32, thread: i32): void {
  const j = job<AttentionJob>();
  const blocks = parts(j.queries, queriesOfBlock);
  const pair = index / blocks;
  const begin = (index % blocks) * queriesOfBlock;
  const count = min(queriesOfBlock, j.queries - begin);
  const columns = queriesAt(j, pair, index % blocks);
  const scores = scratchOf(thread);
  for (let i = 0; i < count; i += tileColumns) forget(statsAt(j, pair, begin + i), 0);
  for (let block = 0; block * keysOfBlock < j.keys; block++) {
    const firstKey = block * keysOfBlock;
    const keys = keysAt(j, pair / j.shares, block);
    for (let i = 0; i < count; i += tileColumns) {
      const first = begin + i;
      const lanes = min(tileColumns, count - i);
      const place = first + j.diagonal - firstKey;
      const end = min(min(keysOfBlock, j.keys - firstKey), place + lanes);
      const start = firstSeen(place, j.window);
      if (end <= start) continue;
      scoreKeys(j, pair, first, lanes, firstKey, start, end, keys, columns + bytes(i * j.width), scores);
      weigh(scores, end - start, statsAt(j, pair, first), 0);
    }
  }
}

/** Puts eight floats of one key where rows of a tile have them: queries one after the other, `tileRows` floats apart. */
@inline function scatter(left: v128, right: v128, to: usize): void {
  const step = tileRows << 2;
  store<f32>(to, f32x4.extract_lane(left, 0));
  store<f32>(to + step, f32x4.extract_lane(left, 1));
  store<f32>(to + 2 * step, f32x4.extract_lane(left, 2));
  store<f32>(to + 3 * step, f32x4.extract_lane(left, 3));
  store<f32>(to + 4 * step, f32x4.extract_lane(right, 0));
  store<f32>(to + 5 * step, f32x4.extract_lane(right, 1));
  store<f32>(to + 6 * step, f32x4.extract_lane(right, 2));
  store<f32>(to + 7 * step, f32x4.extract_lane(right, 3));
}

/**
 * Scores [keys, 8] and dP [keys, 8] become P and dS; dS stays in the place of dP, and both are put in rows.
 * @param inner eight floats: Σ dOut · out of each query
 * @param weights rows of P of a whole block; `dScores` those of dS; both at the eight queries
 * @param start first key, the first of a tile
 */
function differentiate(
  scores: usize,
  dWeights: usize,
  keys: i32,
  stats: usize,
  inner: usize,
  weights: usize,
  dScores: usize,
  start: i32,
): void {
  const top0 = v128.load(stats);
  const top1 = v128.load(stats, 16);
  const factor0 = factorOf(stats);
  const factor1 = factorOf(stats + 16);
  const inner0 = v128.load(inner);
  const inner1 = v128.load(inner, 16);
  const panel = bytes(queriesOfBlock * tileRows);
  let at = <usize>0;
  for (let key = 0; key < keys; key += tileRows) {
    const line = <usize>((start + key) / tileRows) * panel;
    for (let row = 0, rows = min(tileRows, keys - key); row < rows; row++, at += 32) {
      const p0 = f32x4.mul(expDown4(f32x4.sub(v128.load(scores + at), top0)), factor0);
      const p1 = f32x4.mul(expDown4(f32x4.sub(v128.load(scores + at, 16), top1)), factor1);
      const s0 = f32x4.mul(p0, f32x4.sub(v128.load(dWeights + at), inner0));
      const s1 = f32x4.mul(p1, f32x4.sub(v128.load(dWeights + at, 16), inner1));
      v128.store(dWeights + at, s0);
      v128.store(dWeights + at, s1, 16);
      const to = line + bytes(row);
      scatter(p0, p1, weights + to);
      scatter(s0, s1, dScores + to);
    }
  }
}

/** Σ dOut · out of eight queries of one head, side by side; zero for queries that are not there. */
function gatherInner(j: AttentionJob, pair: i32, first: i32, lanes: i32, to: usize): void {
  const from = j.inner + (((<usize>(pair / j.heads) * j.queries + first) * j.heads + (pair % j.heads)) << 2);
  for (let lane = 0; lane < tileColumns; lane++) {
    const value = lane < lanes ? load<f32>(from + bytes(lane * j.heads)) : 0;
    store<f32>(to + bytes(lane), value);
  }
}

/** The sums over queries of one block that a block of keys and values gets: rows [keys, channels] += [keys, queries] · [queries, channels]. */
function addRows(rows: usize, columns: usize, queries: i32, channels: i32, start: i32, end: i32, to: usize): void {
  const stride = bytes(up(channels, tileColumns));
  for (let key = start; key < end; key += tileRows) {
    const panel = rows + bytes((key / tileRows) * queriesOfBlock * tileRows);
    for (let c = 0; c < channels; c += tileColumns) {
      multiplyTile(panel, columns + bytes(c * queries), queries, to + <usize>key * stride + bytes(c), stride, true);
    }
  }
}

/** Writes rows of sums, times a factor, as lines of an array. */
function putRows(from: usize, keys: i32, channels: i32, factor: f32, to: usize, stride: usize): void {
  const each = bytes(up(channels, tileColumns));
  for (let key = 0; key < keys; key++, from += each, to += stride) {
    for (let c: usize = 0, end = bytes(channels); c < end; c += 4) {
      store<f32>(to + c, load<f32>(from + c) * factor);
    }
  }
}

/** The gradient of a chunk of the keys and values of one head, and its part of that of the queries. */
export function attentionBackChunk(index: i32, thread: i32): void {
  const j = job<AttentionJob>();
  const own = index / j.chunks;
  const chunk = index % j.chunks;
  const pairs = j.pairs;
  const blocks = parts(j.keys, keysOfBlock);
  const dkStride = bytes(up(j.width, tileColumns));
  const dvStride = bytes(up(j.valueWidth, tileColumns));
  const weightsSize = bytes(keysOfBlock * queriesOfBlock);
  const scores = scratchOf(thread);
  const dWeights = scores + bytes(keysOfBlock * tileColumns);
  const inner = dWeights + bytes(keysOfBlock * tileColumns);
  const weights = inner + bytes(tileColumns);
  const dScores = weights + weightsSize;
  const dk = dScores + weightsSize;
  const dv = dk + <usize>keysOfBlock * dkStride;
  const firstPair = own * j.shares;
  const tiles = parts(j.queries, tileColumns);
  memory.fill(dqAt(j, chunk, pairs, firstPair, 0), 0, <usize>(j.shares * tiles) * bytes(dqSize(j.width)));
  for (let block = (blocks * chunk) / j.chunks, last = (blocks * (chunk + 1)) / j.chunks; block < last; block++) {
    const firstKey = block * keysOfBlock;
    const count = min(keysOfBlock, j.keys - firstKey);
    const keys = keysAt(j, own, block);
    const values = keys + bytes(keysOfBlock * j.width);
    const channels = values + bytes(keysOfBlock * j.valueWidth);
    memory.fill(dk, 0, <usize>keysOfBlock * (dkStride + dvStride));
    for (let pair = firstPair; pair < firstPair + j.shares; pair++) {
      for (let begin = 0; begin < j.queries; begin += queriesOfBlock) {
        const queries = min(queriesOfBlock, j.queries - begin);
        const from = firstSeen(begin + j.diagonal - firstKey, j.window);
        const to = min(count, begin + queries + j.diagonal - firstKey);
        if (to <= from) continue;
        const columns = queriesAt(j, pair, begin / queriesOfBlock);
        const dColumns = columns + bytes(queriesOfBlock * j.width);
        const byChannel = dColumns + bytes(queriesOfBlock * j.valueWidth);
        const dByChannel = byChannel + bytes(queriesOfBlock * up(j.width, tileColumns));
        memory.fill(weights, 0, 2 * weightsSize);
        for (let i = 0; i < queries; i += tileColumns) {
          const first = begin + i;
          const lanes = min(tileColumns, queries - i);
          const place = first + j.diagonal - firstKey;
          const end = min(count, place + lanes);
          const start = firstSeen(place, j.window);
          if (end <= start) continue;
          scoreKeys(j, pair, first, lanes, firstKey, start, end, keys, columns + bytes(i * j.width), scores);
          for (let key = start; key < end; key += tileRows) {
            const panel = values + bytes(key * j.valueWidth);
            const column = dColumns + bytes(i * j.valueWidth);
            multiplyTile(panel, column, j.valueWidth, dWeights + bytes((key - start) * tileColumns), 32, false);
          }
          gatherInner(j, pair, first, lanes, inner);
          const row = bytes(i * tileRows);
          const stats = statsAt(j, pair, first);
          differentiate(scores, dWeights, end - start, stats, inner, weights + row, dScores + row, start);
          const dq = dqAt(j, chunk, pairs, pair, first);
          for (let d = 0; d < j.width; d += tileRows) {
            const panel = channels + bytes(d * count + start * tileRows);
            multiplyTile(panel, dWeights, end - start, dq + bytes(d * tileColumns), 32, true);
          }
        }
        addRows(weights, dByChannel, queries, j.valueWidth, from, to, dv);
        addRows(dScores, byChannel, queries, j.width, from, to, dk);
      }
    }
    const dkLine = rowOf(j.dk, own, j.keyHeads, j.keys, firstKey, j.width);
    const dvLine = rowOf(j.dv, own, j.keyHeads, j.keys, firstKey, j.valueWidth);
    putRows(dk, count, j.width, j.scale, dkLine, bytes(j.keyHeads * j.width));
    putRows(dv, count, j.valueWidth, 1, dvLine, bytes(j.keyHeads * j.valueWidth));
  }
}

/** Sums the chunks' parts of the cotangents of one block of queries, and writes them. */
export function addParts(index: i32): void {
  const j = job<AttentionJob>();
  const blocks = parts(j.queries, queriesOfBlock);
  const pair = index / blocks;
  const begin = (index % blocks) * queriesOfBlock;
  const count = min(queriesOfBlock, j.queries - begin);
  const pairs = j.pairs;
  const scale = f32x4.splat(j.scale);
  const line = bytes(j.heads * j.width);
  const dq = rowOf(j.dq, pair, j.heads, j.queries, begin, j.width);
  for (let i = 0; i < count; i += tileColumns) {
    const sum = dqAt(j, 0, pairs, pair, begin + i);
    for (let chunk = 1; chunk < j.chunks; chunk++) {
      const part = dqAt(j, chunk, pairs, pair, begin + i);
      for (let at: usize = 0, end = bytes(dqSize(j.width)); at < end; at += 16) {
        v128.store(sum + at, f32x4.add(v128.load(sum + at), v128.load(part + at)));
      }
    }
    put(sum, j.width, min(tileColumns, count - i), dq + <usize>i * line, line, scale, scale);
  }
}

/** Floats of working memory for so many chunks. */
export function attentionBackNeeds(
  batch: i32,
  heads: i32,
  keyHeads: i32,
  queries: i32,
  keys: i32,
  width: i32,
  valueWidth: i32,
  chunks: i32,
): f64 {
  const tiles = <f64>(batch * heads) * parts(queries, tileColumns);
  const packedKeys = <f64>(batch * keyHeads) * parts(keys, keysOfBlock) * keysSize(width, valueWidth);
  const packedQueries = <f64>(batch * heads) * parts(queries, queriesOfBlock) * queriesSize(width, valueWidth);
  return packedKeys + packedQueries + tiles * 16 + tiles * dqSize(width) * chunks;
}

/**
 * dq, dk, dv from `dOut`, the cotangent of the output, and `inner` [B, T, H], its sum over channels times the output.
 * Other arguments are those of `attention`; `room` has `attentionBackNeeds` floats. A thread's own memory must hold
 * 96 · (D + E) floats and 80 KB beside.
 */
export function attentionBack(
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
  dOut: usize,
  inner: usize,
  dq: usize,
  dk: usize,
  dv: usize,
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
  chunks: i32,
  room: usize,
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
  j.dOut = dOut;
  j.inner = inner;
  j.dq = dq;
  j.dk = dk;
  j.dv = dv;
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
  j.chunks = chunks;
  const keyPairs = batch * keyHeads;
  const pairs = batch * heads;
  const keyBlocks = keyPairs * parts(keys, keysOfBlock);
  const queryBlocks = pairs * parts(queries, queriesOfBlock);
  j.pairs = pairs;
  j.packed = room;
  j.packedQueries = j.packed + <usize>keyBlocks * bytes(keysSize(width, valueWidth));
  j.stats = j.packedQueries + <usize>queryBlocks * bytes(queriesSize(width, valueWidth));
  j.dqParts = j.stats + <usize>pairs * parts(queries, tileColumns) * 64;
  parallel(packKeysBackTask, keyBlocks);
  parallel(packQueriesTask, queryBlocks);
  parallel(attentionStatsTask, queryBlocks);
  parallel(attentionBackTask, keyPairs * chunks);
  launch(addPartsTask, queryBlocks);
}
