/**
 * The matrix product, a batch of them, with either operand lying as it is or transposed: bias, activation and a
 * residual are folded in. The right operand is packed first, by all threads; then each task packs some rows of the
 * left one and multiplies them by some columns. Where rows are few it is the other way round.
 */
import { activate } from './activation';
import { packBlock, packColumns, packRows } from './pack';
import { job, parallel, scratchOf } from './pool';
import { madd, sum4, tileColumns, tileRows } from './simd';
import {
  multiplyBlockTask,
  multiplyColumnsTask,
  multiplyRowsTask,
  packLeftTask,
  packRightTask,
} from './tasks';
import { multiplyTile } from './tile';

/** Steps summed over before a tile's sums are put down: a panel of columns is then 8 KB and stays in the first cache. */
const depth: i32 = 256;
/** Rows and columns of a task, at most; the rows' panels take 98 KB of a thread's scratch. */
const rowsOfTask: i32 = 96;
const columnsOfTask: i32 = 512;
/** Columns that are packed by one task. */
const columnsOfPacking: i32 = 128;
/** Tasks wanted for each job: enough for threads to end at about the same time, each with rows enough for a panel of columns. */
const wanted: i32 = 12;

@unmanaged
class MatMulJob {
  a: usize;
  b: usize;
  out: usize;
  /** Two offsets in bytes for each product of the batch, of a and of b; 0 where there is but one. */
  offsets: usize;
  bias: usize;
  residual: usize;
  packed: usize;
  m: i32;
  k: i32;
  n: i32;
  /** Bytes from row to row and from step to step of a, from column to column and from step to step of b. */
  aRow: usize;
  aStep: usize;
  bColumn: usize;
  bStep: usize;
  activation: i32;
  /** What this pass covers: products, steps and columns. */
  firstBatch: i32;
  firstStep: i32;
  steps: i32;
  firstColumn: i32;
  columns: i32;
  /** How it is cut. */
  taskRows: i32;
  taskColumns: i32;
}

@inline function up(x: i32, to: i32): i32 {
  return ((x + to - 1) / to) * to;
}

@inline function parts(x: i32, size: i32): i32 {
  return (x + size - 1) / size;
}

@inline function offsetOf(offsets: usize, batch: i32, operand: usize): usize {
  return offsets == 0 ? 0 : load<u32>(offsets + ((<usize>batch << 1) + operand) * 4);
}

/** Floats that one product's columns and steps take, packed. */
@inline function packedSize(steps: i32, columns: i32): i32 {
  return steps * up(columns, tileColumns);
}

/** Where a panel of columns lies: block after block of steps, panel after panel of columns. */
@inline function panelAt(j: MatMulJob, batch: i32, block: i32, steps: i32, column: i32): usize {
  const width = up(j.columns, tileColumns);
  return j.packed + ((<usize>batch * j.steps + <usize>block * depth) * width + <usize>column * steps) * 4;
}

/** Packs some columns of one block of steps of one right operand. */
export function packRight(index: i32): void {
  const j = job<MatMulJob>();
  const across = parts(j.columns, columnsOfPacking);
  const blocks = parts(j.steps, depth);
  const batch = index / (across * blocks);
  const block = (index / across) % blocks;
  const steps = min(depth, j.steps - block * depth);
  const start = (index % across) * columnsOfPacking;
  const from =
    j.b +
    offsetOf(j.offsets, j.firstBatch + batch, 1) +
    <usize>(j.firstStep + block * depth) * j.bStep +
    <usize>j.firstColumn * j.bColumn;
  for (let column = start, end = min(start + columnsOfPacking, j.columns); column < end; column += tileColumns) {
    const lanes = min(tileColumns, end - column);
    packColumns(
      from + <usize>column * j.bColumn,
      lanes,
      j.bColumn,
      j.bStep,
      steps,
      panelAt(j, batch, block, steps, column),
    );
  }
}

/** Adds a tile that overhangs the result, from where it was computed, to what of it is there. */
function putPart(from: usize, rows: i32, columns: i32, to: usize, stride: usize, adds: bool): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = <usize>column << 2;
      const value = load<f32>(from + at);
      store<f32>(to + at, adds ? load<f32>(to + at) + value : value);
    }
    from += tileColumns << 2;
    to += stride;
  }
}

