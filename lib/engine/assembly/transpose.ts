/**
 * Elements of four bytes in another order. The axes that matter are two: where a line of the result lies in x, and where
 * a line of x goes in the result. If they are the same, runs of it are copied; if not, blocks of four by four are turned
 * in registers. Up to four more axes are stepped through.
 */
import { job, launch, nextJob } from './pool';
import { copyRun } from './simd';
import { transposeTask } from './tasks';

/** Elements of a task. */
const elementsOfTask: i32 = 16384;
/** Lines of the result that are written side by side. */
const rowsOfBlock: i32 = 8;

@unmanaged
class TransposeJob {
  x: usize;
  out: usize;
  /** Sizes of the outer axes, their strides in x and in the result; strides are in elements. */
  size0: i32;
  size1: i32;
  size2: i32;
  size3: i32;
  from0: i32;
  from1: i32;
  from2: i32;
  from3: i32;
  to0: i32;
  to1: i32;
  to2: i32;
  to3: i32;
  /** Elements of a run, or 1. */
  run: i32;
  /** Lines of the result, or 1 where runs are copied, and their stride there. */
  rows: i32;
  rowTo: i32;
  /** Runs or elements of a line of the result, and their stride in x. */
  columns: i32;
  columnFrom: i32;
  /** The sizes of one task. */
  taskOuter: i32;
  taskRows: i32;
  taskColumns: i32;
}

@inline function parts(x: i32, size: i32): i32 {
  return (x + size - 1) / size;
}

/** Turns four by four elements. */
@inline function turn(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + fromStride);
  const c = v128.load(from + 2 * fromStride);
  const d = v128.load(from + 3 * fromStride);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(ab, cd, 0, 2));
  v128.store(to + toStride, v128.shuffle<f64>(ab, cd, 1, 3));
  v128.store(to + 2 * toStride, v128.shuffle<f64>(ab2, cd2, 0, 2));
  v128.store(to + 3 * toStride, v128.shuffle<f64>(ab2, cd2, 1, 3));
}

/** Up to three lines of x, side by side in lines of the result. */
function weave(from: usize, fromStride: usize, to: usize, toStride: usize, rows: i32, columns: i32): void {
  const second = from + fromStride;
  const third = second + fromStride;
  let at: usize = 0;
  const end = <usize>rows << 2;
  if (columns == 3 && toStride == 12) {
    for (; at + 16 <= end; at += 16) {
      const a = v128.load(from + at);
      const b = v128.load(second + at);
      const c = v128.load(third + at);
      v128.store(to, v128.shuffle<f32>(v128.shuffle<f32>(a, b, 0, 4, 1, 5), c, 0, 1, 4, 2));
      v128.store(to, v128.shuffle<f32>(v128.shuffle<f32>(b, c, 1, 5, 2, 6), a, 0, 1, 6, 2), 16);
      v128.store(to, v128.shuffle<f32>(v128.shuffle<f32>(a, b, 3, 7, 3, 7), c, 6, 0, 1, 7), 32);
      to += 48;
    }
  }
  for (; at < end; at += 4) {
    store<u32>(to, load<u32>(from + at));
    if (columns > 1) store<u32>(to, load<u32>(second + at), 4);
    if (columns > 2) store<u32>(to, load<u32>(third + at), 8);
    to += toStride;
  }
}

/** The way back: lines of up to three elements, `fromStride` apart, one after the other in as many lines. */
function unweave(from: usize, fromStride: usize, to: usize, toStride: usize, rows: i32, columns: i32): void {
  const second = to + toStride;
  const third = second + toStride;
  let at: usize = 0;
  const end = <usize>columns << 2;
  if (rows == 3 && fromStride == 12) {
    for (; at + 16 <= end; at += 16) {
      const a = v128.load(from);
      const b = v128.load(from, 16);
      const c = v128.load(from, 32);
      v128.store(to + at, v128.shuffle<f32>(v128.shuffle<f32>(a, b, 0, 3, 6, 6), c, 0, 1, 2, 5));
      v128.store(second + at, v128.shuffle<f32>(v128.shuffle<f32>(a, b, 1, 4, 7, 7), c, 0, 1, 2, 6));
      v128.store(third + at, v128.shuffle<f32>(v128.shuffle<f32>(a, b, 2, 5, 5, 5), c, 0, 1, 4, 7));
      from += 48;
    }
  }
  for (; at < end; at += 4) {
    store<u32>(to + at, load<u32>(from));
    if (rows > 1) store<u32>(second + at, load<u32>(from, 4));
    if (rows > 2) store<u32>(third + at, load<u32>(from, 8));
    from += fromStride;
  }
}

/** One line of x becomes a column of lines `toStride` apart. */
@inline function spread(from: usize, to: usize, toStride: usize, count: i32): void {
  for (const end = from + (<usize>count << 2); from < end; from += 4) {
    store<u32>(to, load<u32>(from));
    to += toStride;
  }
}

