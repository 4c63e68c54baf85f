/**
 * The tile: the product of a panel of rows and a panel of columns, its sums in registers. Most of all time is spent in
 * this loop. It is not unrolled, because V8 then runs out of registers.
 */
import { isWide, madd, tileRows } from './simd';

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
  if (isWide) return multiplyWide(rows, columns, steps, to, stride, adds);
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

/**
 * The same with eight rows, left halves first: V8's revectorizer makes of both halves of a row one operation of 256
 * bits, and eight sums of that width and their operands fit its registers, two steps at a time.
 */
function multiplyWide(rows: usize, columns: usize, steps: i32, to: usize, stride: usize, adds: bool): void {
  const zero = f32x4.splat(0);
  let a0 = zero, b0 = zero, a1 = zero, b1 = zero, a2 = zero, b2 = zero, a3 = zero, b3 = zero;
  let a4 = zero, b4 = zero, a5 = zero, b5 = zero, a6 = zero, b6 = zero, a7 = zero, b7 = zero;
  let left: v128, right: v128;
  let r0: v128, r1: v128, r2: v128, r3: v128, r4: v128, r5: v128, r6: v128, r7: v128;
  const end = columns + (<usize>steps << 5);
  for (; columns + 32 < end; columns += 64, rows += 64) {
    left = v128.load(columns, 0);
    right = v128.load(columns, 16);
    r0 = v128.load_splat<f32>(rows, 0);
    r1 = v128.load_splat<f32>(rows, 4);
    r2 = v128.load_splat<f32>(rows, 8);
    r3 = v128.load_splat<f32>(rows, 12);
    r4 = v128.load_splat<f32>(rows, 16);
    r5 = v128.load_splat<f32>(rows, 20);
    r6 = v128.load_splat<f32>(rows, 24);
    r7 = v128.load_splat<f32>(rows, 28);
    a0 = madd(r0, left, a0);
    a1 = madd(r1, left, a1);
    a2 = madd(r2, left, a2);
    a3 = madd(r3, left, a3);
    a4 = madd(r4, left, a4);
    a5 = madd(r5, left, a5);
    a6 = madd(r6, left, a6);
    a7 = madd(r7, left, a7);
    b0 = madd(r0, right, b0);
    b1 = madd(r1, right, b1);
    b2 = madd(r2, right, b2);
    b3 = madd(r3, right, b3);
    b4 = madd(r4, right, b4);
    b5 = madd(r5, right, b5);
    b6 = madd(r6, right, b6);
    b7 = madd(r7, right, b7);
    left = v128.load(columns, 32);
    right = v128.load(columns, 48);
    r0 = v128.load_splat<f32>(rows, 32);
    r1 = v128.load_splat<f32>(rows, 36);
    r2 = v128.load_splat<f32>(rows, 40);
    r3 = v128.load_splat<f32>(rows, 44);
    r4 = v128.load_splat<f32>(rows, 48);
    r5 = v128.load_splat<f32>(rows, 52);
    r6 = v128.load_splat<f32>(rows, 56);
    r7 = v128.load_splat<f32>(rows, 60);
    a0 = madd(r0, left, a0);
    a1 = madd(r1, left, a1);
    a2 = madd(r2, left, a2);
    a3 = madd(r3, left, a3);
    a4 = madd(r4, left, a4);
    a5 = madd(r5, left, a5);
    a6 = madd(r6, left, a6);
    a7 = madd(r7, left, a7);
    b0 = madd(r0, right, b0);
    b1 = madd(r1, right, b1);
    b2 = madd(r2, right, b2);
    b3 = madd(r3, right, b3);
    b4 = madd(r4, right, b4);
    b5 = madd(r5, right, b5);
    b6 = madd(r6, right, b6);
    b7 = madd(r7, right, b7);
  }
  if (columns < end) {
    left = v128.load(columns, 0);
    right = v128.load(columns, 16);
    r0 = v128.load_splat<f32>(rows, 0);
    r1 = v128.load_splat<f32>(rows, 4);
    r2 = v128.load_splat<f32>(rows, 8);
    r3 = v128.load_splat<f32>(rows, 12);
    r4 = v128.load_splat<f32>(rows, 16);
    r5 = v128.load_splat<f32>(rows, 20);
    r6 = v128.load_splat<f32>(rows, 24);
    r7 = v128.load_splat<f32>(rows, 28);
    a0 = madd(r0, left, a0);
    a1 = madd(r1, left, a1);
    a2 = madd(r2, left, a2);
    a3 = madd(r3, left, a3);
    a4 = madd(r4, left, a4);
    a5 = madd(r5, left, a5);
    a6 = madd(r6, left, a6);
    a7 = madd(r7, left, a7);
    b0 = madd(r0, right, b0);
    b1 = madd(r1, right, b1);
    b2 = madd(r2, right, b2);
    b3 = madd(r3, right, b3);
    b4 = madd(r4, right, b4);
    b5 = madd(r5, right, b5);
    b6 = madd(r6, right, b6);
    b7 = madd(r7, right, b7);
  }
  put(to, a0, b0, adds);
  put((to += stride), a1, b1, adds);
  put((to += stride), a2, b2, adds);
  put((to += stride), a3, b3, adds);
  put((to += stride), a4, b4, adds);
  put((to += stride), a5, b5, adds);
  put((to += stride), a6, b6, adds);
  put(to + stride, a7, b7, adds);
}
