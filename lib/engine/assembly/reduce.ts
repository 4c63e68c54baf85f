/**
 * Sums, maxima and minima along axes that lie side by side: x seen as [outer, steps, inner], reduced over the steps.
 * Long reductions are cut into parts, whose results are reduced in turn; how they are cut follows from the sizes alone.
 */
import { job, parallel } from './pool';
import { loadFew, storeFew, sum4 } from './simd';
import { reduceTask } from './tasks';

const sum: i32 = 0;
const maximum: i32 = 1;
const minimum: i32 = 2;

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
  /** What one task takes of each. */
  taskOuter: i32;
  taskSteps: i32;
  taskInner: i32;
  /** What results are divided by. */
  divisor: f32;
}

@inline function parts(x: i32, size: i32): i32 {
  return (x + size - 1) / size;
}

@inline function join(operation: i32, a: v128, b: v128): v128 {
  if (operation == sum) return f32x4.add(a, b);
  return operation == maximum ? f32x4.max(a, b) : f32x4.min(a, b);
}

@inline function neutral(operation: i32): f32 {
  if (operation == sum) return 0;
  return operation == maximum ? -Infinity : Infinity;
}

@inline function across(operation: i32, x: v128): f32 {
  if (operation == sum) return sum4(x);
  const halves = join(operation, x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(join(operation, halves, v128.shuffle<f32>(halves, halves, 1, 0, 3, 2)), 0);
}

/** A line of memory to one number. */
@inline function line(operation: i32, x: usize, count: i32): f32 {
  const end = x + (<usize>(count & ~3) << 2);
  let a = f32x4.splat(neutral(operation)), b = a, c = a, d = a;
  for (; x + 64 <= end; x += 64) {
    a = join(operation, a, v128.load(x));
    b = join(operation, b, v128.load(x, 16));
    c = join(operation, c, v128.load(x, 32));
    d = join(operation, d, v128.load(x, 48));
  }
  for (; x < end; x += 16) a = join(operation, a, v128.load(x));
  if ((count & 3) != 0) b = join(operation, b, loadFew(x, count & 3, neutral(operation)));
  return across(operation, join(operation, join(operation, a, b), join(operation, c, d)));
}

function lineOf(operation: i32, x: usize, count: i32): f32 {
  if (operation == sum) return line(sum, x, count);
  return operation == maximum ? line(maximum, x, count) : line(minimum, x, count);
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
  for (let o = first, end = min(first + j.taskOuter, j.outer); o < end; o++) {
    const from = j.x + (<usize>o * j.steps + step) * stride + (<usize>column << 2);
    const to = j.out + (<usize>o * along + index % along) * stride + (<usize>column << 2);
    if (j.inner == 1) store<f32>(to, lineOf(j.operation, from, count));
    else linesOf(j.operation, from, stride, count, columns, to);
    if (j.divisor == 1) continue;
    for (let c: usize = 0; c < <usize>columns << 2; c += 4) store<f32>(to + c, load<f32>(to + c) / j.divisor);
  }
}

/** How the job is cut. */
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
  const j = job<ReduceJob>();
  j.operation = operation;
  j.x = x;
  j.outer = outer;
  j.steps = steps;
  j.inner = inner;
  cut(j);
  const count = parts(steps, j.taskSteps);
  j.out = count > 1 ? partial : out;
  j.divisor = count > 1 ? 1 : divisor;
  parallel(reduceTask, tasks(j));
  if (count == 1) return;
  j.x = partial;
  j.out = out;
  j.divisor = divisor;
  j.steps = count;
  cut(j);
  j.taskSteps = count;
  j.taskOuter = 1;
  parallel(reduceTask, tasks(j));
}
