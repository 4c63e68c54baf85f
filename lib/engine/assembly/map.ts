/**
 * Functions of each element alone, in one pass over memory: exponentials, activations, what gradients multiply by, and
 * sums, differences, products and quotients of two.
 */
import { erf4, geluExactAt, geluExactSlope, geluTanhSlope, tanh4 } from './activation';
import {
  constants,
  exp2,
  exp3,
  exp4th,
  exp5,
  expHighest,
  expLn2,
  expLn2Rest,
  expLowest,
  expRounding,
  expScale,
  from,
  geluCubicScaled,
  geluLinearScaled,
  minusScale,
  one,
  two,
  two1,
  two2,
  two3,
  two4,
  two5,
  twoHighest,
  twoLowest,
} from './constants';
import { job, launch, nextJob } from './pool';
import { expWith, loadFew, madd, storeFew, twoToWith } from './simd';
import { mapTask } from './tasks';

const exponential: i32 = 0;
const errorFunction: i32 = 1;
const hyperbolicTangent: i32 = 2;
const logistic: i32 = 3;
const gelu: i32 = 4;
const exactGelu: i32 = 5;
/** These multiply by dy. */
const geluBack: i32 = 6;
const exactGeluBack: i32 = 7;
/** x and y, element by element. */
const sum: i32 = 8;
const difference: i32 = 9;
const product: i32 = 10;
const quotient: i32 = 11;
const rectified: i32 = 12;

/** Elements of a task. */
const elementsOfTask: i32 = 16384;

@unmanaged
class MapJob {
  x: usize;
  /** dy, or what is joined with x. */
  y: usize;
  out: usize;
  operation: i32;
  count: i32;
}

/** One vector of the operations that take their constants from memory. */
@inline function valueOf(operation: i32, x: v128, dy: v128, place: usize): v128 {
  if (operation == errorFunction) return erf4(x, place);
  if (operation == hyperbolicTangent) return tanh4(x, place);
  if (operation == exactGelu) return geluExactAt(x, place);
  if (operation == geluBack) return f32x4.mul(dy, geluTanhSlope(x, place));
  return f32x4.mul(dy, geluExactSlope(x, place));
}

@inline function run(operation: i32, x: usize, dy: usize, out: usize, count: i32): void {
  const place = constants();
  const isBack = operation == geluBack || operation == exactGeluBack;
  const whole = <usize>(count & ~3) << 2;
  const end = (<usize>count << 2) + 15 & ~15;
  for (let at: usize = 0; at < end; at += 16) {
    const value = at < whole ? v128.load(x + at) : loadFew(x + at, count & 3, 0);
    let slope = value;
    if (isBack) slope = at < whole ? v128.load(dy + at) : loadFew(dy + at, count & 3, 0);
    const result = valueOf(operation, value, slope, place);
    if (at < whole) v128.store(out + at, result);
    else storeFew(out + at, result, count & 3);
  }
}

/** e to the x, with the constants in registers. */
function mapExp(x: usize, out: usize, count: i32): void {
  const place = constants();
  const lowest = from(place, expLowest);
  const highest = from(place, expHighest);
  const scale = from(place, expScale);
  const rounding = from(place, expRounding);
  const ln2 = from(place, expLn2);
  const ln2Rest = from(place, expLn2Rest);
  const c5 = from(place, exp5);
  const c4 = from(place, exp4th);
  const c3 = from(place, exp3);
  const c2 = from(place, exp2);
  const c01 = from(place, two);
  const whole = <usize>(count & ~3) << 2;
  const end = (<usize>count << 2) + 15 & ~15;
  for (let at: usize = 0; at < end; at += 16) {
    const value = at < whole ? v128.load(x + at) : loadFew(x + at, count & 3, 0);
    const power = f32x4.pmin(value, highest);
    const e = expWith(power, lowest, scale, rounding, ln2, ln2Rest, c5, c4, c3, c2, c01);
    if (at < whole) v128.store(out + at, e);
    else storeFew(out + at, e, count & 3);
  }
}

/** 1 / (1 + e to the −x), or GELU, which is x / (1 + e to the −2u): see `activation.ts`. */
@inline function runLogistic(isGelu: bool, x: usize, out: usize, count: i32): void {
  const place = constants();
  const lowest = from(place, twoLowest);
  const highest = from(place, twoHighest);
  const rounding = from(place, expRounding);
  const c5 = from(place, two5);
  const c4 = from(place, two4);
  const c3 = from(place, two3);
  const c2 = from(place, two2);
  const c1 = from(place, two1);
  const c0 = from(place, two);
  const unit = from(place, one);
  const cubic = from(place, geluCubicScaled);
  const linear = isGelu ? from(place, geluLinearScaled) : from(place, minusScale);
  const whole = <usize>(count & ~3) << 2;
  const end = (<usize>count << 2) + 15 & ~15;
  for (let at: usize = 0; at < end; at += 16) {
    const value = at < whole ? v128.load(x + at) : loadFew(x + at, count & 3, 0);
    const slope = isGelu ? madd(f32x4.mul(value, value), cubic, linear) : linear;
    const y = f32x4.pmin(f32x4.mul(value, slope), highest);
    const power = twoToWith(y, lowest, rounding, c5, c4, c3, c2, c1, c0);
    const result = f32x4.div(isGelu ? value : unit, f32x4.add(unit, power));
    if (at < whole) v128.store(out + at, result);
    else storeFew(out + at, result, count & 3);
  }
}