/** Multiplies some rows of a left operand by some columns of the packed right one. */
export function multiplyBlock(index: i32, thread: i32): void {
  const j = job<MatMulJob>();
  const across = parts(j.columns, j.taskColumns);
  const down = parts(j.m, j.taskRows);
  const batch = index / (across * down);
  const row = ((index / across) % down) * j.taskRows;
  const column = (index % across) * j.taskColumns;
  const rows = min(j.taskRows, j.m - row);
  const columns = min(j.taskColumns, j.columns - column);
  const stride = <usize>j.n << 2;
  const scratch = scratchOf(thread);
  const panels = scratch + <usize>(tileRows * tileColumns) * 4;
  const at = (<usize>(j.firstBatch + batch) * j.m + row) * stride + (<usize>(j.firstColumn + column) << 2);
  const a = j.a + offsetOf(j.offsets, j.firstBatch + batch, 0) + <usize>row * j.aRow;
  for (let block = 0; block * depth < j.steps; block++) {
    const steps = min(depth, j.steps - block * depth);
    const adds = j.firstStep + block > 0;
    const panelBytes = <usize>(tileRows * steps) << 2;
    const from = a + <usize>(j.firstStep + block * depth) * j.aStep;
    for (let i = 0, to = panels; i < rows; i += tileRows, to += panelBytes) {
      packRows(from + <usize>i * j.aRow, min(tileRows, rows - i), j.aRow, j.aStep, steps, to);
    }
    for (let c = 0; c < columns; c += tileColumns) {
      const right = panelAt(j, batch, block, steps, column + c);
      let to = j.out + at + (<usize>c << 2);
      for (let i = 0, left = panels; i < rows; i += tileRows, left += panelBytes) {
        if (rows - i >= tileRows && columns - c >= tileColumns) {
          multiplyTile(left, right, steps, to, stride, adds);
        } else {
          multiplyTile(left, right, steps, scratch, tileColumns << 2, false);
          putPart(scratch, min(tileRows, rows - i), min(tileColumns, columns - c), to, stride, adds);
        }
        to += stride * tileRows;
      }
    }
  }
  if (j.firstStep + j.steps == j.k) finish(j, at, rows, j.firstColumn + column, columns);
}

/** Bias, activation and residual of some rows and columns of the result. */
function finish(j: MatMulJob, at: usize, rows: i32, column: i32, columns: i32): void {
  if (j.bias == 0 && j.activation == 0 && j.residual == 0) return;
  const bias = j.bias + (<usize>column << 2);
  for (let row = 0; row < rows; row++) {
    const to = j.out + at;
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      const here = <usize>c << 2;
      let x = v128.load(to + here);
      if (j.bias != 0) x = f32x4.add(x, v128.load(bias + here));
      x = activate(j.activation, x);
      if (j.residual != 0) x = f32x4.add(x, v128.load(j.residual + at + here));
      v128.store(to + here, x);
    }
    for (; c < columns; c++) {
      const here = <usize>c << 2;
      let x = load<f32>(to + here);
      if (j.bias != 0) x += load<f32>(bias + here);
      x = f32x4.extract_lane(activate(j.activation, f32x4.splat(x)), 0);
      if (j.residual != 0) x += load<f32>(j.residual + at + here);
      store<f32>(to + here, x);
    }
    at += <usize>j.n << 2;
  }
}

/** Up to this many rows stay in the second cache, packed, a block of steps at a time. */
const mostRows: i32 = 512;
/** Columns of a task that packs them by itself, at most and at least, and rows that it multiplies by them at a time. */
const columnsOfBlock: i32 = 64;
const fewestColumns: i32 = 16;
const rowsOfBlock: i32 = tileRows * 32;
/** Rows that are packed by one task. */
const rowsOfPacking: i32 = tileRows * 8;

/** Where a panel of rows lies: block after block of steps, panel after panel of rows. */
@inline function leftAt(j: MatMulJob, block: i32, steps: i32, row: i32): usize {
  return j.packed + ((<usize>block * depth * up(j.m, tileRows) + <usize>row * steps) << 2);
}

/** Packs some rows of one block of steps of the left operand. */
export function packLeft(index: i32): void {
  const j = job<MatMulJob>();
  const across = parts(j.m, rowsOfPacking);
  const block = index / across;
  const steps = min(depth, j.k - block * depth);
  const first = (index % across) * rowsOfPacking;
  const from = j.a + <usize>(block * depth) * j.aStep;
  for (let row = first, end = min(first + rowsOfPacking, j.m); row < end; row += tileRows) {
    const lanes = min(tileRows, j.m - row);
    packRows(from + <usize>row * j.aRow, lanes, j.aRow, j.aStep, steps, leftAt(j, block, steps, row));
  }
}

