/** Arrays computed by JAX, from the `.npz` files under test/goldens, and the tolerances of comparisons with them. */
import { readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import { type HostArray, type Shape, array } from '../../../lib/data/array.js';
import { parseNpz, showCheckpointError } from '../../../lib/checkpoint/index.js';
import { type Key, type Mode } from '../../../lib/random/index.js';

/** The arrays of an `.npz` under test/goldens, by name. */
export const readGoldens = (path: string): ReadonlyMap<string, HostArray> => {
  const parsed = parseNpz(readFileSync(`test/goldens/${path}`));
  if (E.isLeft(parsed)) throw new Error(`${path}: ${showCheckpointError(parsed.left)}`);
  return parsed.right;
};

/** Both modes, to run every case in. */
export const MODES: readonly Mode[] = ['partitionable', 'legacy'];

/** The key whose words an array holds. */
export const keyOf = (mode: Mode, { data }: HostArray): Key => ({
  mode,
  words: [Number(data[0]), Number(data[1])],
});

/** The words of keys, as an array of shape [keys, 2] holds them. */
export const wordsOf = (keys: readonly Key[]): HostArray<'uint32'> =>
  array([keys.length, 2], 'uint32', Uint32Array.from(keys.flatMap(({ words }) => words)));

/** Float32 in an order in which neighbours differ by 1. */
const ordered = (values: Float32Array): Int32Array =>
  new Int32Array(values.slice().buffer).map((bits) => (bits < 0 ? -2147483648 - bits : bits));

/** The tolerance of floats against the stored ones: either measure is enough. */
export interface Tolerance {
  readonly ulp: number;
  readonly absolute: number;
}

/** The rule for normal draws. */
export const NORMAL: Tolerance = { ulp: 2, absolute: 1e-6 };

/** The rule for draws through logarithms and for linear algebra, relative to 1 + |expected|. */
export const LOOSE = 1e-5;

const sameShape = (a: Shape, b: Shape): boolean => a.join() === b.join();

/** The first element in which `found` differs from `expected`, in words; undefined if there is none. */
export const unequal = (found: HostArray, expected: HostArray): string | undefined => {
  if (found.dtype !== expected.dtype || !sameShape(found.shape, expected.shape)) {
    return `${found.dtype} [${found.shape.join()}], expected ${expected.dtype} [${expected.shape.join()}]`;
  }
  const [a, b] = [found.data, expected.data];
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return `at ${i}: ${a[i]}, expected ${b[i]}`;
  return undefined;
};

/**
 * The first element of `found` that is not within `tolerance` of `expected`, in words; undefined if there is none.
 */
export const far = (
  found: HostArray<'float32'>,
  expected: HostArray,
  tolerance: Tolerance | number,
): string | undefined => {
  if (expected.dtype !== 'float32' || !sameShape(found.shape, expected.shape))
    return unequal(found, expected);
  const [a, b] = [found.data, expected.data as Float32Array];
  const [orderA, orderB] = [ordered(a), ordered(b)];
  for (let i = 0; i < a.length; i++) {
    const distance = Math.abs(a[i] - b[i]);
    const near =
      typeof tolerance === 'number'
        ? distance <= tolerance * (1 + Math.abs(b[i]))
        : distance <= tolerance.absolute || Math.abs(orderA[i] - orderB[i]) <= tolerance.ulp;
    if (!near) return `at ${i}: ${a[i]}, expected ${b[i]}`;
  }
  return undefined;
};
