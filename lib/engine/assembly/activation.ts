/**
 * Activations and what they are made of, four floats at once, with the constants that lie at `place`; and activations
 * by number, for those that have but the number.
 */
import {
  constants,
  erfP,
  erfQ,
  erfReach,
  from,
  geluCubic,
  geluCubicScaled,
  geluLinear,
  geluLinearScaled,
  geluReach,
  half,
  minusOne,
  normalPeak,
  one,
  sqrtHalf,
  tanhP,
  tanhQ,
  tanhReach,
  twoHighest,
} from './constants';
import { expAt, madd, twoToAt } from './simd';

export const noActivation: i32 = 0;
export const geluTanh: i32 = 1;
export const geluExact: i32 = 2;

/** x between −reach and reach; NaN stays NaN. */
@inline function within(x: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, low), high);
}

/** A rational function of x² times x, which is 1 and −1 beyond its reach. Fitted for the least relative error. */
@inline export function erf4(x: v128, place: usize): v128 {
  const reach = from(place, erfReach);
  const inside = within(x, f32x4.neg(reach), reach);
  const square = f32x4.mul(inside, inside);
  let p = madd(from(place, erfP + 6), square, from(place, erfP + 5));
  p = madd(p, square, from(place, erfP + 4));
  p = madd(p, square, from(place, erfP + 3));
  p = madd(p, square, from(place, erfP + 2));
  p = madd(p, square, from(place, erfP + 1));
  p = madd(p, square, from(place, erfP));
  let q = madd(from(place, erfQ + 3), square, from(place, erfQ + 2));
  q = madd(q, square, from(place, erfQ + 1));
  q = madd(q, square, from(place, erfQ));
  q = madd(q, square, from(place, one));
  return within(f32x4.div(f32x4.mul(inside, p), q), from(place, minusOne), from(place, one));
}

/** Likewise. */
@inline export function tanh4(x: v128, place: usize): v128 {
  const reach = from(place, tanhReach);
  const inside = within(x, f32x4.neg(reach), reach);
  const square = f32x4.mul(inside, inside);
  let p = madd(from(place, tanhP + 3), square, from(place, tanhP + 2));
  p = madd(p, square, from(place, tanhP + 1));
  p = madd(p, square, from(place, tanhP));
  p = madd(p, square, from(place, one));
  let q = madd(from(place, tanhQ + 3), square, from(place, tanhQ + 2));
  q = madd(q, square, from(place, tanhQ + 1));
  q = madd(q, square, from(place, tanhQ));
  q = madd(q, square, from(place, one));
  return within(f32x4.div(f32x4.mul(inside, p), q), from(place, minusOne), from(place, one));
}

/** x / 2 · (1 + tanh u) is x / (1 + e to the −2u); u = √(2/π)·(x + 0.044715·x³). */
@inline export function geluTanhAt(x: v128, place: usize): v128 {
  const inner = madd(f32x4.mul(x, x), from(place, geluCubicScaled), from(place, geluLinearScaled));
  const power = twoToAt(f32x4.pmin(f32x4.mul(x, inner), from(place, twoHighest)), place);
  return f32x4.div(x, f32x4.add(from(place, one), power));
}

/** Its derivative: s + x·s·(1 − s)·2u′ with s = 1 / (1 + e to the −2u). Beyond ±7 it is 0 and 1, to the last digit. */
@inline export function geluTanhSlope(x: v128, place: usize): v128 {
  const reach = from(place, geluReach);
  const inside = within(x, f32x4.neg(reach), reach);
  const cubic = f32x4.mul(f32x4.mul(inside, inside), from(place, geluCubic));
  const linear = from(place, geluLinear);
  const power = expAt(f32x4.mul(inside, f32x4.add(cubic, linear)), place);
  const s = f32x4.div(from(place, one), f32x4.add(from(place, one), power));
  const rise = f32x4.sub(f32x4.sub(f32x4.neg(cubic), f32x4.add(cubic, cubic)), linear);
  return madd(f32x4.mul(f32x4.mul(s, s), f32x4.mul(power, inside)), rise, s);
}

/** x · Φ(x), Φ(x) = (1 + erf(x / √2)) / 2. */
@inline export function geluExactAt(x: v128, place: usize): v128 {
  const erf = erf4(f32x4.mul(x, from(place, sqrtHalf)), place);
  return f32x4.mul(f32x4.mul(x, from(place, half)), f32x4.add(from(place, one), erf));
}

/** Its derivative, Φ(x) + x·φ(x). */
@inline export function geluExactSlope(x: v128, place: usize): v128 {
  const reach = from(place, geluReach);
  const inside = within(x, f32x4.neg(reach), reach);
  const share = madd(erf4(f32x4.mul(inside, from(place, sqrtHalf)), place), from(place, half), from(place, half));
  const power = expAt(f32x4.mul(f32x4.mul(inside, inside), f32x4.neg(from(place, half))), place);
  return madd(f32x4.mul(inside, from(place, normalPeak)), power, share);
}

@inline export function geluTanh4(x: v128): v128 {
  return geluTanhAt(x, constants());
}

@inline export function geluExact4(x: v128): v128 {
  return geluExactAt(x, constants());
}

@inline export function activate(activation: i32, x: v128): v128 {
  if (activation == geluTanh) return geluTanh4(x);
  return activation == geluExact ? geluExact4(x) : x;
}
