/**
 * Normal and truncated normal floats: uniform draws through the inverse error function. Both can be scaled and
 * shifted as they are written, which spares initializers a pass over large parameters.
 */
import { type HostArray, type Shape, array } from '../data/array.js';
import { drawSize } from './bits.js';
import type { Normal } from './distribution.js';
import { erf } from './erf.js';
import { fillFloats } from './fill.js';
import { type Key } from './key.js';
import { openDraw } from './openWords.js';

const { fround } = Math;
const SQRT2 = fround(Math.SQRT2);

/** The float32 after -1. */
const AFTER_MINUS_ONE = fround(-1 + 2 ** -24);

/** The map of a standard draw z: stddev·z + mean, rounded to float32 after each operation. */
export interface Affine {
  readonly stddev?: number;
  readonly mean?: number;
}

const rounded = ({ stddev = 1, mean = 0 }: Affine) => ({ scale: fround(stddev), shift: fround(mean) });

/** The float32 next to x, upward (1) or downward (-1). */
const nextFloat = (x: number, direction: 1 | -1): number => {
  if (x === 0) return direction * 2 ** -149;
  if (x === direction * Infinity) return x;
  const value = new Float32Array([x]);
  new Int32Array(value.buffer)[0] += x > 0 ? direction : -direction;
  return value[0];
};

const drawn = (key: Key, shape: Shape, numbers: Omit<Normal, 'kind'>): HostArray<'float32'> => {
  const distribution = { kind: 'normal', ...numbers } as const;
  const size = drawSize(shape);
  const open = openDraw<'float32'>(key, { kind: 'floats', shape, distribution });
  if (open) return open;
  const out = new Float32Array(size);
  fillFloats(key, out, distribution);
  return array(shape, 'float32', out);
};

/**
 * Normal floats.
 * @returns float32 of `shape`; standard normal unless `affine` says otherwise
 * @throws RangeError when a dimension is not a count
 * Source: jax.random.normal.
 */
export const normal = (key: Key, shape: Shape, affine: Affine = {}): HostArray<'float32'> => {
  const [lowest, highest] = [-Infinity, Infinity];
  return drawn(key, shape, { min: AFTER_MINUS_ONE, span: 2, lowest, highest, ...rounded(affine) });
};

/**
 * Normal floats that lie in the open interval (lower, upper), before `affine`.
 * @param lower float32 bound of the standard normal, in standard deviations
 * @param upper float32 bound, above `lower`
 * @returns float32 of `shape`
 * @throws RangeError when lower is not below upper, or a dimension is not a count
 * @example truncatedNormal(key(0), -2, 2, [256, 64], { stddev: 0.02 })
 * Source: jax.random.truncated_normal.
 */
export const truncatedNormal = (
  key: Key,
  lower: number,
  upper: number,
  shape: Shape,
  affine: Affine = {},
): HostArray<'float32'> => {
  const [low, high] = [fround(lower), fround(upper)];
  if (!(low < high)) throw new RangeError(`truncation needs lower < upper, got (${lower}, ${upper})`);
  const min = erf(fround(low / SQRT2));
  const span = fround(erf(fround(high / SQRT2)) - min);
  const [lowest, highest] = [nextFloat(low, 1), nextFloat(high, -1)];
  return drawn(key, shape, { min, span, lowest, highest, ...rounded(affine) });
};