@inline function join(operation: i32, x: v128, y: v128): v128 {
  if (operation == sum) return f32x4.add(x, y);
  if (operation == difference) return f32x4.sub(x, y);
  return operation == product ? f32x4.mul(x, y) : f32x4.div(x, y);
}

@inline function runJoin(operation: i32, x: usize, y: usize, out: usize, count: i32): void {
  const end = x + (<usize>(count & ~3) << 2);
  for (; x < end; x += 16, y += 16, out += 16) v128.store(out, join(operation, v128.load(x), v128.load(y)));
  const rest = count & 3;
  if (rest != 0) storeFew(out, join(operation, loadFew(x, rest, 0), loadFew(y, rest, 1)), rest);
}

/** x where it is not below 0, NaN of either sign included, else 0; −0 becomes 0. */
function mapRectified(x: usize, out: usize, count: i32): void {
  const zero = f32x4.splat(0);
  const end = x + (<usize>(count & ~3) << 2);
  for (; x < end; x += 16, out += 16)
    v128.store(out, f32x4.add(f32x4.pmax(v128.load(x), zero), zero));
  const rest = count & 3;
  if (rest != 0) storeFew(out, f32x4.add(f32x4.pmax(loadFew(x, rest, 0), zero), zero), rest);
}

function mapErf(x: usize, out: usize, count: i32): void {
  run(errorFunction, x, 0, out, count);
}
function mapTanh(x: usize, out: usize, count: i32): void {
  run(hyperbolicTangent, x, 0, out, count);
}
function mapSigmoid(x: usize, out: usize, count: i32): void {
  runLogistic(false, x, out, count);
}
function mapGelu(x: usize, out: usize, count: i32): void {
  runLogistic(true, x, out, count);
}
function mapExactGelu(x: usize, out: usize, count: i32): void {
  run(exactGelu, x, 0, out, count);
}
function mapGeluBack(x: usize, dy: usize, out: usize, count: i32): void {
  run(geluBack, x, dy, out, count);
}
function mapExactGeluBack(x: usize, dy: usize, out: usize, count: i32): void {
  run(exactGeluBack, x, dy, out, count);
}
function mapSum(x: usize, y: usize, out: usize, count: i32): void {
  runJoin(sum, x, y, out, count);
}
function mapDifference(x: usize, y: usize, out: usize, count: i32): void {
  runJoin(difference, x, y, out, count);
}
function mapProduct(x: usize, y: usize, out: usize, count: i32): void {
  runJoin(product, x, y, out, count);
}
function mapQuotient(x: usize, y: usize, out: usize, count: i32): void {
  runJoin(quotient, x, y, out, count);
}

/** Some elements. */
export function mapPart(index: i32): void {
  const j = job<MapJob>();
  const start = index * elementsOfTask;
  const at = <usize>start << 2;
  const count = min(elementsOfTask, j.count - start);
  const x = j.x + at;
  const out = j.out + at;
  switch (j.operation) {
    case exponential:
      return mapExp(x, out, count);
    case errorFunction:
      return mapErf(x, out, count);
    case hyperbolicTangent:
      return mapTanh(x, out, count);
    case logistic:
      return mapSigmoid(x, out, count);
    case gelu:
      return mapGelu(x, out, count);
    case exactGelu:
      return mapExactGelu(x, out, count);
    case geluBack:
      return mapGeluBack(x, j.y + at, out, count);
    case exactGeluBack:
      return mapExactGeluBack(x, j.y + at, out, count);
    case sum:
      return mapSum(x, j.y + at, out, count);
    case difference:
      return mapDifference(x, j.y + at, out, count);
    case product:
      return mapProduct(x, j.y + at, out, count);
    case quotient:
      return mapQuotient(x, j.y + at, out, count);
    case rectified:
      return mapRectified(x, out, count);
  }
}

/** out = operation(x), dy · operation(x), or x and y joined, `count` elements each. */
export function map(operation: i32, x: usize, y: usize, out: usize, count: i32): void {
  const j = nextJob<MapJob>();
  j.operation = operation;
  j.x = x;
  j.y = y;
  j.out = out;
  j.count = count;
  launch(mapTask, (count + elementsOfTask - 1) / elementsOfTask);
}
