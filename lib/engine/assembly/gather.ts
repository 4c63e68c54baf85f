/**
 * Rows by their numbers, and back: what embeddings and their gradients are made of.
 */
import { job, launch, nextJob } from './pool';
import { copyRun } from './simd';
import { gatherTask, sumSegmentsTask } from './tasks';

/** Bytes that one task copies. */
const bytesOfTask: i32 = 65536;
/** Columns of a task of sums: every task goes through all rows. */
const columnsOfTask: i32 = 64;

@unmanaged
class GatherJob {
  x: usize;
  ids: usize;
  out: usize;
  /** Rows of x and ids for each of the outer axes. */
  outer: i32;
  rows: i32;
  count: i32;
  /** Bytes of a row; columns of it where rows are added up. */
  bytes: i32;
  columns: i32;
}

@inline function rowsOfTask(j: GatherJob): i32 {
  return max(1, bytesOfTask / j.bytes);
}

/** Copies some rows. */
export function gatherRows(index: i32): void {
  const j = job<GatherJob>();
  const step = rowsOfTask(j);
  const bytes = <usize>j.bytes;
  const first = index * step;
  let to = j.out + <usize>first * bytes;
  for (let i = first, end = min(first + step, j.outer * j.count); i < end; i++) {
    const row = (i / j.count) * j.rows + load<i32>(j.ids + (<usize>(i % j.count) << 2));
    copyRun(to, j.x + <usize>row * bytes, bytes);
    to += bytes;
  }
}

/** out[o, i] = x[o, ids[i]]: [outer, rows] of `bytes` bytes each to [outer, count]; ids are in range. */
export function gather(x: usize, ids: usize, out: usize, outer: i32, rows: i32, count: i32, bytes: i32): void {
  const j = nextJob<GatherJob>();
  j.x = x;
  j.ids = ids;
  j.out = out;
  j.outer = outer;
  j.rows = rows;
  j.count = count;
  j.bytes = bytes;
  const step = rowsOfTask(j);
  launch(gatherTask, (outer * count + step - 1) / step);
}

/** Some columns of the sums, over all rows in their order. */
export function sumSegmentColumns(index: i32): void {
  const j = job<GatherJob>();
  const first = index * columnsOfTask;
  const columns = min(columnsOfTask, j.columns - first);
  const stride = <usize>j.columns << 2;
  const whole = <usize>(columns & ~3) << 2;
  const bytes = <usize>columns << 2;
  const out = j.out + (<usize>first << 2);
  for (let row = 0; row < j.rows; row++) memory.fill(out + <usize>row * stride, 0, bytes);
  let from = j.x + (<usize>first << 2);
  for (let i = 0; i < j.count; i++, from += stride) {
    const id = load<i32>(j.ids + (<usize>i << 2));
    if (id < 0 || id >= j.rows) continue;
    const to = out + <usize>id * stride;
    let at: usize = 0;
    for (; at < whole; at += 16) v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
    for (; at < bytes; at += 4) store<f32>(to + at, load<f32>(to + at) + load<f32>(from + at));
  }
}

/** Adds each of `count` rows to the sum that its id says; ids out of range are left out. [count, columns] to [sums, columns] */
export function sumSegments(x: usize, ids: usize, out: usize, count: i32, sums: i32, columns: i32): void {
  const j = nextJob<GatherJob>();
  j.x = x;
  j.ids = ids;
  j.out = out;
  j.rows = sums;
  j.count = count;
  j.columns = columns;
  launch(sumSegmentsTask, (columns + columnsOfTask - 1) / columnsOfTask);
}
