/**
 * Normal floats: uniform ones through the inverse error function, with the bits of lib/random/erf.ts. What is computed
 * there in double precision and rounded to float32 is computed so here, two lanes at a time: fused instructions, which
 * some machines have and others do not, would make parameters depend on the machine.
 */
import { DrawJob } from './draw';
import { lower2, rounded4, uniform4, upper2 } from './uniform';

/** The first cell of the table of lib/random/logarithm.ts, and where a cell's number is in a float64's upper half. */
const firstCell: i32 = (1023 - 24) * 64;
const cellShift: i32 = 14;

/** r + r²/2 + r³/3 + … − ln c, where the argument is c·(1 − r). */
@inline function minusLog2(x: v128, inverse: v128, logarithm: v128): v128 {
  const r = f64x2.sub(f64x2.splat(1), f64x2.mul(x, inverse));
  let p = f64x2.add(f64x2.splat(0.25), f64x2.mul(r, f64x2.splat(0.2)));
  p = f64x2.add(f64x2.splat(1.0 / 3), f64x2.mul(r, p));
  p = f64x2.add(f64x2.splat(0.5), f64x2.mul(r, p));
  p = f64x2.add(f64x2.splat(1), f64x2.mul(r, p));
  return f64x2.sub(f64x2.mul(r, p), logarithm);
}

/** −ln(1 − x²); some number above 5 where x is ±1. */
@inline function tailExponent4(x: v128, table: usize): v128 {
  const square = f32x4.mul(x, x);
  const lower = f64x2.sub(f64x2.splat(1), lower2(square));
  const upper = f64x2.sub(f64x2.splat(1), upper2(square));
  // A cell takes sixteen bytes: 1 / c and ln c.
  const halves = v128.shuffle<i32>(lower, upper, 1, 3, 5, 7);
  const cells = v128.and(i32x4.shr_u(halves, cellShift - 4), i32x4.splat(~15));
  const offsets = i32x4.max_s(i32x4.sub(cells, i32x4.splat(firstCell << 4)), i32x4.splat(0));
  const a = v128.load(table + i32x4.extract_lane(offsets, 0));
  const b = v128.load(table + i32x4.extract_lane(offsets, 1));
  const c = v128.load(table + i32x4.extract_lane(offsets, 2));
  const d = v128.load(table + i32x4.extract_lane(offsets, 3));
  return rounded4(
    minusLog2(lower, v128.shuffle<f64>(a, b, 0, 2), v128.shuffle<f64>(a, b, 1, 3)),
    minusLog2(upper, v128.shuffle<f64>(c, d, 0, 2), v128.shuffle<f64>(c, d, 1, 3)),
  );
}

/** p·y + c in float32, as a float64. */
@inline function next2(p: v128, y: v128, c: v128): v128 {
  return f64x2.promote_low_f32x4(f32x4.demote_f64x2_zero(f64x2.add(f64x2.mul(p, y), c)));
}

/** The polynomial in √w − 3, for w ≥ 5. */
@inline function tail2(y: v128): v128 {
  let p = next2(f64x2.splat(<f32>-0.000200214257), y, f64x2.splat(<f32>0.000100950558));
  p = next2(p, y, f64x2.splat(<f32>0.00134934322));
  p = next2(p, y, f64x2.splat(<f32>-0.00367342844));
  p = next2(p, y, f64x2.splat(<f32>0.00573950773));
  p = next2(p, y, f64x2.splat(<f32>-0.0076224613));
  p = next2(p, y, f64x2.splat(<f32>0.00943887047));
  p = next2(p, y, f64x2.splat(<f32>1.00167406));
  return f64x2.add(f64x2.mul(p, y), f64x2.splat(<f32>2.83297682));
}

/** The factor of x in its inverse error function, for lanes of which some w are 5 or more, which is rare. */
function withTails(central: v128, x: v128, w: v128): v128 {
  const y = f32x4.sub(f32x4.sqrt(w), f32x4.splat(3));
  const tail = rounded4(tail2(lower2(y)), tail2(upper2(y)));
  const isOne = f32x4.eq(f32x4.abs(x), f32x4.splat(1));
  const factor = v128.bitselect(tail, central, f32x4.ge(w, f32x4.splat(5)));
  return v128.bitselect(f32x4.splat(Infinity), factor, isOne);
}

/** Scales, clips and shifts an inverse error function. */
@inline function finished(x: v128, factor: v128, lowest: v128, highest: v128, scale: v128, shift: v128): v128 {
  const z = f32x4.mul(f32x4.splat(1.41421356237309505), f32x4.mul(factor, x));
  return f32x4.add(f32x4.mul(scale, f32x4.pmin(f32x4.pmax(z, lowest), highest)), shift);
}

