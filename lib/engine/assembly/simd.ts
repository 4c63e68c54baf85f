/**
 * The parts of all kernels: four floats at once, fused multiply-add where the build has it, e to the x, and the
 * height of the tile of a product.
 */
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
  two,
  two1,
  two2,
  two3,
  two4,
  two5,
  twoLowest,
} from './constants';

/** True in the build for engines that join two operations of 128 bits into one of 256. */
@inline export const isWide: bool = WIDE != 0;

/** Rows of a tile: as many as leave the fifteen registers that V8 gives to a tile's sums, operands and products. */
@inline export const tileRows: i32 = isWide ? 8 : ASC_FEATURE_RELAXED_SIMD ? 6 : 5;
/** Columns of a tile: two vectors. */
@inline export const tileColumns: i32 = 8;

/** The bytes that floats take. */
@inline export function bytes(floats: i32): usize {
  return <usize>floats << 2;
}

/** a·b + c, rounded once in the relaxed build and twice in the plain one. */
@inline export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** c − a·b */
@inline export function nmadd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_nmadd(a, b, c) : f32x4.sub(c, f32x4.mul(a, b));
}

/**
 * e to the x by four, for x that are not above 89: x = n·ln 2 + r, a polynomial of degree 5 for twice e to the r on
 * |r| ≤ ln 2 / 2, and n − 1 as an exponent. 1.5 · 2²³ added to a number below 2²² rounds it to the nearest integer,
 * which is then in the low bits; the 126 that is added with it makes n − 1 an exponent as float32 has it.
 *
 * Largest relative error 1.9e-7. Above float32 it is infinite; below 1.7e-38 it is 0; NaN stays NaN. The arguments are
 * the constants of `constants.ts`, for loops that hold them.
 */
@inline export function expWith(
  x: v128,
  lowest: v128,
  scale: v128,
  rounding: v128,
  ln2: v128,
  ln2Rest: v128,
  c5: v128,
  c4: v128,
  c3: v128,
  c2: v128,
  c01: v128,
): v128 {
  const inside = f32x4.pmax(x, lowest);
  const shifted = madd(inside, scale, rounding);
  const n = f32x4.sub(shifted, rounding);
  let r = nmadd(n, ln2, inside);
  r = nmadd(n, ln2Rest, r);
  let p = madd(c5, r, c4);
  p = madd(p, r, c3);
  p = madd(p, r, c2);
  p = madd(p, r, c01);
  p = madd(p, r, c01);
  return f32x4.mul(p, i32x4.shl(shifted, 23));
}

/** The same with the constants that lie at `place`. */
@inline export function expAt(x: v128, place: usize): v128 {
  return expWith(
    x,
    from(place, expLowest),
    from(place, expScale),
    from(place, expRounding),
    from(place, expLn2),
    from(place, expLn2Rest),
    from(place, exp5),
    from(place, exp4th),
    from(place, exp3),
    from(place, exp2),
    from(place, two),
  );
}

/**
 * 2 to the y by four, for y that are not above 128.4: as above, and cheaper, because y = n + r without rounding. For
 * what is e to some x, y is x / ln 2: as far off as y itself is, which is why e to the x is not computed so.
 */
@inline export function twoToWith(
  y: v128,
  lowest: v128,
  rounding: v128,
  c5: v128,
  c4: v128,
  c3: v128,
  c2: v128,
  c1: v128,
  c0: v128,
): v128 {
  const inside = f32x4.pmax(y, lowest);
  const shifted = f32x4.add(inside, rounding);
  const r = f32x4.sub(inside, f32x4.sub(shifted, rounding));
  let p = madd(c5, r, c4);
  p = madd(p, r, c3);
  p = madd(p, r, c2);
  p = madd(p, r, c1);
  p = madd(p, r, c0);
  return f32x4.mul(p, i32x4.shl(shifted, 23));
}

/** The same with the constants that lie at `place`. */
@inline export function twoToAt(y: v128, place: usize): v128 {
  return twoToWith(
    y,
    from(place, twoLowest),
    from(place, expRounding),
    from(place, two5),
    from(place, two4),
    from(place, two3),
    from(place, two2),
    from(place, two1),
    from(place, two),
  );
}

/** 2 to the y for y ≤ 0: 0 below −125.5. */
@inline export function twoToDown4(y: v128): v128 {
  return twoToAt(y, constants());
}

/** e to the x for x ≤ 0: 0 below −87. */
@inline export function expDown4(x: v128): v128 {
  return expAt(x, constants());
}

/** e to the x. */
@inline export function exp4(x: v128): v128 {
  return expAt(f32x4.pmin(x, from(constants(), expHighest)), constants());
}

/** Up to three floats that lie side by side, and `rest` in the lanes after them. */
export function loadFew(place: usize, count: i32, rest: f32): v128 {
  let x = f32x4.replace_lane(f32x4.splat(rest), 0, load<f32>(place));
  if (count > 1) x = f32x4.replace_lane(x, 1, load<f32>(place, 4));
  if (count > 2) x = f32x4.replace_lane(x, 2, load<f32>(place, 8));
  return x;
}

/** Puts down the first one to three lanes. */
export function storeFew(place: usize, x: v128, count: i32): void {
  store<f32>(place, f32x4.extract_lane(x, 0));
  if (count > 1) store<f32>(place, f32x4.extract_lane(x, 1), 4);
  if (count > 2) store<f32>(place, f32x4.extract_lane(x, 2), 8);
}

/** Copies what is often short. */
@inline export function copyRun(to: usize, source: usize, bytes: usize): void {
  if (bytes > 512) {
    memory.copy(to, source, bytes);
    return;
  }
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(to + at, v128.load(source + at));
  for (; at + 4 <= bytes; at += 4) store<u32>(to + at, load<u32>(source + at));
  for (; at < bytes; at++) store<u8>(to + at, load<u8>(source + at));
}

/** Rows of a task: some 16,384 elements, but one row at least. */
@inline export function rowsOfTask(columns: i32): i32 {
  return max(1, 16384 / columns);
}

/** The highest of four floats; NaN if one is. */
@inline export function max4(x: v128): f32 {
  return max(
    max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)),
    max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)),
  );
}

/** The sum of four floats. */
@inline export function sum4(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}
