/**
 * Sines and cosines, and the Fourier features of positions. Arguments are brought down to within π/4 in double precision,
 * so that many thousand half turns cost no accuracy: 1e-7 up to a million.
 */
import {
  constants,
  cosine2,
  from,
  fromDouble,
  half,
  halfPi,
  halfPiRest,
  one,
  pi,
  sine1,
  turns,
  waveReach,
  waveRounding,
} from './constants';
import { job, nextJob, parallel } from './pool';
import { loadFew, madd, storeFew } from './simd';
import { fourierTask, waveTask } from './tasks';

/** Elements of a task. */
const elementsOfTask: i32 = 8192;

@unmanaged
class WaveJob {
  x: usize;
  out: usize;
  isCosine: bool;
  /** True once an argument was too large to be reduced to a quadrant. */
  isBeyond: i32;
  count: i32;
}

@unmanaged
class FourierJob {
  pos: usize;
  frequencies: usize;
  out: usize;
  isBeyond: i32;
  points: i32;
  dims: i32;
  bands: i32;
  hasPos: bool;
  hasCosines: bool;
}

/** x / (π/2) rounded, in the low bits of each of two lanes. */
@inline function quadrants(x: v128, place: usize): v128 {
  return f64x2.add(f64x2.mul(x, fromDouble(place, turns)), fromDouble(place, waveRounding));
}

/** The rest of x after its quadrants. */
@inline function rest(x: v128, rounded: v128, place: usize): v128 {
  const n = f64x2.sub(rounded, fromDouble(place, waveRounding));
  const less = f64x2.sub(x, f64x2.mul(n, fromDouble(place, halfPi)));
  return f64x2.sub(less, f64x2.mul(n, fromDouble(place, halfPiRest)));
}

