/**
 * Comparison of a computed array with a stored one: |a − b| ≤ tolerance · (1 + max|b|), b the stored one; integers are
 * equal. What is compared is reported as a check, passed or not, with the error in units of that bound's right side.
 */
import { type HostArray, type Shape, toFloat32 } from '../../lib/data/array.js';
import { flatten, type Tree } from '../../lib/data/tree.js';

/** One thing that was compared. */
export interface Check {
  /** The array's name in the `.npz`. */
  readonly array: string;
  /** max|a − b| / (1 + max|b|); Infinity where arrays cannot be compared. */
  readonly error: number;
  readonly tolerance: number;
  /** The problem, where it is no matter of size. */
  readonly problem?: string;
}

export const passes = ({ error, tolerance }: Check): boolean => error <= tolerance;

/** A check that fails whatever the tolerance. */
export const failing = (array: string, problem: string): Check => ({
  array,
  error: Infinity,
  tolerance: 0,
  problem,
});

const isInteger = ({ dtype }: HostArray): boolean => /^(u?int|bool)/.test(dtype);

/** Integers of any width as numbers that hold them. */
const integers = ({ data }: HostArray): Float64Array => Float64Array.from(data as Int32Array, Number);

/** The largest magnitude among some numbers. */
export const largest = (values: ArrayLike<number>): number => {
  let max = 0;
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]) > max) max = Math.abs(values[i]);
  return max;
};

const distance = (a: number, b: number): number => {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  const between = Math.abs(a - b);
  return Number.isNaN(between) ? Infinity : between;
};

/** max|a − b| / (1 + max|b|); a NaN where there should be none is infinitely far. */
export const relativeError = (found: ArrayLike<number>, stored: ArrayLike<number>): number => {
  let max = 0;
  for (let i = 0; i < stored.length; i++) max = Math.max(max, distance(found[i], stored[i]));
  return max / (1 + largest(stored));
};

const shown = ({ shape, dtype }: HostArray): string => `${dtype} [${shape.join(', ')}]`;

/** Holds one array to another. */
export const compare = (array: string, found: HostArray, stored: HostArray, tolerance: number): Check => {
  const isSame =
    found.shape.length === stored.shape.length && found.shape.every((n, i) => n === stored.shape[i]);
  if (!isSame || isInteger(found) !== isInteger(stored))
    return failing(array, `${shown(found)}, expected ${shown(stored)}`);
  const [a, b] = isInteger(stored) ? [found, stored].map(integers) : [found, stored].map(toFloat32);
  return { array, error: relativeError(a, b), tolerance: isInteger(stored) ? 0 : tolerance };
};

/** Float32 in an order in which neighbours differ by 1. */
const ordered = (values: Float32Array): Int32Array =>
  new Int32Array(values.slice().buffer).map((bits) => (bits < 0 ? -2147483648 - bits : bits));

/** Largest error of a normal draw that is more than 2 ulp off. */
const drawTolerance = 1e-6;

/** Holds draws from a normal distribution to stored ones: each within 2 ulp or 1e-6. */
export const compareDraws = (array: string, found: HostArray, stored: HostArray): Check => {
  const check = compare(array, found, stored, drawTolerance);
  if (check.problem) return check;
  const [a, b] = [toFloat32(found), toFloat32(stored)];
  const [orderA, orderB] = [ordered(a), ordered(b)];
  let error = 0;
  for (let i = 0; i < b.length; i++)
    if (!(Math.abs(orderA[i] - orderB[i]) <= 2)) error = Math.max(error, distance(a[i], b[i]));
  return { array, error, tolerance: drawTolerance };
};

/** Holds a shape to a stored array's. */
export const compareShapes = (array: string, found: { readonly shape: Shape }, stored: HostArray): Check =>
  String(found.shape) === String(stored.shape)
    ? { array, error: 0, tolerance: 0 }
    : failing(array, `shape [${found.shape.join(', ')}], expected [${stored.shape.join(', ')}]`);

/** Holds a tree to another: the same leaves, and each as `check` says. */
export const compareTrees = <A>(
  prefix: string,
  found: Tree<A>,
  stored: Tree<HostArray>,
  check: (array: string, found: A, stored: HostArray) => Check,
): Check[] => {
  const made = new Map(flatten(found));
  const expected = new Map(flatten(stored));
  const missing = [...expected.keys()].filter((path) => !made.has(path));
  const unexpected = [...made.keys()].filter((path) => !expected.has(path));
  return [
    ...missing.map((path) => failing(`${prefix}/${path}`, 'there is none')),
    ...unexpected.map((path) => failing(`${prefix}/${path}`, 'should not be there')),
    ...[...expected].flatMap(([path, leaf]) => {
      const own = made.get(path);
      return own !== undefined ? [check(`${prefix}/${path}`, own, leaf)] : [];
    }),
  ];
};