/** Uniform floats where the words are, and their w at `exponents`. */
function makeExponents(j: DrawJob, at: usize, count: i32, exponents: usize): void {
  const min = f64x2.splat(j.min), step = f64x2.splat(j.step), table = j.logarithms;
  for (const end = at + (<usize>count << 2); at < end; at += 48) {
    const x = uniform4(v128.load(at), min, step);
    const y = uniform4(v128.load(at, 16), min, step);
    const z = uniform4(v128.load(at, 32), min, step);
    v128.store(at, x); v128.store(at, y, 16); v128.store(at, z, 32);
    v128.store(exponents, tailExponent4(x, table));
    v128.store(exponents, tailExponent4(y, table), 16);
    v128.store(exponents, tailExponent4(z, table), 32);
    exponents += 48;
  }
}

/**
 * Makes normal floats of `count` words where they are, rounded up to a multiple of twelve; `exponents` is room for as
 * many.
 */
export function makeNormal(j: DrawJob, at: usize, count: i32, exponents: usize): void {
  makeExponents(j, at, count, exponents);
  const lowest = f32x4.splat(j.lowest), highest = f32x4.splat(j.highest);
  const scale = f32x4.splat(j.scale), shift = f32x4.splat(j.shift);
  for (const end = at + (<usize>count << 2); at < end; at += 48) {
    const u = v128.load(exponents), v = v128.load(exponents, 16), w = v128.load(exponents, 32);
    const yu = f32x4.sub(u, f32x4.splat(2.5)), yv = f32x4.sub(v, f32x4.splat(2.5)), yw = f32x4.sub(w, f32x4.splat(2.5));
    const ya = lower2(yu), yb = upper2(yu), yc = lower2(yv), yd = upper2(yv), ye = lower2(yw), yf = upper2(yw);
    // Six polynomials side by side, because one of them would wait for its own results.
    const first = f64x2.splat(2.810226362726098e-8);
    let k = f64x2.splat(3.432739390518691e-7);
    let a = next2(first, ya, k), b = next2(first, yb, k), c = next2(first, yc, k);
    let d = next2(first, yd, k), e = next2(first, ye, k), f = next2(first, yf, k);
    k = f64x2.splat(-0.000003523387704262859);
    a = next2(a, ya, k); b = next2(b, yb, k); c = next2(c, yc, k);
    d = next2(d, yd, k); e = next2(e, ye, k); f = next2(f, yf, k);
    k = f64x2.splat(-0.000004391506536194356);
    a = next2(a, ya, k); b = next2(b, yb, k); c = next2(c, yc, k);
    d = next2(d, yd, k); e = next2(e, ye, k); f = next2(f, yf, k);
    k = f64x2.splat(0.00021858086984138936);
    a = next2(a, ya, k); b = next2(b, yb, k); c = next2(c, yc, k);
    d = next2(d, yd, k); e = next2(e, ye, k); f = next2(f, yf, k);
    k = f64x2.splat(-0.001253725029528141);
    a = next2(a, ya, k); b = next2(b, yb, k); c = next2(c, yc, k);
    d = next2(d, yd, k); e = next2(e, ye, k); f = next2(f, yf, k);
    k = f64x2.splat(-0.004177681636065245);
    a = next2(a, ya, k); b = next2(b, yb, k); c = next2(c, yc, k);
    d = next2(d, yd, k); e = next2(e, ye, k); f = next2(f, yf, k);
    k = f64x2.splat(0.24664072692394257);
    a = next2(a, ya, k); b = next2(b, yb, k); c = next2(c, yc, k);
    d = next2(d, yd, k); e = next2(e, ye, k); f = next2(f, yf, k);
    k = f64x2.splat(1.5014094114303589);
    let p = rounded4(f64x2.add(f64x2.mul(a, ya), k), f64x2.add(f64x2.mul(b, yb), k));
    let q = rounded4(f64x2.add(f64x2.mul(c, yc), k), f64x2.add(f64x2.mul(d, yd), k));
    let r = rounded4(f64x2.add(f64x2.mul(e, ye), k), f64x2.add(f64x2.mul(f, yf), k));
    const x = v128.load(at), y = v128.load(at, 16), z = v128.load(at, 32);
    if (v128.any_true(f32x4.ge(f32x4.pmax(f32x4.pmax(u, v), w), f32x4.splat(5)))) {
      p = withTails(p, x, u);
      q = withTails(q, y, v);
      r = withTails(r, z, w);
    }
    v128.store(at, finished(x, p, lowest, highest, scale, shift));
    v128.store(at, finished(y, q, lowest, highest, scale, shift), 16);
    v128.store(at, finished(z, r, lowest, highest, scale, shift), 32);
    exponents += 48;
  }
}
