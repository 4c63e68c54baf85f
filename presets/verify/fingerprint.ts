/**
 * Fingerprints: the shape, sums and some values of an array, enough to recognise it.
 */
import type { HostArray, Shape } from '../../lib/data/array.js';
import { toFloat32 } from '../../lib/data/array.js';
import { sameShape, showShape } from '../../lib/data/shape.js';

export interface Fingerprint {
  readonly shape: Shape;
  readonly sum: number;
  readonly abs_sum: number;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

/** Sums in float64, and the values at both ends. */
export const fingerprint = (leaf: HostArray): Fingerprint => {
  const values = toFloat32(leaf);
  let sum = 0;
  let absSum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i];
    absSum += Math.abs(values[i]);
  }
  return {
    shape: leaf.shape,
    sum,
    abs_sum: absSum,
    first: [...values.slice(0, 4)],
    last: [...values.slice(-4)],
  };
};

const scratch = new DataView(new ArrayBuffer(4));

/** A float32's place among all float32 numbers, so that differences count units in the last place. */
const place = (x: number): number => {
  scratch.setFloat32(0, x);
  const bits = scratch.getInt32(0);
  return bits < 0 ? -0x80000000 - bits : bits;
};

/** Tells whether two numbers agree within 2 units in the last place, or within 1e-6. */
const sameNumber = (a: number, b: number): boolean =>
  Math.abs(a - b) <= 1e-6 || Math.abs(place(a) - place(b)) <= 2;

/** The difference of two fingerprints in words; undefined if they agree. */
export const fingerprintProblem = (found: Fingerprint, expected: Fingerprint): string | undefined => {
  if (!sameShape(found.shape, expected.shape)) {
    return `shape ${showShape(found.shape)}, expected ${showShape(expected.shape)}`;
  }
  for (const end of ['first', 'last'] as const) {
    const i = expected[end].findIndex((value, i) => !sameNumber(found[end][i], value));
    if (i >= 0) return `${end} value ${i} is ${found[end][i]}, expected ${expected[end][i]}`;
  }
  const away = Math.abs(found.sum - expected.sum);
  if (away <= 1e-6 * expected.abs_sum) return undefined;
  return `sum is ${found.sum}, expected ${expected.sum} (within ${1e-6 * expected.abs_sum})`;
};
