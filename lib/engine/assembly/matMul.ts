/**
 * The matrix product, a batch of them, with either operand lying as it is or transposed: bias, activation and a
 * residual are folded in. The right operand is packed first, by all threads; then each task packs some rows of the
 * left one and multiplies them by some columns. Products of few rows have ways of their own.
 */
import { byColumns, isByColumns } from './matMulByColumns';
import { byRows, isOfFewRows } from './matMulFewRows';
import { depth, finish, MatMulJob, offsetOf, parts, putPart, up, wanted } from './matMulJob';
import { packColumns, packRows } from './pack';
import { job, launch, nextJob, parallel, scratchOf, settle } from './pool';
import { tileColumns, tileRows } from './simd';
import { multiplyBlockTask, packRightTask } from './tasks';
import { multiplyTile } from './tile';

/** Rows and columns of a task, at most; the rows' panels take 98 KB of a thread's scratch. */
const rowsOfTask: i32 = 96;
const columnsOfTask: i32 = 512;
/** Columns that are packed by one task. */
const columnsOfPacking: i32 = 128;

/** Floats that one product's columns and steps take, packed. */
@inline function packedSize(steps: i32, columns: i32): i32 {
  return steps * up(columns, tileColumns);
}

/** The address of a panel of columns: block after block of steps, panel after panel of columns. */
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
  const j = nextJob<MatMulJob>();
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
  if (isOfFewRows(m, aTransposed, bTransposed)) return byRows(j, batch);
  if (isByColumns(batch, m, k, room)) return byColumns(j);
  const width = min(up(n, tileColumns), up(room / depth, tileColumns) - tileColumns);
  const steps = min(k, max(depth, (room / width / depth) * depth));
  const group = k <= steps && n <= width ? max(1, room / packedSize(k, n)) : 1;
  for (let first = 0; first < batch; first += group) {
    const count = min(group, batch - first);
    for (let column = 0; column < n; column += width) {
      for (let step = 0; step < k; step += steps) {
        settle();
        j.firstBatch = first;
        j.firstStep = step;
        j.steps = min(steps, k - step);
        j.firstColumn = column;
        j.columns = min(width, n - column);
        j.taskColumns = columnsOfTask;
        const across = parts(j.columns, columnsOfTask);
        j.taskRows = cutRows(m, count * across);
        parallel(packRightTask, count * parts(j.columns, columnsOfPacking) * parts(j.steps, depth));
        launch(multiplyBlockTask, count * across * parts(m, j.taskRows));
      }
    }
  }
}
