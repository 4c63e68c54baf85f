/**
 * The error function and its inverse in float32, by the approximations that XLA uses, so that normal draws land
 * on JAX's numbers. Each multiply-add is rounded once, as its fused instruction rounds it: a float64 holds the
 * product of two float32 exactly.
 */

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

/** In w - 2.5, for w < 5. Source: Giles 2010, "Approximating the erfinv function", table 5. */
const CENTRAL = float32s(
  2.81022636e-8,
  3.43273939e-7,
  -3.5233877e-6,
  -4.39150654e-6,
  0.00021858087,
  -0.00125372503,
  -0.00417768164,
  0.246640727,
  1.50140941,
);

/** In √w - 3, for w ≥ 5. Source: as above. */
const TAIL = float32s(
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
 * Replaces x by erf⁻¹(x) in values[from..to): a polynomial in w = -ln(1 - x²), times x.
 * @param values float32 in [-1, 1]; ±1 gives ±Infinity
 * Source: XLA's float32 erf_inv; Giles 2010.
 */
export const erfInvInPlace = (values: Float32Array, from: number, to: number): void => {
  const [c8, c7, c6, c5, c4, c3, c2, c1, c0] = CENTRAL;
  for (let i = from; i < to; i++) {
    const x = values[i];
    // x² is rounded to float32 before the logarithm, which matters near ±1.
    const w = fround(-Math.log(1 - fround(x * x)));
    if (w < 5) {
      const y = fround(w - 2.5);
      let sum = fround(c8 * y + c7);
      sum = fround(sum * y + c6);
      sum = fround(sum * y + c5);
      sum = fround(sum * y + c4);
      sum = fround(sum * y + c3);
      sum = fround(sum * y + c2);
      sum = fround(sum * y + c1);
      sum = fround(sum * y + c0);
      values[i] = sum * x;
    } else {
      values[i] = tail(x, w);
    }
  }
};
