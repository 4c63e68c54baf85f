/** Uniform floats: the upper 23 bits of a word as a fraction, rounded where JavaScript rounds. */

/** The lower two of four floats, in double precision. */
@inline export function lower2(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

/** The upper two. */
@inline export function upper2(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f64>(x, x, 1, 0));
}

/** Two lower and two upper ones, rounded to float32. */
@inline export function rounded4(lower: v128, upper: v128): v128 {
  return v128.shuffle<f64>(f32x4.demote_f64x2_zero(lower), f32x4.demote_f64x2_zero(upper), 0, 2);
}

/** Bits times `step` plus `min`, by four; both in double precision, which holds the product exactly. */
@inline export function uniform4(word: v128, min: v128, step: v128): v128 {
  const bits = i32x4.shr_u(word, 9);
  const lower = f64x2.convert_low_i32x4_s(bits);
  const upper = f64x2.convert_low_i32x4_s(v128.shuffle<f64>(bits, bits, 1, 0));
  return rounded4(f64x2.add(f64x2.mul(lower, step), min), f64x2.add(f64x2.mul(upper, step), min));
}

/** Makes floats of `count` words where they are, rounded up to a multiple of four. */
export function makeUniform(at: usize, count: i32, min: f64, step: f64): void {
  const a = f64x2.splat(min), b = f64x2.splat(step);
  for (const end = at + (<usize>count << 2); at < end; at += 16) {
    v128.store(at, uniform4(v128.load(at), a, b));
  }
}
