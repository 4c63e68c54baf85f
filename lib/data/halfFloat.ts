/**
 * 16-bit floats from numbers: the nearest one, the even one of two that are as near, infinity for what is too large.
 * Numbers from their bits are beside `HostArray`.
 *
 * Source: IEEE 754-2019, 4.3.1; bfloat16 is the upper half of a float32.
 */

const single = new Float32Array(1);
const bitsOfSingle = new Uint32Array(single.buffer);

/**
 * Bits of a float32 without their last `count`, rounded. `value` is the number before it became a float32: where that
 * lies on the middle between two results, it says which of them is nearer.
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

/** Where a float32's exponent is 0 as a half counts it, and below which halves have no exponent. */
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
