/**
 * What all kernels are made of: four floats at once, fused multiply-add where the build has it, e to the x, and the
 * height of the tile of a product. Everything here is inlined.
 */

/** Rows of a tile: as many as leave the fifteen registers that V8 gives to a tile's sums, operands and products. */
@inline export const tileRows: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;
/** Columns of a tile: two vectors. */
@inline export const tileColumns: i32 = 8;

/** a·b + c, rounded once in the relaxed build and twice in the plain one. */
@inline export function madd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** c − a·b */
@inline export function nmadd(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_nmadd(a, b, c) : f32x4.sub(c, f32x4.mul(a, b));
}

/** Below this e to the x is taken for zero: it would not be a normal float32. */
const lowest: f32 = -87.33;
/** Above this e to the x is infinite in float32. */
const highest: f32 = 88.72283;
/** 1.5 · 2²³: added to a number below 2²² and taken away again, it rounds to the nearest integer. */
const rounding: f32 = 12582912;

/**
 * e to the x by four: x = n·ln 2 + r, a polynomial of degree 6 for e to the r on |r| ≤ ln 2 / 2, and n put into the
 * exponent. NaN stays NaN; what would not be a normal number is 0; what would be above float32 is infinite.
 */
@inline export function exp4(x: v128): v128 {
  const tooLow = f32x4.lt(x, f32x4.splat(lowest));
  const tooHigh = f32x4.gt(x, f32x4.splat(highest));
  const inside = f32x4.pmin(f32x4.splat(highest), f32x4.pmax(f32x4.splat(lowest), x));
  const shifted = madd(inside, f32x4.splat(1.44269504088896341), f32x4.splat(rounding));
  const n = f32x4.sub(shifted, f32x4.splat(rounding));
  let r = nmadd(n, f32x4.splat(0.693359375), inside);
  r = nmadd(n, f32x4.splat(-2.12194440e-4), r);
  let p = f32x4.splat(1.3888889e-3);
  p = madd(p, r, f32x4.splat(8.3333333e-3));
  p = madd(p, r, f32x4.splat(4.1666667e-2));
  p = madd(p, r, f32x4.splat(1.6666667e-1));
  p = madd(p, r, f32x4.splat(0.5));
  p = madd(p, r, f32x4.splat(1));
  p = madd(p, r, f32x4.splat(1));
  // The integer n is in the low bits of `shifted`; the exponent begins at bit 23. Twice half of it reaches 2¹²⁸.
  const half = i32x4.shr_s(i32x4.sub(shifted, f32x4.splat(rounding)), 1);
  const rest = i32x4.sub(i32x4.sub(shifted, f32x4.splat(rounding)), half);
  const power = f32x4.mul(
    i32x4.shl(i32x4.add(half, i32x4.splat(127)), 23),
    i32x4.shl(i32x4.add(rest, i32x4.splat(127)), 23),
  );
  const value = v128.bitselect(f32x4.splat(Infinity), f32x4.mul(p, power), tooHigh);
  return v128.andnot(value, tooLow);
}

/** The sum of four floats. */
@inline export function sum4(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}
