/**
 * The operations that the benchmark's programs are written in. Each engine that the library is compared with gives its
 * own; a program is then the same computation everywhere. The library itself runs its presets and layers instead.
 */

export type Shape = readonly number[];

/** A grid of positions and the frequencies of their Fourier features. */
export interface Fourier {
  readonly indexDims: Shape;
  readonly maxResolution: Shape;
  readonly numBands: number;
  /** Points of the grid, row-major; all of it, with both ends at ±1, if not given. */
  readonly points?: { readonly first: number; readonly count: number };
}

/**
 * Operations on an engine's own arrays `T`, channels last.
 *
 * Shapes: B batch, T queries, S keys, H heads, D query head width, E value head width, C channels.
 */
export interface Ops<T> {
  /** A trained array; the same values for the same name, in every engine. */
  readonly param: (path: string, leaf: string, shape: Shape) => T;
  /** Frees what was made inside, but for the result, where the engine has to be told. */
  readonly scope: (work: () => T) => T;
  readonly shapeOf: (x: T) => Shape;
  /** One size may be −1: what is left. */
  readonly reshape: (x: T, shape: Shape) => T;
  readonly transpose: (x: T, permutation: readonly number[]) => T;
  readonly concat: (xs: readonly T[], axis: number) => T;
  /** Some of an axis. */
  readonly slice: (x: T, axis: number, start: number, size: number) => T;
  /** As many zeros before and after each axis. */
  readonly pad: (x: T, each: readonly number[]) => T;
  /** The same along axes of size 1, to this shape. */
  readonly broadcast: (x: T, shape: Shape) => T;
  readonly add: (a: T, b: T) => T;
  readonly sub: (a: T, b: T) => T;
  readonly mul: (a: T, b: T) => T;
  readonly scale: (x: T, by: number) => T;
  readonly exp: (x: T) => T;
  readonly erf: (x: T) => T;
  readonly relu: (x: T) => T;
  /** 1 / √(x + epsilon). */
  readonly rsqrt: (x: T, epsilon: number) => T;
  /** The tanh form. */
  readonly gelu: (x: T) => T;
  /** x/2 · (1 + erf(x/√2)). */
  readonly geluExact: (x: T) => T;
  /** Over all axes but the last, which keeps its place: [1, …, 1, C]. */
  readonly mean: (x: T) => T;
  /** Over the last axis. */
  readonly softmax: (x: T) => T;
  /** Over the last axis, epsilon 1e-5. */
  readonly layerNorm: (x: T, scale: T, offset: T) => T;
  /** [..., M, K] · [..., K, N], operands transposed where it is said. */
  readonly matMul: (a: T, b: T, transposeA?: boolean, transposeB?: boolean) => T;
  /** x·w + b over the last axis. */
  readonly affine: (x: T, w: T, b?: T) => T;
  /** q [B, T, H, D], k [B, S, H, D], v [B, S, H, E], mask [B, T, S] of zeros and ones, to [B, T, H·E]; `isCausal`
   * says that the mask is a causal one, which engines with causal attention need not read. */
  readonly attend: (q: T, k: T, v: T, mask?: T, isCausal?: boolean) => T;
  /** Rows of a table [V, C] at ids [...] int32. */
  readonly lookUp: (table: T, ids: T) => T;
  /** SAME, x [B, H, W, C], w [kh, kw, C, D]. */
  readonly conv2d: (x: T, w: T, stride: number) => T;
  /** SAME, 3 × 3. */
  readonly maxPool: (x: T, stride: number) => T;
  /** [points, channels]; no parameters. */
  readonly fourier: (features: Fourier) => T;
}

/** A computation of some inputs; outputs in an order of its own. */
export type Program = <T>(ops: Ops<T>, inputs: readonly T[]) => readonly T[];

export const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** A shape with what is left in the place of −1. */
export const fillShape = (size: number, shape: Shape): Shape => {
  const known = shape.reduce((product, n) => (n < 0 ? product : product * n), 1);
  return shape.map((n) => (n < 0 ? size / known : n));
};
