/**
 * 16-bit floats from numbers: the nearest one, the even one of a tie, infinity for numbers that are too large. The
 * opposite direction, numbers from bits, is in `array.ts`.
 *
 * Source: IEEE 754-2019, 4.3.1; bfloat16 is the upper half of a float32.
 */

const single = new Float32Array(1);
const bitsOfSingle = new Uint32Array(single.buffer);

/**
 * Bits of a float32 without their last `count`, rounded. `value` is the number before it became a float32: it breaks
 * the tie when the float32 lies in the middle between two results.
 */
const rounded = (bits: number, count: number, value: number): number => {
  const kept = bits >>> count;
  const rest = bits & (2 ** count - 1);
  const middle = 2 ** (count - 1);
  if (rest !== middle) return rest > middle ? kept + 1 : kept;
  const [exact, near] = [Math.abs(value), Math.abs(single[0])];
  if (exact !== near) return exact > near ? kept + 1 : kept;
  return kept + (kept & 1);
};

/** The bits of the bfloat16 nearest to a number. */
export const toBfloat16 = (value: number): number => {
  if (Number.isNaN(value)) return 0x7fc0;
  single[0] = value;
  const bits = bitsOfSingle[0];
  return ((bits >>> 16) & 0x8000) | rounded(bits & 0x7fffffff, 16, value);
};

/** The float32 exponent of the smallest normal half; smaller halves are subnormal. */
const [bias, smallest] = [112, 113];

/** The bits of the IEEE half (float16) nearest to a number. */
export const toFloat16 = (value: number): number => {
  if (Number.isNaN(value)) return 0x7e00;
  single[0] = value;
  const bits = bitsOfSingle[0] & 0x7fffffff;
  const sign = (bitsOfSingle[0] >>> 16) & 0x8000;
  const exponent = bits >>> 23;
  if (exponent >= smallest) return sign | Math.min(0x7c00, rounded(bits - bias * 2 ** 23, 13, value));
  const shift = 13 + smallest - exponent;
  return shift > 24 ? sign : sign | rounded((bits & 0x7fffff) | 0x800000, shift, value);
};