/**
 * Multiplies all rows, which are packed, by some columns, which this packs a block of steps at a time: they stay in the
 * cache until they have met every row, and are never written to memory.
 */
export function multiplyColumns(index: i32, thread: i32): void {
  const j = job<MatMulJob>();
  const column = index * j.taskColumns;
  const columns = min(j.taskColumns, j.n - column);
  const stride = <usize>j.n << 2;
  const scratch = scratchOf(thread);
  const panels = scratch + <usize>(tileRows * tileColumns) * 4;
  for (let block = 0; block * depth < j.k; block++) {
    const steps = min(depth, j.k - block * depth);
    const panelBytes = <usize>(tileColumns * steps) << 2;
    packBlock(
      j.b + <usize>(block * depth) * j.bStep + <usize>column * j.bColumn,
      columns,
      j.bColumn,
      j.bStep,
      steps,
      panels,
    );
    for (let first = 0; first < j.m; first += rowsOfBlock) {
      const last = min(first + rowsOfBlock, j.m);
      for (let c = 0, right = panels; c < columns; c += tileColumns, right += panelBytes) {
        const isWhole = columns - c >= tileColumns;
        let left = leftAt(j, block, steps, first);
        let to = j.out + <usize>first * stride + (<usize>(column + c) << 2);
        for (let row = first; row < last; row += tileRows) {
          if (isWhole && last - row >= tileRows) {
            multiplyTile(left, right, steps, to, stride, block > 0);
          } else {
            multiplyTile(left, right, steps, scratch, tileColumns << 2, false);
            putPart(scratch, min(tileRows, last - row), min(tileColumns, columns - c), to, stride, block > 0);
          }
          left += <usize>(tileRows * steps) << 2;
          to += stride * tileRows;
        }
      }
    }
  }
  finish(j, <usize>column << 2, j.m, column, columns);
}

/** Columns of a task that packs them by itself: fewer where there would be too few tasks. */
function cutColumns(n: i32): i32 {
  let columns = columnsOfBlock;
  while (columns > fewestColumns && parts(n, columns) < wanted) columns >>= 1;
  return columns;
}

/** Up to this many rows are multiplied by the right operand as it lies: to pack it would take longer. */
const fewRows: i32 = 4;
/** Columns of such a task. */
const columnsOfRows: i32 = 256;

/**
 * One row by some columns that lie side by side. Four lines of the right operand at a time are added to the result,
 * which stays in the first cache.
 */
function rowByColumns(a: usize, aStep: usize, b: usize, bStep: usize, k: i32, columns: i32, to: usize): void {
  const bytes = <usize>columns << 2;
  memory.fill(to, 0, bytes);
  const whole = bytes & ~15;
  let i = 0;
  for (; i + 4 <= k; i += 4) {
    const x0 = v128.load_splat<f32>(a);
    const x1 = v128.load_splat<f32>(a + aStep);
    const x2 = v128.load_splat<f32>(a + 2 * aStep);
    const x3 = v128.load_splat<f32>(a + 3 * aStep);
    const b1 = b + bStep, b2 = b1 + bStep, b3 = b2 + bStep;
    let c: usize = 0;
    for (; c < whole; c += 16) {
      let s = madd(x0, v128.load(b + c), v128.load(to + c));
      s = madd(x1, v128.load(b1 + c), s);
      s = madd(x2, v128.load(b2 + c), s);
      v128.store(to + c, madd(x3, v128.load(b3 + c), s));
    }
    for (; c < bytes; c += 4) {
      let s = load<f32>(to + c) + f32x4.extract_lane(x0, 0) * load<f32>(b + c);
      s += f32x4.extract_lane(x1, 0) * load<f32>(b1 + c);
      s += f32x4.extract_lane(x2, 0) * load<f32>(b2 + c);
      store<f32>(to + c, s + f32x4.extract_lane(x3, 0) * load<f32>(b3 + c));
    }
    a += 4 * aStep;
    b += 4 * bStep;
  }
  for (; i < k; i++) {
    const x = load<f32>(a);
    for (let c: usize = 0; c < bytes; c += 4) store<f32>(to + c, load<f32>(to + c) + x * load<f32>(b + c));
    a += aStep;
    b += bStep;
  }
}

