/** Numbers that a float type cannot hold: finite ones that became infinite where they were cast. */
import { bytesPerElement } from './array.js';

/** The bits of infinity without the sign, where elements are bits; others are numbers. */
const infinity = { float64: Infinity, float32: Infinity, float16: 0x7c00, bfloat16: 0x7f80 } as const;

/**
 * The first number that a type cannot hold; undefined if it holds all. Infinities and NaN are held.
 * @param cast  the same numbers as elements of `dtype`, those of 16 bits as their bits
 */
export const unheld = (
  numbers: ArrayLike<number>,
  cast: ArrayLike<number>,
  dtype: keyof typeof infinity,
): number | undefined => {
  const isBits = bytesPerElement[dtype] === 2;
  for (let i = 0; i < cast.length; i++) {
    const size = isBits ? cast[i] & 0x7fff : Math.abs(cast[i]);
    if (size === infinity[dtype] && Number.isFinite(numbers[i])) return numbers[i];
  }
  return undefined;
};
