/**
 * The difference of two trees of arrays: leaves that only one of them has, leaves of different shapes or element types,
 * and the largest difference of values of the other leaves.
 */
import { type DType, type HostArray, type Shape, toFloat32 } from './array.js';
import { sameShape, showShape } from './shape.js';
import { flatten, type Tree } from './tree.js';

/** The shape and element type of a leaf. */
export interface Kind {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Two leaves of one path whose shapes or element types differ. */
export interface KindDifference {
  readonly path: string;
  readonly first: Kind;
  readonly second: Kind;
}

/** Two leaves of one kind whose values differ. */
export interface ValueDifference {
  readonly path: string;
  /** The largest |first − second|; NaN when only one of them is NaN somewhere. */
  readonly max: number;
}

export interface Difference {
  /** Paths that only the first tree has. */
  readonly missing: readonly string[];
  /** Paths that only the second tree has. */
  readonly extra: readonly string[];
  readonly kinds: readonly KindDifference[];
  /** Leaves whose values differ at all, the largest difference first. */
  readonly values: readonly ValueDifference[];
}

const kindOf = ({ shape, dtype }: HostArray): Kind => ({ shape, dtype });

const isSameKind = (a: HostArray, b: HostArray): boolean =>
  a.dtype === b.dtype && sameShape(a.shape, b.shape);

/** The distance of two elements; 0 for equal infinities and for two NaNs, exact for 64-bit integers. */
const distance = <N extends number | bigint>(a: N, b: N): number => {
  if (Object.is(a, b) || a === b) return 0;
  return Math.abs(Number(typeof a === 'bigint' ? a - (b as bigint) : (a as number) - (b as number)));
};

/** The elements as numbers: 16-bit floats, which are held as bits, become float32. */
const elements = (leaf: HostArray) =>
  leaf.dtype === 'float16' || leaf.dtype === 'bfloat16' ? toFloat32(leaf) : leaf.data;

/** The largest |a − b| of two arrays of one kind; NaN when only one of them is NaN somewhere. */
export const largestDifference = (a: HostArray, b: HostArray): number => {
  const [left, right] = [elements(a), elements(b)];
  let max = 0;
  for (let i = 0; i < left.length; i++) {
    const far = distance(left[i], right[i]);
    if (Number.isNaN(far)) return NaN;
    if (far > max) max = far;
  }
  return max;
};

/** The order of differences: NaN first, then the largest. */
const byDistance = (a: ValueDifference, b: ValueDifference): number =>
  Number(Number.isNaN(b.max)) - Number(Number.isNaN(a.max)) || b.max - a.max;

/**
 * The difference of two trees.
 * @example isEqual(difference(model.init(key(42), x), (await readCheckpoint(file)()).params))
 */
export const difference = (first: Tree<HostArray>, second: Tree<HostArray>): Difference => {
  const theirs = new Map(flatten(second));
  const ours = new Map(flatten(first));
  const shared = [...ours].flatMap(([path, a]) => {
    const b = theirs.get(path);
    return b ? [{ path, a, b }] : [];
  });
  return {
    missing: [...ours.keys()].filter((path) => !theirs.has(path)),
    extra: [...theirs.keys()].filter((path) => !ours.has(path)),
    kinds: shared
      .filter(({ a, b }) => !isSameKind(a, b))
      .map(({ path, a, b }) => ({ path, first: kindOf(a), second: kindOf(b) })),
    values: shared
      .filter(({ a, b }) => isSameKind(a, b))
      .map(({ path, a, b }) => ({ path, max: largestDifference(a, b) }))
      .filter(({ max }) => max !== 0)
      .sort(byDistance),
  };
};

/** Tells whether two trees have the same leaves with the same values. */
export const isEqual = ({ missing, extra, kinds, values }: Difference): boolean =>
  missing.length + extra.length + kinds.length + values.length === 0;

const showKind = ({ shape, dtype }: Kind): string => `${dtype} ${showShape(shape)}`;

/** A difference as text, one line for each leaf; empty if there is none. */
export const showDifference = ({ missing, extra, kinds, values }: Difference): string =>
  [
    ...missing.map((path) => `${path}: only in the first`),
    ...extra.map((path) => `${path}: only in the second`),
    ...kinds.map(({ path, first, second }) => `${path}: ${showKind(first)}, then ${showKind(second)}`),
    ...values.map(({ path, max }) => `${path}: values differ by up to ${max}`),
  ].join('\n');
