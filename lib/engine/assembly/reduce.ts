/**
 * Sums, maxima and minima along axes that lie side by side: x seen as [outer, steps, inner], reduced over the steps.
 * Long reductions are cut into parts, whose results are reduced in turn; how they are cut follows from the sizes alone.
 */
import { job, launch, nextJob, parallel } from './pool';
import { loadFew, storeFew, sum4 } from './simd';
import { reduceTask } from './tasks';

const sum: i32 = 0;
const maximum: i32 = 1;
const minimum: i32 = 2;

/** Lines up to this length are short. */
const short: i32 = 12;

/** Elements that one task reduces, at most, and columns side by side. */
const elementsOfTask: i32 = 32768;
const mostColumns: i32 = 512;

@unmanaged
class ReduceJob {
  x: usize;
  out: usize;
  operation: i32;
  outer: i32;
  steps: i32;
  inner: i32;
  /** The sizes of one task. */
  taskOuter: i32;
  taskSteps: i32;
  taskInner: i32;
  /** The divisor of the results. */
  divisor: f32;
}

@inline function parts(x: i32, size: i32): i32 {
  return (x + size - 1) / size;
}

@inline function join(operation: i32, a: v128, b: v128): v128 {
  if (operation == sum) return f32x4.add(a, b);
  return operation == maximum ? f32x4.max(a, b) : f32x4.min(a, b);
}

/** The extreme of four. */
@inline function across(operation: i32, x: v128): f32 {
  const halves = join(operation, x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(join(operation, halves, v128.shuffle<f32>(halves, halves, 1, 0, 3, 2)), 0);
}

/** A line of memory to its highest or lowest number, or to NaN: what would tell NaN in each step takes longer. */
@inline function extreme(operation: i32, x: usize, count: i32): f32 {
  const end = x + (<usize>count << 2);
  if (count < 4) return across(operation, loadFew(x, count, load<f32>(x)));
  // The last four, some of which the loop sees again.
  const last = v128.load(end - 16);
  let a = last, b = last;
  let odd = f32x4.ne(last, last);
  for (; x + 32 <= end; x += 32) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    a = operation == maximum ? f32x4.pmax(a, x0) : f32x4.pmin(a, x0);
    b = operation == maximum ? f32x4.pmax(b, x1) : f32x4.pmin(b, x1);
    odd = v128.or(odd, v128.or(f32x4.ne(x0, x0), f32x4.ne(x1, x1)));
  }
  if (x + 16 <= end) {
    const x0 = v128.load(x);
    a = operation == maximum ? f32x4.pmax(a, x0) : f32x4.pmin(a, x0);
    odd = v128.or(odd, f32x4.ne(x0, x0));
  }
  return v128.any_true(odd) ? NaN : across(operation, join(operation, a, b));
}

/** Short lines one after the other. */
@inline function shortLines(operation: i32, x: usize, count: i32, number: i32, to: usize): void {
  const bytes = <usize>count << 2;
  for (const end = to + (<usize>number << 2); to < end; to += 4) {
    let value = load<f32>(x);
    for (const last = x + bytes; (x += 4) < last; ) {
      const next = load<f32>(x);
      if (operation == sum) value += next;
      else value = operation == maximum ? max(value, next) : min(value, next);
    }
    store<f32>(to, value);
  }
}

function shortLinesOf(operation: i32, x: usize, count: i32, number: i32, to: usize): void {
  if (operation == sum) shortLines(sum, x, count, number, to);
  else if (operation == maximum) shortLines(maximum, x, count, number, to);
  else shortLines(minimum, x, count, number, to);
}

