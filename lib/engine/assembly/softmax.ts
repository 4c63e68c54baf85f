/**
 * Softmax over the last axis, row by row, while a row is in the cache: its highest value, the exponentials and their
 * sum, the quotients. And its gradient.
 */
import {
  constants,
  expRounding,
  expScale,
  from,
  two,
  two1,
  two2,
  two3,
  two4,
  two5,
  twoLowest,
} from './constants';
import { job, launch, nextJob } from './pool';
import { loadFew, madd, max4, rowsOfTask, storeFew, sum4, twoToWith } from './simd';
import { softmaxBackTask, softmaxTask } from './tasks';

@unmanaged
class SoftmaxJob {
  x: usize;
  dy: usize;
  out: usize;
  rows: i32;
  columns: i32;
}

/** The highest of a row; of a NaN it is known later, for its exponential is NaN too. */
function highest(x: usize, columns: i32): f32 {
  if (columns < 4) return max4(loadFew(x, columns, load<f32>(x)));
  const end = x + (<usize>(columns & ~3) << 2);
  // The last four, some of which the loop sees again.
  let a = v128.load(x + (<usize>columns << 2) - 16);
  let b = a, c = a, d = a;
  for (; x + 64 <= end; x += 64) {
    a = f32x4.pmax(a, v128.load(x));
    b = f32x4.pmax(b, v128.load(x, 16));
    c = f32x4.pmax(c, v128.load(x, 32));
    d = f32x4.pmax(d, v128.load(x, 48));
  }
  for (; x < end; x += 16) a = f32x4.pmax(a, v128.load(x));
  return max4(f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d)));
}

/** e to the x − top, as a power of 2, and the sum of that. */
function exponentials(x: usize, out: usize, columns: i32, top: f32): f32 {
  const place = constants();
  const scale = from(place, expScale);
  const lowest = from(place, twoLowest);
  const rounding = from(place, expRounding);
  const c5 = from(place, two5);
  const c4 = from(place, two4);
  const c3 = from(place, two3);
  const c2 = from(place, two2);
  const c1 = from(place, two1);
  const c0 = from(place, two);
  const most = f32x4.splat(top);
  const bytes = <usize>(columns & ~3) << 2;
  let sum = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) {
    const y = f32x4.mul(f32x4.sub(v128.load(x + at), most), scale);
    const e = twoToWith(y, lowest, rounding, c5, c4, c3, c2, c1, c0);
    v128.store(out + at, e);
    sum = f32x4.add(sum, e);
  }
  const rest = columns & 3;
  if (rest == 0) return sum4(sum);
  const last = f32x4.mul(f32x4.sub(loadFew(x + bytes, rest, -Infinity), most), scale);
  const e = twoToWith(last, lowest, rounding, c5, c4, c3, c2, c1, c0);
  storeFew(out + bytes, e, rest);
  return sum4(f32x4.add(sum, e));
}

/** x · factor, in place. */
export function scaleRow(x: usize, columns: i32, factor: f32): void {
  const by = f32x4.splat(factor);
  const end = x + (<usize>columns << 2);
  for (; x + 16 <= end; x += 16) v128.store(x, f32x4.mul(v128.load(x), by));
  for (; x < end; x += 4) store<f32>(x, load<f32>(x) * factor);
}

/** The softmax of a row; it may be written over the row. */
export function softmaxRow(x: usize, out: usize, columns: i32): void {
  scaleRow(out, columns, 1 / exponentials(x, out, columns, highest(x, columns)));
}

/** Some rows. */
export function softmaxRows(index: i32): void {
  const j = job<SoftmaxJob>();
  const step = rowsOfTask(j.columns);
  const bytes = <usize>j.columns << 2;
  for (let row = index * step, end = min(row + step, j.rows); row < end; row++) {
    softmaxRow(j.x + <usize>row * bytes, j.out + <usize>row * bytes, j.columns);
  }
}

/** y · (dy − Σ dy·y); it may be written over dy. */
export function softmaxBackRow(y: usize, dy: usize, out: usize, columns: i32): void {
  const bytes = <usize>(columns & ~3) << 2;
  let a = f32x4.splat(0), b = a;
  let at: usize = 0;
  for (; at + 32 <= bytes; at += 32) {
    a = madd(v128.load(y + at), v128.load(dy + at), a);
    b = madd(v128.load(y + at, 16), v128.load(dy + at, 16), b);
  }
  if (at < bytes) a = madd(v128.load(y + at), v128.load(dy + at), a);
  const rest = columns & 3;
  const lastY = rest == 0 ? f32x4.splat(0) : loadFew(y + bytes, rest, 0);
  const lastDy = rest == 0 ? lastY : loadFew(dy + bytes, rest, 0);
  const sum = sum4(madd(lastY, lastDy, f32x4.add(a, b)));
  const less = f32x4.splat(sum);
  for (at = 0; at < bytes; at += 16) {
    v128.store(out + at, f32x4.mul(v128.load(y + at), f32x4.sub(v128.load(dy + at), less)));
  }
  if (rest != 0) storeFew(out + bytes, f32x4.mul(lastY, f32x4.sub(lastDy, less)), rest);
}

/** Some rows of the gradient. */
export function softmaxBackRows(index: i32): void {
  const j = job<SoftmaxJob>();
  const step = rowsOfTask(j.columns);
  const bytes = <usize>j.columns << 2;
  for (let row = index * step, end = min(row + step, j.rows); row < end; row++) {
    const at = <usize>row * bytes;
    softmaxBackRow(j.x + at, j.dy + at, j.out + at, j.columns);
  }
}

/** Softmax of each row of x, or where dy is given the cotangent of what has x as its softmax: [rows, columns]. */
export function softmax(x: usize, dy: usize, out: usize, rows: i32, columns: i32): void {
  const j = nextJob<SoftmaxJob>();
  j.x = x;
  j.dy = dy;
  j.out = out;
  j.rows = rows;
  j.columns = columns;
  const step = rowsOfTask(columns);
  launch(dy == 0 ? softmaxTask : softmaxBackTask, (rows + step - 1) / step);
}
