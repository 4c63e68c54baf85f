/**
 * The matrix product of a handful of rows: nothing is packed.
 */
import { finish, MatMulJob, offsetOf, parts } from './matMulJob';
import { job, launch } from './pool';
import { madd, sum4 } from './simd';
import { multiplyRowsTask } from './tasks';

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

/** Tells products of few rows, which are computed this way. */
export function isOfFewRows(m: i32, aTransposed: bool, bTransposed: bool): bool {
  return m <= fewRows && (!bTransposed || !aTransposed || m == 1);
}

/** The products of the job. */
export function byRows(j: MatMulJob, batch: i32): void {
  if (j.m == 1) j.aStep = 4;
  launch(multiplyRowsTask, batch * parts(j.n, columnsOfRows));
}
