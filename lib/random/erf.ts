/**
 * The error function and its inverse in float32, by the approximations that XLA uses, so that normal draws land
 * on JAX's numbers. Each multiply-add is rounded once, as its fused instruction rounds it: a float64 holds the
 * product of two float32 exactly.
 */
import { writeTailExponents } from './logarithm.js';

const { fround } = Math;

/** Coefficients as float32, highest power first. */
const float32s = (...values: number[]): readonly number[] => values.map(fround);

const horner = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, c) => fround(sum * x + c), 0);

const ERF_NUMERATOR = float32s(
  0.00022905065861350646,
  0.0034082910107109506,
  0.050955695062380861,
  0.18520832239976145,
  1.128379143519084,
);

const ERF_DENOMINATOR = float32s(
  -1.1791602954361697e-7,
  0.000023547966471313185,
  0.0010179625278914885,
  0.014070470171167667,
  0.11098505178285362,
  0.49746925110067538,
  1,
);

/** Beyond this the error function is ±1 in float32. */
const ERF_ONE = fround(3.832506856900711);

/**
 * erf(x) for a float32 x: x·P(x²) / Q(x²).
 * @returns float32 in [-1, 1]
 * Source: XLA's float32 erf, whose coefficients are Eigen's.
 */
export const erf = (x: number): number => {
  if (Math.abs(x) >= ERF_ONE) return Math.sign(x);
  const x2 = fround(x * x);
  return fround(fround(x * horner(ERF_NUMERATOR, x2)) / horner(ERF_DENOMINATOR, x2));
};

/** In w - 2.5, highest power first: the numbers of `central` below. */
export const CENTRAL: readonly number[] = [
  2.810226362726098e-8, 3.432739390518691e-7, -0.000003523387704262859, -0.000004391506536194356,
  0.00021858086984138936, -0.001253725029528141, -0.004177681636065245, 0.24664072692394257,
  1.5014094114303589,
];

/** In √w - 3, highest power first. Source: Giles 2010, "Approximating the erfinv function", table 5. */
export const TAIL = float32s(
  -0.000200214257,
  0.000100950558,
  0.00134934322,
  -0.00367342844,
  0.00573950773,
  -0.0076224613,
  0.00943887047,
  1.00167406,
  2.83297682,
);

/** The inverse where w = -ln(1 - x²) ≥ 5, that is |x| > 0.9966. */
const tail = (x: number, w: number): number =>
  Math.abs(x) === 1 ? x * Infinity : fround(horner(TAIL, fround(fround(Math.sqrt(w)) - 3)) * x);

/**
 * The inverse where w < 5: a polynomial in w - 2.5, times x. Nearly every draw comes here, and with the coefficients
 * (float32 numbers, in full) as literals it takes half the time that reading them from an array takes.
 * Source: as `TAIL`.
 */
const central = (x: number, w: number): number => {
  const y = fround(w - 2.5);
  let sum = fround(2.810226362726098e-8 * y + 3.432739390518691e-7);
  sum = fround(sum * y - 0.000003523387704262859);
  sum = fround(sum * y - 0.000004391506536194356);
  sum = fround(sum * y + 0.00021858086984138936);
  sum = fround(sum * y - 0.001253725029528141);
  sum = fround(sum * y - 0.004177681636065245);
  sum = fround(sum * y + 0.24664072692394257);
  sum = fround(sum * y + 1.5014094114303589);
  return fround(sum * x);
};

/** Elements worked on at once, and their w; overwritten by every call. */
const BLOCK = 2048;
const w = new Float32Array(BLOCK);

/**
 * Replaces x by erf⁻¹(x) in values[from..to).
 * @param values float32 in [-1, 1]; ±1 gives ±Infinity
 * Source: XLA's float32 erf_inv.
 */
export const erfInvInPlace = (values: Float32Array, from: number, to: number): void => {
  for (let start = from; start < to; start += BLOCK) {
    const count = Math.min(BLOCK, to - start);
    writeTailExponents(values, start, count, w);
    for (let i = 0; i < count; i++) {
      const x = values[start + i];
      values[start + i] = w[i] < 5 ? central(x, w[i]) : tail(x, w[i]);
    }
  }
};
