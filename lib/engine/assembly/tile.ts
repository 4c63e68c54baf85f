/**
 * The tile: the product of a panel of rows and a panel of columns, its sums in registers. Most of all time is spent in
 * this loop. It is not unrolled, because V8 then runs out of registers.
 */
import { madd, tileRows } from './simd';

/** One row of the result, put down or added to what is there. */
@inline function put(to: usize, left: v128, right: v128, adds: bool): void {
  if (adds) {
    v128.store(to, f32x4.add(v128.load(to), left));
    v128.store(to, f32x4.add(v128.load(to, 16), right), 16);
  } else {
    v128.store(to, left);
    v128.store(to, right, 16);
  }
}

/**
 * [tileRows, steps] · [steps, tileColumns], packed, to rows of 8 floats.
 * @param stride bytes from one row of the result to the next
 * @param adds whether it is added to what is there
 */
export function multiplyTile(rows: usize, columns: usize, steps: i32, to: usize, stride: usize, adds: bool): void {
  const zero = f32x4.splat(0);
  let a0 = zero, b0 = zero, a1 = zero, b1 = zero, a2 = zero, b2 = zero, a3 = zero, b3 = zero;
  let a4 = zero, b4 = zero, a5 = zero, b5 = zero;
  for (const end = columns + (<usize>steps << 5); columns < end; ) {
    const left = v128.load(columns);
    const right = v128.load(columns, 16);
    let row = v128.load_splat<f32>(rows);
    a0 = madd(row, left, a0);
    b0 = madd(row, right, b0);
    row = v128.load_splat<f32>(rows, 4);
    a1 = madd(row, left, a1);
    b1 = madd(row, right, b1);
    row = v128.load_splat<f32>(rows, 8);
    a2 = madd(row, left, a2);
    b2 = madd(row, right, b2);
    row = v128.load_splat<f32>(rows, 12);
    a3 = madd(row, left, a3);
    b3 = madd(row, right, b3);
    row = v128.load_splat<f32>(rows, 16);
    a4 = madd(row, left, a4);
    b4 = madd(row, right, b4);
    if (tileRows > 5) {
      row = v128.load_splat<f32>(rows, 20);
      a5 = madd(row, left, a5);
      b5 = madd(row, right, b5);
    }
    rows += tileRows << 2;
    columns += 32;
  }
  put(to, a0, b0, adds);
  put((to += stride), a1, b1, adds);
  put((to += stride), a2, b2, adds);
  put((to += stride), a3, b3, adds);
  put((to += stride), a4, b4, adds);
  if (tileRows > 5) put(to + stride, a5, b5, adds);
}
