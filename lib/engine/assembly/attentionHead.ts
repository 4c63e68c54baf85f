/**
 * The gradient of attention whose scores fit a thread's own memory: a task has one head and computes all of it while it is
 * in the cache, with the sums in the order of the composed form. Operands are read from where projections put heads, side by
 * side, and cotangents are written there.
 *
 * With P the weights: dv = Pᵀ·dOut, dS = P · (dP − Σ dP · P) · scale where dP = dOut·vᵀ, dq = dS·k, dk = dSᵀ·q.
 */
import { maskedScore } from './attentionScores';
import { putPart, up } from './matMulJob';
import { packColumns, packRows } from './pack';
import { job, launch, nextJob, scratchOf } from './pool';
import { bytes, tileColumns, tileRows } from './simd';
import { scaleRow, softmaxBackRow, softmaxRow } from './softmax';
import { attentionHeadTask } from './tasks';
import { multiplyTile } from './tile';

@unmanaged
class HeadJob {
  q: usize;
  k: usize;
  v: usize;
  /** Bytes, 1 = attend, or 0 for none; bytes from one batch, head and query to the next. */
  mask: usize;
  maskBatch: i32;
  maskHead: i32;
  maskQuery: i32;
  dOut: usize;
  dq: usize;
  dk: usize;
  dv: usize;
  heads: i32;
  queries: i32;
  keys: i32;
  width: i32;
  valueWidth: i32;
  scale: f32;
}

/**
 * (a · scale) [m, k] · b [k, n], to lines `stride` bytes apart; other strides are in bytes, too, and one of each operand's
 * is 4. At `room` is memory for a tile, a panel of a, and b.
 */
function product(
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  bColumn: usize,
  bStep: usize,
  m: i32,
  k: i32,
  n: i32,
  scale: f32,
  to: usize,
  stride: usize,
  room: usize,
): void {
  const left = room + bytes(tileRows * tileColumns);
  const right = left + bytes(tileRows * k);
  const panel = bytes(tileColumns * k);
  for (let c = 0, at = right; c < n; c += tileColumns, at += panel) {
    packColumns(b + <usize>c * bColumn, min(tileColumns, n - c), bColumn, bStep, k, at);
  }
  for (let row = 0; row < m; row += tileRows) {
    const lanes = min(tileRows, m - row);
    packRows(a + <usize>row * aRow, lanes, aRow, aStep, k, left);
    if (scale != 1) scaleRow(left, tileRows * k, scale);
    let place = to + <usize>row * stride;
    for (let c = 0, at = right; c < n; c += tileColumns, at += panel) {
      if (lanes == tileRows && n - c >= tileColumns) {
        multiplyTile(left, at, k, place, stride, false);
      } else {
        multiplyTile(left, at, k, room, tileColumns << 2, false);
        putPart(room, lanes, min(tileColumns, n - c), place, stride, false);
      }
      place += tileColumns << 2;
    }
  }
}

/** Replaces the scores of a query where the mask is 0. @returns whether it has a key to attend to */
function maskRow(mask: usize, scores: usize, keys: i32): bool {
  let sees = false;
  for (let i = 0; i < keys; i++) {
    if (load<u8>(mask + i) != 0) sees = true;
    else store<f32>(scores + bytes(i), maskedScore);
  }
  return sees;
}

/** One head of one example. */
export function attentionHead(pair: i32, thread: i32): void {
  const j = job<HeadJob>();
  const batch = pair / j.heads;
  const head = pair % j.heads;
  const line = bytes(j.keys);
  const ofQuery = bytes(j.heads * j.width);
  const ofValue = bytes(j.heads * j.valueWidth);
  const queries = <usize>(batch * j.queries) * ofQuery + bytes(head * j.width);
  const keys = <usize>(batch * j.keys) * ofQuery + bytes(head * j.width);
  const values = <usize>(batch * j.keys) * ofValue + bytes(head * j.valueWidth);
  const q = j.q + queries;
  const k = j.k + keys;
  const dOut = j.dOut + <usize>(batch * j.queries) * ofValue + bytes(head * j.valueWidth);
  const weights = scratchOf(thread);
  const dScores = weights + <usize>j.queries * line;
  const room = dScores + <usize>j.queries * line;
  product(q, ofQuery, 4, k, ofQuery, 4, j.queries, j.width, j.keys, j.scale, weights, line, room);
  product(dOut, ofValue, 4, j.v + values, ofValue, 4, j.queries, j.valueWidth, j.keys, 1, dScores, line, room);
  for (let i = 0; i < j.queries; i++) {
    const row = weights + <usize>i * line;
    const back = dScores + <usize>i * line;
    const mask = j.mask + batch * j.maskBatch + head * j.maskHead + i * j.maskQuery;
    if (j.mask != 0 && !maskRow(mask, row, j.keys)) {
      memory.fill(row, 0, line);
      memory.fill(back, 0, line);
      continue;
    }
    softmaxRow(row, row, j.keys);
    softmaxBackRow(row, back, back, j.keys);
    scaleRow(back, j.keys, j.scale);
  }
  product(weights, 4, line, dOut, 4, ofValue, j.keys, j.queries, j.valueWidth, 1, j.dv + values, ofValue, room);
  product(dScores, line, 4, k, 4, ofQuery, j.queries, j.keys, j.width, 1, j.dq + queries, ofQuery, room);
  product(dScores, 4, line, q, 4, ofQuery, j.keys, j.queries, j.width, 1, j.dk + keys, ofQuery, room);
}

/** Floats of a thread's own memory that a head takes. */
export function attentionHeadNeeds(queries: i32, keys: i32, width: i32, valueWidth: i32): f64 {
  const most = <f64>max(width, valueWidth) + tileColumns;
  const operand = <f64>(max(queries, keys) + tileColumns) * most;
  const panel = <f64>tileRows * max(max(queries, keys), max(width, valueWidth));
  return 2 * <f64>queries * <f64>keys + operand + panel + tileRows * tileColumns;
}

/**
 * dq [B, T, H, D], dk [B, S, H, D], dv [B, S, H, E] from the cotangent of the output [B, T, H, E]; arguments as of
 * `attention`. A thread's own memory must hold `attentionHeadNeeds` floats.
 */
export function attentionHeads(
  q: usize,
  k: usize,
  v: usize,
  mask: usize,
  maskBatch: i32,
  maskHead: i32,
  maskQuery: i32,
  dOut: usize,
  dq: usize,
  dk: usize,
  dv: usize,
  batch: i32,
  heads: i32,
  queries: i32,
  keys: i32,
  width: i32,
  valueWidth: i32,
  scale: f32,
): void {
  const j = nextJob<HeadJob>();
  j.q = q;
  j.k = k;
  j.v = v;
  j.mask = mask;
  j.maskBatch = maskBatch;
  j.maskHead = maskHead;
  j.maskQuery = maskQuery;
  j.dOut = dOut;
  j.dq = dq;
  j.dk = dk;
  j.dv = dv;
  j.heads = heads;
  j.queries = queries;
  j.keys = keys;
  j.width = width;
  j.valueWidth = valueWidth;
  j.scale = scale;
  launch(attentionHeadTask, batch * heads);
}
