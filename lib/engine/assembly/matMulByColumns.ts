/**
 * The matrix product where rows are few and columns many: rows are packed once, for all tasks, and each task packs the
 * columns that are its own.
 */
import { depth, finish, MatMulJob, parts, putPart, up, wanted } from './matMulJob';
import { packBlock, packRows } from './pack';
import { job, launch, parallel, scratchOf } from './pool';
import { tileColumns, tileRows } from './simd';
import { multiplyColumnsTask, packLeftTask } from './tasks';
import { multiplyTile } from './tile';

/** Up to this many rows stay in the second cache, packed, a block of steps at a time. */
const mostRows: i32 = 512;
/** Columns of a task, at most and at least, and rows that it multiplies by them at a time. */
const columnsOfBlock: i32 = 64;
const fewestColumns: i32 = 16;
const rowsOfBlock: i32 = tileRows * 32;
/** Rows that are packed by one task. */
const rowsOfPacking: i32 = tileRows * 8;

/** The address of a panel of rows: block after block of steps, panel after panel of rows. */
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

/** Columns of a task: fewer where there would be too few tasks. */
function cutColumns(n: i32): i32 {
  let columns = columnsOfBlock;
  while (columns > fewestColumns && parts(n, columns) < wanted) columns >>= 1;
  return columns;
}

/** Tells products that are computed by columns; `room` is that of the packed rows, in floats. */
export function isByColumns(batch: i32, m: i32, k: i32, room: i32): bool {
  return batch == 1 && m <= mostRows && <i64>up(m, tileRows) * k <= room;
}

/** The product of the job. */
export function byColumns(j: MatMulJob): void {
  j.taskColumns = cutColumns(j.n);
  parallel(packLeftTask, parts(j.m, rowsOfPacking) * parts(j.k, depth));
  launch(multiplyColumnsTask, parts(j.n, j.taskColumns));
}