/** The rounded quotients of four arguments, as integers, and what is left of the arguments. */
@inline function quotient(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6);
}
@inline function remainder(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** sin r, |r| ≤ π/4 */
@inline function sineOf(r: v128, square: v128, place: usize): v128 {
  let p = madd(from(place, sine1 + 2), square, from(place, sine1 + 1));
  p = madd(p, square, from(place, sine1));
  return madd(f32x4.mul(p, square), r, r);
}

/** cos r */
@inline function cosineOf(square: v128, place: usize): v128 {
  let p = madd(from(place, cosine2 + 2), square, from(place, cosine2 + 1));
  p = madd(p, square, from(place, cosine2));
  const most = f32x4.sub(from(place, one), f32x4.mul(square, from(place, half)));
  return madd(f32x4.mul(square, square), p, most);
}

/** The sine by quadrant: sin r, cos r, −sin r, −cos r. */
@inline function turned(quadrant: v128, sine: v128, cosine: v128): v128 {
  const isOdd = i32x4.neg(v128.and(quadrant, i32x4.splat(1)));
  const sign = i32x4.shl(v128.and(quadrant, i32x4.splat(2)), 30);
  return v128.xor(v128.bitselect(cosine, sine, isOdd), sign);
}

/** Lanes with arguments that are too large, but not those that are infinite. */
@inline function beyond(x: v128, place: usize): v128 {
  const size = f32x4.abs(x);
  return v128.and(f32x4.gt(size, from(place, waveReach)), f32x4.lt(size, f32x4.splat(Infinity)));
}

@inline function waves(isCosine: bool, j: WaveJob, index: i32): void {
  const place = constants();
  const start = index * elementsOfTask;
  const count = min(elementsOfTask, j.count - start);
  const x = j.x + (<usize>start << 2);
  const out = j.out + (<usize>start << 2);
  const whole = <usize>(count & ~3) << 2;
  const end = (<usize>count << 2) + 15 & ~15;
  let large = i32x4.splat(0);
  for (let at: usize = 0; at < end; at += 16) {
    const value = at < whole ? v128.load(x + at) : loadFew(x + at, count & 3, 0);
    large = v128.or(large, beyond(value, place));
    const low = f64x2.promote_low_f32x4(value);
    const high = f64x2.promote_low_f32x4(v128.shuffle<f64>(value, value, 1, 0));
    const rounded = quadrants(low, place);
    const rounded2 = quadrants(high, place);
    const r = remainder(rest(low, rounded, place), rest(high, rounded2, place));
    let quadrant = quotient(rounded, rounded2);
    if (isCosine) quadrant = i32x4.add(quadrant, i32x4.splat(1));
    const square = f32x4.mul(r, r);
    const result = turned(quadrant, sineOf(r, square, place), cosineOf(square, place));
    if (at < whole) v128.store(out + at, result);
    else storeFew(out + at, result, count & 3);
  }
  if (v128.any_true(large)) j.isBeyond = 1;
}

function sines(j: WaveJob, index: i32): void {
  waves(false, j, index);
}
function cosines(j: WaveJob, index: i32): void {
  waves(true, j, index);
}

/** Some elements. */
export function wavePart(index: i32): void {
  const j = job<WaveJob>();
  if (j.isCosine) cosines(j, index);
  else sines(j, index);
}

/** out = sin x, or cos x. @returns whether an argument was too large for the result to be right */
export function wave(x: usize, out: usize, isCosine: bool, count: i32): bool {
  const j = nextJob<WaveJob>();
  j.x = x;
  j.out = out;
  j.isCosine = isCosine;
  j.isBeyond = 0;
  j.count = count;
  parallel(waveTask, (count + elementsOfTask - 1) / elementsOfTask);
  return j.isBeyond != 0;
}

@inline function channelsOf(j: FourierJob): i32 {
  const waves = j.dims * j.bands;
  return (j.hasPos ? j.dims : 0) + waves + (j.hasCosines ? waves : 0);
}

@inline function pointsOfTask(j: FourierJob): i32 {
  return max(1, elementsOfTask / channelsOf(j));
}

/** Sines, and cosines, of one position at every frequency of its dimension. */
function bandsOf(j: FourierJob, position: f32, frequencies: usize, sines: usize, cosines: usize): v128 {
  const place = constants();
  const point = f32x4.splat(position);
  const whole = <usize>(j.bands & ~3) << 2;
  const end = (<usize>j.bands << 2) + 15 & ~15;
  let large = i32x4.splat(0);
  for (let at: usize = 0; at < end; at += 16) {
    const few = j.bands & 3;
    const frequency = at < whole ? v128.load(frequencies + at) : loadFew(frequencies + at, few, 0);
    const phase = f32x4.mul(f32x4.mul(point, frequency), from(place, pi));
    large = v128.or(large, beyond(phase, place));
    const low = f64x2.promote_low_f32x4(phase);
    const high = f64x2.promote_low_f32x4(v128.shuffle<f64>(phase, phase, 1, 0));
    const rounded = quadrants(low, place);
    const rounded2 = quadrants(high, place);
    const r = remainder(rest(low, rounded, place), rest(high, rounded2, place));
    const quadrant = quotient(rounded, rounded2);
    const square = f32x4.mul(r, r);
    const sine = sineOf(r, square, place);
    const cosine = cosineOf(square, place);
    const first = turned(quadrant, sine, cosine);
    const second = turned(i32x4.add(quadrant, i32x4.splat(1)), sine, cosine);
    if (at < whole) {
      v128.store(sines + at, first);
      if (j.hasCosines) v128.store(cosines + at, second);
    } else {
      storeFew(sines + at, first, few);
      if (j.hasCosines) storeFew(cosines + at, second, few);
    }
  }
  return large;
}

/** The features of some points. */
export function fourierPoints(index: i32): void {
  const j = job<FourierJob>();
  const step = pointsOfTask(j);
  const first = index * step;
  const bytes = <usize>j.bands << 2;
  const dimsBytes = <usize>j.dims << 2;
  let out = j.out + ((<usize>first * channelsOf(j)) << 2);
  let pos = j.pos + <usize>first * dimsBytes;
  let large = i32x4.splat(0);
  for (let i = first, end = min(first + step, j.points); i < end; i++) {
    if (j.hasPos) {
      memory.copy(out, pos, dimsBytes);
      out += dimsBytes;
    }
    for (let d = 0; d < j.dims; d++) {
      const position = load<f32>(pos + (<usize>d << 2));
      const cosines = out + <usize>j.dims * bytes;
      large = v128.or(large, bandsOf(j, position, j.frequencies + <usize>d * bytes, out, cosines));
      out += bytes;
    }
    if (j.hasCosines) out += <usize>j.dims * bytes;
    pos += dimsBytes;
  }
  if (v128.any_true(large)) j.isBeyond = 1;
}

/**
 * [pos, sin(π·f·pos₁)…, …, cos(π·f·pos₁)…, …] of each point; phases are rounded to float32 after each product.
 *
 * @param pos [points, dims], frequencies [dims, bands]
 * @returns whether a phase was too large for the result to be right
 */
export function fourier(
  pos: usize,
  frequencies: usize,
  out: usize,
  points: i32,
  dims: i32,
  bands: i32,
  hasPos: bool,
  hasCosines: bool,
): bool {
  const j = nextJob<FourierJob>();
  j.pos = pos;
  j.frequencies = frequencies;
  j.out = out;
  j.isBeyond = 0;
  j.points = points;
  j.dims = dims;
  j.bands = bands;
  j.hasPos = hasPos;
  j.hasCosines = hasCosines;
  const step = pointsOfTask(j);
  parallel(fourierTask, (points + step - 1) / step);
  return j.isBeyond != 0;
}
