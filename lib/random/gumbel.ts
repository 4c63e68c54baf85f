/** Gumbel floats, the noise that makes an argmax a draw from a categorical distribution. */
import { type HostArray, type Shape } from '../data/array.js';
import { drawSize } from './bits.js';
import { type Key } from './key.js';
import { openDraw } from './openWords.js';
import { uniform } from './uniform.js';

const { fround } = Math;

/** The smallest normal float32, so that no logarithm is of 0. */
export const TINY = 2 ** -126;

/**
 * Standard Gumbel floats: -ln(-ln u), at most about 16.
 * @returns float32 of `shape`
 * @throws RangeError when a dimension is not a count
 * Source: jax.random.gumbel, mode 'low'.
 */
export const gumbel = (key: Key, shape: Shape): HostArray<'float32'> => {
  drawSize(shape);
  const open = openDraw<'float32'>(key, { kind: 'gumbel', shape });
  if (open) return open;
  const drawn = uniform(key, shape, { min: TINY, max: 1 });
  const { data } = drawn;
  for (let i = 0; i < data.length; i++) data[i] = -Math.log(-fround(Math.log(data[i])));
  return drawn;
};
