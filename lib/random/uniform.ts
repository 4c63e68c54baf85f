/**
 * Uniform floats: 23 random bits as a float32 in [0, 1), stretched to [min, max). Bernoulli trials, which are
 * uniform draws below a probability, live here too.
 */
import { type HostArray, type Shape, array } from '../data/array.js';
import { drawSize } from './bits.js';
import { fillFloats } from './fill.js';
import { type Key } from './key.js';
import { openDraw } from './openWords.js';

const { fround } = Math;

/** The range of a uniform draw; [0, 1) if not given. */
export interface UniformRange {
  readonly min?: number;
  readonly max?: number;
}

/**
 * Uniform floats in [min, max). Rounding gives max itself now and then where the range is narrow beside it, as in JAX.
 * @returns float32 of `shape`
 * @throws RangeError when min is above max, max - min is not finite in float32, or a dimension is not a count
 * @example uniform(key(0), [3], { min: -1, max: 1 })
 * Source: jax.random.uniform.
 */
export const uniform = (
  key: Key,
  shape: Shape,
  { min = 0, max = 1 }: UniformRange = {},
): HostArray<'float32'> => {
  const size = drawSize(shape);
  const low = fround(min);
  const span = fround(fround(max) - low);
  if (!(span >= 0 && span < Infinity)) {
    throw new RangeError(`uniform: needs min <= max, a finite float32 apart, got [${min}, ${max})`);
  }
  const distribution = { kind: 'uniform', min: low, span } as const;
  const open = openDraw<'float32'>(key, { kind: 'floats', shape, distribution });
  if (open) return open;
  const out = new Float32Array(size);
  fillFloats(key, out, distribution);
  return array(shape, 'float32', out);
};

/**
 * Trials that are true (1) with probability p.
 * @param p in [0, 1]; rounded to float32
 * @returns bool of `shape`
 * @throws RangeError when p is not a number in [0, 1], or a dimension is not a count
 * Source: jax.random.bernoulli.
 */
export const bernoulli = (key: Key, p: number, shape: Shape): HostArray<'bool'> => {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`a probability lies in [0, 1], got ${p}`);
  drawSize(shape);
  const open = openDraw<'bool'>(key, { kind: 'bernoulli', shape, p: fround(p) });
  if (open) return open;
  const { data } = uniform(key, shape);
  const threshold = fround(p);
  const out = new Uint8Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = data[i] < threshold ? 1 : 0;
  return array(shape, 'bool', out);
};
