/**
 * A part of the outputs that is small enough to send and large enough to tell whether two engines agree.
 */

/** Values at even distances, and the largest absolute value of all. */
export interface Sample {
  readonly sizes: readonly number[];
  readonly values: Float32Array;
  readonly largest: number;
  /** Whether every value is a finite number. */
  readonly isFinite: boolean;
}

const most = 4096;

const thin = (values: Float32Array): Float32Array => {
  const step = Math.max(1, Math.floor(values.length / most));
  return Float32Array.from({ length: Math.ceil(values.length / step) }, (_, i) => values[i * step]);
};

export const sampleOf = (outputs: readonly Float32Array[]): Sample => {
  let [largest, isFinite] = [0, true];
  for (const values of outputs) {
    for (let i = 0; i < values.length; i++) {
      const size = Math.abs(values[i]);
      if (size > largest) largest = size;
      if (!Number.isFinite(size)) isFinite = false;
    }
  }
  const parts = outputs.map(thin);
  const values = new Float32Array(parts.reduce((n, part) => n + part.length, 0));
  parts.reduce((at, part) => (values.set(part, at), at + part.length), 0);
  return { sizes: outputs.map(({ length }) => length), values, largest, isFinite };
};

/** Largest difference relative to the reference's largest value; infinite where shapes differ or a value is no number. */
export const differenceOf = (found: Sample, reference: Sample): number => {
  if (found.sizes.join() !== reference.sizes.join() || !found.isFinite || !reference.isFinite)
    return Infinity;
  let difference = 0;
  for (let i = 0; i < found.values.length; i++)
    difference = Math.max(difference, Math.abs(found.values[i] - reference.values[i]));
  return reference.largest === 0 ? difference : difference / reference.largest;
};
