/**
 * Layer norm over the last axis, row by row, while a row is in the cache; the variance is the mean of squares about the
 * mean. Its gradient likewise: each task gathers its rows' share in the gradients of scale and offset, and then the
 * shares are added up in their order.
 */
import { job, launch, nextJob, parallel } from './pool';
import { loadFew, madd, rowsOfTask, storeFew, sum4 } from './simd';
import { addSharesTask, layerNormBackTask, layerNormTask } from './tasks';

/** Tasks of a gradient, at most: each has a share in the gradients of scale and offset. */
const mostShares: i32 = 64;
/** Columns whose shares one task adds up. */
const columnsOfAdding: i32 = 256;

@unmanaged
class LayerNormJob {
  x: usize;
  dy: usize;
  scale: usize;
  offset: usize;
  out: usize;
  /** [tasks, 2, columns], and what they add up to: [columns] each. */
  shares: usize;
  dScale: usize;
  dOffset: usize;
  rows: i32;
  columns: i32;
  epsilon: f32;
}

/** The sum of a row. */
function sumOf(x: usize, columns: i32): f32 {
  const end = x + (<usize>(columns & ~3) << 2);
  let a = f32x4.splat(0), b = a, c = a, d = a;
  for (; x + 64 <= end; x += 64) {
    a = f32x4.add(a, v128.load(x));
    b = f32x4.add(b, v128.load(x, 16));
    c = f32x4.add(c, v128.load(x, 32));
    d = f32x4.add(d, v128.load(x, 48));
  }
  for (; x < end; x += 16) a = f32x4.add(a, v128.load(x));
  if ((columns & 3) != 0) b = f32x4.add(b, loadFew(x, columns & 3, 0));
  return sum4(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
}

/** The sum of squares about the mean. */
function squaresAbout(x: usize, columns: i32, mean: f32): f32 {
  const end = x + (<usize>(columns & ~3) << 2);
  const about = f32x4.splat(mean);
  let a = f32x4.splat(0), b = a, c = a, d = a;
  for (; x + 64 <= end; x += 64) {
    const x0 = f32x4.sub(v128.load(x), about);
    const x1 = f32x4.sub(v128.load(x, 16), about);
    const x2 = f32x4.sub(v128.load(x, 32), about);
    const x3 = f32x4.sub(v128.load(x, 48), about);
    a = madd(x0, x0, a);
    b = madd(x1, x1, b);
    c = madd(x2, x2, c);
    d = madd(x3, x3, d);
  }
  for (; x < end; x += 16) {
    const x0 = f32x4.sub(v128.load(x), about);
    a = madd(x0, x0, a);
  }
  if ((columns & 3) != 0) {
    const x0 = f32x4.sub(loadFew(x, columns & 3, mean), about);
    b = madd(x0, x0, b);
  }
  return sum4(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
}

/** 1 / √(variance + epsilon) */
@inline function inverseOf(x: usize, columns: i32, mean: f32, epsilon: f32): f32 {
  return 1 / sqrt<f32>(squaresAbout(x, columns, mean) / <f32>columns + epsilon);
}

/** (x − mean) · inverse, times scale, plus offset, where there are such. */
@inline function normed(x: v128, mean: v128, inverse: v128, scale: v128, offset: v128, has: i32): v128 {
  const n = f32x4.mul(f32x4.sub(x, mean), inverse);
  if (has == 3) return madd(n, scale, offset);
  if (has == 1) return f32x4.mul(n, scale);
  return has == 2 ? f32x4.add(n, offset) : n;
}

@inline function write(j: LayerNormJob, x: usize, out: usize, average: f32, by: f32, has: i32): void {
  const mean = f32x4.splat(average);
  const inverse = f32x4.splat(by);
  const bytes = <usize>(j.columns & ~3) << 2;
  const scale = j.scale;
  const offset = j.offset;
  for (let at: usize = 0; at < bytes; at += 16) {
    const s = (has & 1) != 0 ? v128.load(scale + at) : mean;
    const o = (has & 2) != 0 ? v128.load(offset + at) : mean;
    v128.store(out + at, normed(v128.load(x + at), mean, inverse, s, o, has));
  }
  const rest = j.columns & 3;
  if (rest == 0) return;
  const s = (has & 1) != 0 ? loadFew(scale + bytes, rest, 0) : mean;
  const o = (has & 2) != 0 ? loadFew(offset + bytes, rest, 0) : mean;
  storeFew(out + bytes, normed(loadFew(x + bytes, rest, 0), mean, inverse, s, o, has), rest);
}

function writeBoth(j: LayerNormJob, x: usize, out: usize, mean: f32, inverse: f32): void {
  write(j, x, out, mean, inverse, 3);
}
function writeScaled(j: LayerNormJob, x: usize, out: usize, mean: f32, inverse: f32): void {
  write(j, x, out, mean, inverse, 1);
}
function writeShifted(j: LayerNormJob, x: usize, out: usize, mean: f32, inverse: f32): void {
  write(j, x, out, mean, inverse, 2);
}
function writeBare(j: LayerNormJob, x: usize, out: usize, mean: f32, inverse: f32): void {
  write(j, x, out, mean, inverse, 0);
}

/** Some rows. */
export function layerNormRows(index: i32): void {
  const j = job<LayerNormJob>();
  const columns = j.columns;
  const step = rowsOfTask(columns);
  for (let row = index * step, end = min(row + step, j.rows); row < end; row++) {
    const at = <usize>row * (<usize>columns << 2);
    const x = j.x + at;
    const mean = sumOf(x, columns) / <f32>columns;
    const inverse = inverseOf(x, columns, mean, j.epsilon);
    if (j.scale != 0 && j.offset != 0) writeBoth(j, x, j.out + at, mean, inverse);
    else if (j.scale != 0) writeScaled(j, x, j.out + at, mean, inverse);
    else if (j.offset != 0) writeShifted(j, x, j.out + at, mean, inverse);
    else writeBare(j, x, j.out + at, mean, inverse);
  }
}

/**
 * Layer norm of each row: [rows, columns] to [rows, columns].
 *
 * @param scale [columns], or 0; offset likewise
 */
export function layerNorm(
  x: usize,
  scale: usize,
  offset: usize,
  out: usize,
  rows: i32,
  columns: i32,
  epsilon: f32,
): void {
  const j = nextJob<LayerNormJob>();
  j.x = x;
  j.scale = scale;
  j.offset = offset;
  j.out = out;
  j.rows = rows;
  j.columns = columns;
  j.epsilon = epsilon;
  const step = rowsOfTask(columns);
  launch(layerNormTask, (rows + step - 1) / step);
}

/** Rows of a task of the gradient. */
@inline function rowsOfShare(rows: i32, columns: i32): i32 {
  return max(rowsOfTask(columns), (rows + mostShares - 1) / mostShares);
}

/** Number of shares that the gradient has; [shares, 2, columns] is the memory that it needs. */
export function layerNormShares(rows: i32, columns: i32): i32 {
  const step = rowsOfShare(rows, columns);
  return (rows + step - 1) / step;
}

/**
 * dx = inverse · (g − mean of g − n · mean of g·n), and the row's share in the gradients: dy·n and dy. Both sums over
 * the row are taken in one pass, with the shares.
 */
function backRow(j: LayerNormJob, x: usize, dy: usize, out: usize, share: usize): void {
  const columns = j.columns;
  const average = sumOf(x, columns) / <f32>columns;
  const by = inverseOf(x, columns, average, j.epsilon);
  const mean = f32x4.splat(average);
  const inverse = f32x4.splat(by);
  const unit = f32x4.splat(1);
  const scale = j.scale;
  const whole = <usize>(columns & ~3) << 2;
  const bytes = <usize>columns << 2;
  const end = bytes + 15 & ~15;
  const offsets = share + bytes;
  let sum = f32x4.splat(0), product = sum;
  for (let at: usize = 0; at < whole; at += 16) {
    const d = v128.load(dy + at);
    const n = f32x4.mul(f32x4.sub(v128.load(x + at), mean), inverse);
    v128.store(share + at, madd(d, n, v128.load(share + at)));
    v128.store(offsets + at, f32x4.add(d, v128.load(offsets + at)));
    const g = scale != 0 ? f32x4.mul(d, v128.load(scale + at)) : d;
    sum = f32x4.add(sum, g);
    product = madd(g, n, product);
  }
  const rest = columns & 3;
  if (rest != 0) {
    const d = loadFew(dy + whole, rest, 0);
    const n = f32x4.mul(f32x4.sub(loadFew(x + whole, rest, average), mean), inverse);
    storeFew(share + whole, madd(d, n, loadFew(share + whole, rest, 0)), rest);
    storeFew(offsets + whole, f32x4.add(d, loadFew(offsets + whole, rest, 0)), rest);
    const g = scale != 0 ? f32x4.mul(d, loadFew(scale + whole, rest, 0)) : d;
    sum = f32x4.add(sum, g);
    product = madd(g, n, product);
  }
  const meanSum = f32x4.splat(sum4(sum) / <f32>columns);
  const meanProduct = f32x4.splat(sum4(product) / <f32>columns);
  for (let at: usize = 0; at < end; at += 16) {
    const isWhole = at < whole;
    const value = isWhole ? v128.load(x + at) : loadFew(x + at, rest, average);
    const d = isWhole ? v128.load(dy + at) : loadFew(dy + at, rest, 0);
    let s = unit;
    if (scale != 0) s = isWhole ? v128.load(scale + at) : loadFew(scale + at, rest, 0);
    const n = f32x4.mul(f32x4.sub(value, mean), inverse);
    const g = f32x4.sub(f32x4.mul(d, s), meanSum);
    const dx = f32x4.mul(inverse, f32x4.sub(g, f32x4.mul(n, meanProduct)));
    if (isWhole) v128.store(out + at, dx);
    else storeFew(out + at, dx, rest);
  }
}

/** Some rows of the gradient. */
export function layerNormBackRows(index: i32): void {
  const j = job<LayerNormJob>();
  const bytes = <usize>j.columns << 2;
  const step = rowsOfShare(j.rows, j.columns);
  const share = j.shares + <usize>index * 2 * bytes;
  memory.fill(share, 0, 2 * bytes);
  for (let row = index * step, end = min(row + step, j.rows); row < end; row++) {
    const at = <usize>row * bytes;
    backRow(j, j.x + at, j.dy + at, j.out + at, share);
  }
}

/** Adds up the shares of some columns, of scale and then of offset. */
export function addShares(index: i32): void {
  const j = job<LayerNormJob>();
  const shares = layerNormShares(j.rows, j.columns);
  const bytes = <usize>j.columns << 2;
  const first = <usize>(index * columnsOfAdding) << 2;
  const end = min(first + (columnsOfAdding << 2), bytes);
  for (let at = first; at < end; at += 4) {
    let scale: f32 = 0, offset: f32 = 0;
    let from = j.shares + at;
    for (let i = 0; i < shares; i++) {
      scale += load<f32>(from);
      offset += load<f32>(from + bytes);
      from += 2 * bytes;
    }
    store<f32>(j.dScale + at, scale);
    store<f32>(j.dOffset + at, offset);
  }
}

/**
 * The gradient: of x [rows, columns], of scale and of offset [columns].
 *
 * @param scale [columns], or 0
 * @param shares memory for 2 · columns floats for each of `layerNormShares`
 */
export function layerNormBack(
  x: usize,
  dy: usize,
  scale: usize,
  dx: usize,
  dScale: usize,
  dOffset: usize,
  shares: usize,
  rows: i32,
  columns: i32,
  epsilon: f32,
): void {
  const j = nextJob<LayerNormJob>();
  j.x = x;
  j.dy = dy;
  j.scale = scale;
  j.out = dx;
  j.dScale = dScale;
  j.dOffset = dOffset;
  j.shares = shares;
  j.rows = rows;
  j.columns = columns;
  j.epsilon = epsilon;
  parallel(layerNormBackTask, layerNormShares(rows, columns));
  launch(addSharesTask, (columns + columnsOfAdding - 1) / columnsOfAdding);
}
