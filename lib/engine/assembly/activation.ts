/** Activations, four floats at once, by number. */
import { exp4, madd } from './simd';

export const noActivation: i32 = 0;
export const geluTanh: i32 = 1;

/** x / 2 · (1 + tanh u) is x / (1 + e to the −2u); u = √(2/π)·(x + 0.044715·x³). */
@inline export function geluTanh4(x: v128): v128 {
  const square = f32x4.mul(x, x);
  const inner = madd(square, f32x4.splat(-0.0713548162726), f32x4.splat(-1.59576912161));
  return f32x4.div(x, f32x4.add(f32x4.splat(1), exp4(f32x4.mul(x, inner))));
}

@inline export function activate(activation: i32, x: v128): v128 {
  return activation == geluTanh ? geluTanh4(x) : x;
}