/** The sum over k of two lines of memory. */
function dot(a: usize, b: usize, k: i32): f32 {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  let i = 0;
  for (; i + 16 <= k; i += 16) {
    s0 = madd(v128.load(a), v128.load(b), s0);
    s1 = madd(v128.load(a, 16), v128.load(b, 16), s1);
    s2 = madd(v128.load(a, 32), v128.load(b, 32), s2);
    s3 = madd(v128.load(a, 48), v128.load(b, 48), s3);
    a += 64;
    b += 64;
  }
  let s = sum4(f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
  for (; i < k; i++) {
    s += load<f32>(a) * load<f32>(b);
    a += 4;
    b += 4;
  }
  return s;
}

/** Some columns of a product of few rows. */
export function multiplyRows(index: i32): void {
  const j = job<MatMulJob>();
  const across = parts(j.n, columnsOfRows);
  const batch = index / across;
  const column = (index % across) * columnsOfRows;
  const columns = min(columnsOfRows, j.n - column);
  const a = j.a + offsetOf(j.offsets, batch, 0);
  const b = j.b + offsetOf(j.offsets, batch, 1) + <usize>column * j.bColumn;
  const at = (<usize>batch * j.m * j.n + <usize>column) << 2;
  for (let row = 0; row < j.m; row++) {
    const from = a + <usize>row * j.aRow;
    const to = j.out + at + ((<usize>row * j.n) << 2);
    if (j.bColumn == 4) rowByColumns(from, j.aStep, b, j.bStep, j.k, columns, to);
    else for (let c = 0; c < columns; c++) store<f32>(to + (c << 2), dot(from, b + <usize>c * j.bColumn, j.k));
  }
  finish(j, at, j.m, column, columns);
}

/** Rows of a task: fewer where there would be too few tasks. */
function cutRows(m: i32, others: i32): i32 {
  let rows = rowsOfTask;
  while (rows > 24 && parts(m, rows) * others < wanted) rows >>= 1;
  return up(min(rows, m), tileRows);
}

/**
 * out[i] = activation(a[i] · b[i] + bias) + residual[i], each [m, n].
 *
 * @param batch number of products; `offsets` are theirs
 * @param aTransposed whether a lies [k, m] and not [m, k]; b [n, k] and not [k, n]
 * @param bias [n], or 0; residual as the result, or 0; activation 0 for none
 * @param packed memory for the packed right operand, `room` floats, at least 256 · 512
 */
export function matMul(
  a: usize,
  b: usize,
  out: usize,
  offsets: usize,
  batch: i32,
  m: i32,
  k: i32,
  n: i32,
  aTransposed: bool,
  bTransposed: bool,
  bias: usize,
  activation: i32,
  residual: usize,
  packed: usize,
  room: i32,
): void {
  const j = job<MatMulJob>();
  j.a = a;
  j.b = b;
  j.out = out;
  j.offsets = offsets;
  j.bias = bias;
  j.residual = residual;
  j.packed = packed;
  j.m = m;
  j.k = k;
  j.n = n;
  j.aRow = aTransposed ? 4 : <usize>k << 2;
  j.aStep = aTransposed ? <usize>m << 2 : 4;
  j.bColumn = bTransposed ? <usize>k << 2 : 4;
  j.bStep = bTransposed ? 4 : <usize>n << 2;
  j.activation = activation;
  if (m <= fewRows && (!bTransposed || !aTransposed || m == 1)) {
    if (m == 1) j.aStep = 4;
    parallel(multiplyRowsTask, batch * parts(n, columnsOfRows));
    return;
  }
  if (batch == 1 && m <= mostRows && <i64>up(m, tileRows) * k <= room) {
    j.taskColumns = cutColumns(n);
    parallel(packLeftTask, parts(m, rowsOfPacking) * parts(k, depth));
    parallel(multiplyColumnsTask, parts(n, j.taskColumns));
    return;
  }
  const width = min(up(n, tileColumns), up(room / depth, tileColumns) - tileColumns);
  const steps = min(k, max(depth, (room / width / depth) * depth));
  const group = k <= steps && n <= width ? max(1, room / packedSize(k, n)) : 1;
  for (let first = 0; first < batch; first += group) {
    const count = min(group, batch - first);
    for (let column = 0; column < n; column += width) {
      for (let step = 0; step < k; step += steps) {
        j.firstBatch = first;
        j.firstStep = step;
        j.steps = min(steps, k - step);
        j.firstColumn = column;
        j.columns = min(width, n - column);
        j.taskColumns = columnsOfTask;
        const across = parts(j.columns, columnsOfTask);
        j.taskRows = cutRows(m, count * across);
        parallel(packRightTask, count * parts(j.columns, columnsOfPacking) * parts(j.steps, depth));
        parallel(multiplyBlockTask, count * across * parts(m, j.taskRows));
      }
    }
  }
}
