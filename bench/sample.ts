/**
 * A part of the outputs that is small enough to send and large enough to tell whether two engines agree.
 */

/** Of one output: values at even distances, and the largest absolute value of all. */
export interface Sample {
  readonly size: number;
  readonly values: ArrayLike<number>;
  readonly largest: number;
  /** True if every value is a finite number. */
  readonly isFinite: boolean;
}

const most = 4096;

const thin = (values: Float32Array): Float32Array => {
  const step = Math.max(1, Math.floor(values.length / most));
  return Float32Array.from({ length: Math.ceil(values.length / step) }, (_, i) => values[i * step]);
};

/** A part of an output. */
export const sampleOf = (output: Float32Array): Sample => {
  let [largest, isFinite] = [0, true];
  for (let i = 0; i < output.length; i++) {
    const size = Math.abs(output[i]);
    if (size > largest) largest = size;
    if (!Number.isFinite(size)) isFinite = false;
  }
  return { size: output.length, values: thin(output), largest, isFinite };
};

/** Outputs whose values are this much smaller than the largest of all are compared with that: rounding is all they are. */
const negligible = 1e-4;

const differenceOfOne = (found: Sample, expected: Sample, scale: number): number => {
  if (found.size !== expected.size || !found.isFinite || !expected.isFinite) return Infinity;
  let difference = 0;
  for (let i = 0; i < found.values.length; i++)
    difference = Math.max(difference, Math.abs(found.values[i] - expected.values[i]));
  return difference / (Math.max(expected.largest, negligible * scale) || 1);
};

/**
 * Largest difference relative to each output's largest value; infinite where outputs differ in number or size, or a value
 * is no number.
 */
export const differenceOf = (found: readonly Sample[], expected: readonly Sample[]): number => {
  if (found.length !== expected.length) return Infinity;
  const scale = Math.max(0, ...expected.map(({ largest }) => largest));
  return Math.max(0, ...found.map((sample, i) => differenceOfOne(sample, expected[i], scale)));
};