/** A line of memory to its sum. */
function sumOfLine(x: usize, count: i32): f32 {
  const end = x + (<usize>(count & ~3) << 2);
  let a = f32x4.splat(0), b = a, c = a, d = a;
  for (; x + 64 <= end; x += 64) {
    a = f32x4.add(a, v128.load(x));
    b = f32x4.add(b, v128.load(x, 16));
    c = f32x4.add(c, v128.load(x, 32));
    d = f32x4.add(d, v128.load(x, 48));
  }
  for (; x < end; x += 16) a = f32x4.add(a, v128.load(x));
  if ((count & 3) != 0) b = f32x4.add(b, loadFew(x, count & 3, 0));
  return sum4(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
}

function lineOf(operation: i32, x: usize, count: i32): f32 {
  if (operation == sum) return sumOfLine(x, count);
  return operation == maximum ? extreme(maximum, x, count) : extreme(minimum, x, count);
}

/** Lines of memory to one line: four of them at a time are joined with what is there. */
@inline function lines(operation: i32, x: usize, stride: usize, count: i32, columns: i32, to: usize): void {
  const whole = <usize>(columns & ~3) << 2;
  const rest = columns & 3;
  memory.copy(to, x, <usize>columns << 2);
  x += stride;
  let i = 1;
  for (; i + 4 <= count; i += 4) {
    const x1 = x + stride, x2 = x1 + stride, x3 = x2 + stride;
    for (let at: usize = 0; at < whole; at += 16) {
      const a = join(operation, v128.load(x + at), v128.load(x1 + at));
      const b = join(operation, v128.load(x2 + at), v128.load(x3 + at));
      v128.store(to + at, join(operation, v128.load(to + at), join(operation, a, b)));
    }
    if (rest != 0) {
      const a = join(operation, loadFew(x + whole, rest, 0), loadFew(x1 + whole, rest, 0));
      const b = join(operation, loadFew(x2 + whole, rest, 0), loadFew(x3 + whole, rest, 0));
      storeFew(to + whole, join(operation, loadFew(to + whole, rest, 0), join(operation, a, b)), rest);
    }
    x = x3 + stride;
  }
  for (; i < count; i++) {
    for (let at: usize = 0; at < whole; at += 16) {
      v128.store(to + at, join(operation, v128.load(to + at), v128.load(x + at)));
    }
    if (rest != 0) {
      storeFew(to + whole, join(operation, loadFew(to + whole, rest, 0), loadFew(x + whole, rest, 0)), rest);
    }
    x += stride;
  }
}

function linesOf(operation: i32, x: usize, stride: usize, count: i32, columns: i32, to: usize): void {
  if (operation == sum) lines(sum, x, stride, count, columns, to);
  else if (operation == maximum) lines(maximum, x, stride, count, columns, to);
  else lines(minimum, x, stride, count, columns, to);
}

function divide(x: usize, count: i32, by: f32): void {
  for (const end = x + (<usize>count << 2); x < end; x += 4) store<f32>(x, load<f32>(x) / by);
}

/** Some steps of some columns of some of the outer axis. */
export function reducePart(index: i32): void {
  const j = job<ReduceJob>();
  const along = parts(j.steps, j.taskSteps);
  const wide = parts(j.inner, j.taskInner);
  const step = (index % along) * j.taskSteps;
  const column = ((index / along) % wide) * j.taskInner;
  const first = (index / along / wide) * j.taskOuter;
  const count = min(j.taskSteps, j.steps - step);
  const columns = min(j.taskInner, j.inner - column);
  const stride = <usize>j.inner << 2;
  const last = min(first + j.taskOuter, j.outer);
  const isShort = j.inner == 1 && j.steps <= short;
  if (isShort) {
    const at = <usize>first << 2;
    shortLinesOf(j.operation, j.x + at * j.steps, j.steps, last - first, j.out + at);
    if (j.divisor != 1) divide(j.out + at, last - first, j.divisor);
    return;
  }
  for (let o = first; o < last; o++) {
    const from = j.x + (<usize>o * j.steps + step) * stride + (<usize>column << 2);
    const to = j.out + (<usize>o * along + index % along) * stride + (<usize>column << 2);
    if (j.inner == 1) store<f32>(to, lineOf(j.operation, from, count));
    else linesOf(j.operation, from, stride, count, columns, to);
    if (j.divisor != 1) divide(to, columns, j.divisor);
  }
}

/** Cuts the job into tasks. */
@inline function cut(j: ReduceJob): void {
  j.taskInner = min(j.inner, mostColumns);
  j.taskSteps = min(j.steps, max(64, elementsOfTask / j.taskInner));
  j.taskOuter = j.taskSteps == j.steps ? max(1, elementsOfTask / (j.taskSteps * j.taskInner)) : 1;
}

/** Floats that the results of parts take, if the reduction is done in parts. */
export function reduceNeeds(outer: i32, steps: i32, inner: i32): i32 {
  const taskSteps = max(64, elementsOfTask / min(inner, mostColumns));
  return steps <= taskSteps ? 0 : outer * parts(steps, taskSteps) * inner;
}

@inline function tasks(j: ReduceJob): i32 {
  return parts(j.outer, j.taskOuter) * parts(j.inner, j.taskInner) * parts(j.steps, j.taskSteps);
}

/**
 * out = the sum (0), maximum (1) or minimum (2) over the steps, divided by the divisor: [outer, steps, inner], none of
 * them 0, to [outer, inner].
 *
 * @param partial memory for `reduceNeeds` floats
 */
export function reduce(
  operation: i32,
  x: usize,
  partial: usize,
  out: usize,
  outer: i32,
  steps: i32,
  inner: i32,
  divisor: f32,
): void {
  const j = nextJob<ReduceJob>();
  j.operation = operation;
  j.x = x;
  j.outer = outer;
  j.steps = steps;
  j.inner = inner;
  cut(j);
  const count = parts(steps, j.taskSteps);
  j.out = count > 1 ? partial : out;
  j.divisor = count > 1 ? 1 : divisor;
  if (count == 1) return launch(reduceTask, tasks(j));
  parallel(reduceTask, tasks(j));
  j.x = partial;
  j.out = out;
  j.divisor = divisor;
  j.steps = count;
  cut(j);
  j.taskSteps = count;
  j.taskOuter = 1;
  launch(reduceTask, tasks(j));
}
