/**
 * The job of a matrix product, which all ways to compute one share: its operands, their parts, and the operations on a
 * part of the result before it leaves the cache.
 */
import { activate } from './activation';
import { tileColumns } from './simd';

/** Steps summed over before a tile's sums are put down: a panel of columns is then 8 KB and stays in the first cache. */
export const depth: i32 = 256;
/** Tasks wanted for each job: enough for threads to end at about the same time, each with rows enough for a panel of columns. */
export const wanted: i32 = 12;

@unmanaged
export class MatMulJob {
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
  /** The part that this pass covers: products, steps and columns. */
  firstBatch: i32;
  firstStep: i32;
  steps: i32;
  firstColumn: i32;
  columns: i32;
  /** The sizes of its parts. */
  taskRows: i32;
  taskColumns: i32;
}

@inline export function up(x: i32, to: i32): i32 {
  return ((x + to - 1) / to) * to;
}

@inline export function parts(x: i32, size: i32): i32 {
  return (x + size - 1) / size;
}

@inline export function offsetOf(offsets: usize, batch: i32, operand: usize): usize {
  return offsets == 0 ? 0 : load<u32>(offsets + ((<usize>batch << 1) + operand) * 4);
}

/** Adds a tile that overhangs the result, from where it was computed, to what of it is there. */
export function putPart(from: usize, rows: i32, columns: i32, to: usize, stride: usize, adds: bool): void {
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

/** Bias, activation and residual of some rows and columns of the result. */
export function finish(j: MatMulJob, at: usize, rows: i32, column: i32, columns: i32): void {
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