/** Lines of x, `fromStride` apart, become columns of lines `toStride` apart. */
function turnLines(from: usize, fromStride: usize, to: usize, toStride: usize, rows: i32, columns: i32): void {
  if (columns < 4) return weave(from, fromStride, to, toStride, rows, columns);
  if (rows < 4) return unweave(from, fromStride, to, toStride, rows, columns);
  const four = fromStride << 2;
  for (let row = 0; row < rows; row += rowsOfBlock) {
    const high = min(rowsOfBlock, rows - row);
    const top = to + <usize>row * toStride;
    let at = from + (<usize>row << 2);
    let column = 0;
    for (; column + 4 <= columns; column += 4, at += four) {
      const into = top + (<usize>column << 2);
      let r = 0;
      for (; r + 4 <= high; r += 4) turn(at + (<usize>r << 2), fromStride, into + <usize>r * toStride, toStride);
      if (r == high) continue;
      const left = at + (<usize>r << 2);
      const low = into + <usize>r * toStride;
      for (let c: usize = 0; c < 4; c++) spread(left + c * fromStride, low + (c << 2), toStride, high - r);
    }
    for (; column < columns; column++, at += fromStride) spread(at, top + (<usize>column << 2), toStride, high);
  }
}

/** Runs `stride` bytes apart, one after the other. */
function copyRuns(from: usize, stride: usize, to: usize, bytes: usize, count: i32): void {
  const end = to + <usize>count * bytes;
  if (bytes == 8) {
    for (; to < end; to += 8, from += stride) store<u64>(to, load<u64>(from));
  } else if (bytes == 12) {
    for (; to < end; to += 12, from += stride) {
      store<u64>(to, load<u64>(from));
      store<u32>(to, load<u32>(from, 8), 8);
    }
  } else if (bytes == 16) {
    for (; to < end; to += 16, from += stride) v128.store(to, v128.load(from));
  } else {
    for (; to < end; to += bytes, from += stride) copyRun(to, from, bytes);
  }
}

/** Some lines of the result. */
export function transposePart(index: i32): void {
  const j = job<TransposeJob>();
  const wide = parts(j.columns, j.taskColumns);
  const high = parts(j.rows, j.taskRows);
  const column = (index % wide) * j.taskColumns;
  const row = ((index / wide) % high) * j.taskRows;
  const first = (index / wide / high) * j.taskOuter;
  const columns = min(j.taskColumns, j.columns - column);
  const rows = min(j.taskRows, j.rows - row);
  const outer = j.size0 * j.size1 * j.size2 * j.size3;
  const runBytes = <usize>j.run << 2;
  const columnBytes = <usize>j.columnFrom << 2;
  for (let o = first, end = min(first + j.taskOuter, outer); o < end; o++) {
    const i3 = o % j.size3;
    const i2 = (o / j.size3) % j.size2;
    const i1 = (o / j.size3 / j.size2) % j.size1;
    const i0 = o / j.size3 / j.size2 / j.size1;
    const at = i0 * j.from0 + i1 * j.from1 + i2 * j.from2 + i3 * j.from3 + column * j.columnFrom + row;
    const into = i0 * j.to0 + i1 * j.to1 + i2 * j.to2 + i3 * j.to3 + column * j.run + row * j.rowTo;
    const from = j.x + (<usize>at << 2);
    const to = j.out + (<usize>into << 2);
    if (j.run == 1) turnLines(from, columnBytes, to, <usize>j.rowTo << 2, rows, columns);
    else copyRuns(from, columnBytes, to, runBytes, columns);
  }
}

/** The fields of the job, in their order; none of the sizes is 0. */
export function transpose(
  x: usize,
  out: usize,
  size0: i32,
  size1: i32,
  size2: i32,
  size3: i32,
  from0: i32,
  from1: i32,
  from2: i32,
  from3: i32,
  to0: i32,
  to1: i32,
  to2: i32,
  to3: i32,
  run: i32,
  rows: i32,
  rowTo: i32,
  columns: i32,
  columnFrom: i32,
): void {
  const j = nextJob<TransposeJob>();
  j.x = x;
  j.out = out;
  j.size0 = size0;
  j.size1 = size1;
  j.size2 = size2;
  j.size3 = size3;
  j.from0 = from0;
  j.from1 = from1;
  j.from2 = from2;
  j.from3 = from3;
  j.to0 = to0;
  j.to1 = to1;
  j.to2 = to2;
  j.to3 = to3;
  j.run = run;
  j.rows = rows;
  j.rowTo = rowTo;
  j.columns = columns;
  j.columnFrom = columnFrom;
  j.taskColumns = min(columns, max(16, elementsOfTask / run));
  j.taskRows = min(rows, max(16, (elementsOfTask / j.taskColumns) & ~15));
  const whole = j.taskColumns == columns && j.taskRows == rows;
  j.taskOuter = whole ? max(1, elementsOfTask / (rows * columns * run)) : 1;
  const outer = size0 * size1 * size2 * size3;
  launch(transposeTask, parts(outer, j.taskOuter) * parts(rows, j.taskRows) * parts(columns, j.taskColumns));
}
