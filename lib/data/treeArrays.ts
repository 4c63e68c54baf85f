/** Trees of arrays: counts and bytes, casts, tables, updated parameters. */
import {
  array,
  bytesPerElement,
  type DType,
  type HostArray,
  type Shape,
  sizeOf,
  toFloat32,
  type TypedArray,
} from './array.js';
import { toBfloat16, toFloat16 } from './halfFloat.js';
import { grouped } from './quantities.js';
import type { Leaf, Params } from './leaf.js';
import { nearest } from './nearest.js';
import { sameShape, showShape } from './shape.js';
import { dataLast, flatten, fold, map, mapWithPath, splitPath, type Tree, zipWith } from './tree.js';

/** A leaf that can be counted: a host array, a tensor or a spec. */
interface Shaped {
  readonly shape: Shape;
  readonly dtype?: string;
}

const bytesOf = ({ shape, dtype = 'float32' }: Shaped): number => {
  if (!Object.hasOwn(bytesPerElement, dtype)) throw new Error(`no size is known for elements of ${dtype}`);
  return sizeOf(shape) * bytesPerElement[dtype as DType];
};

/** Number of elements of all leaves. */
export const count = (tree: Tree<Shaped>): number => fold(tree, 0, (sum, { shape }) => sum + sizeOf(shape));

/** Bytes of all leaves' elements. */
export const bytes = (tree: Tree<Shaped>): number => fold(tree, 0, (sum, leaf) => sum + bytesOf(leaf));

/** Element types that arrays can be cast to. */
export type CastDType = 'float32' | 'float64' | 'float16' | 'bfloat16' | 'int32' | 'uint8' | 'bool';

/** Casts of numbers to elements: the nearest float, toward zero for integers, as NumPy's `astype`. */
const castTo: Readonly<Record<CastDType, (values: ArrayLike<number>) => TypedArray>> = {
  float32: (values) => Float32Array.from(values),
  float64: (values) => Float64Array.from(values),
  float16: (values) => Uint16Array.from(values, toFloat16),
  bfloat16: (values) => Uint16Array.from(values, toBfloat16),
  int32: (values) => Int32Array.from(values),
  uint8: (values) => Uint8Array.from(values),
  bool: (values) => Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)),
};

/** Elements as numbers; a double keeps its precision, 64-bit integers are rounded to doubles. */
const numbers = (leaf: HostArray): ArrayLike<number> => {
  const { dtype } = leaf;
  if (dtype === 'float16' || dtype === 'bfloat16') return toFloat32(leaf);
  const { data } = leaf;
  return data instanceof BigInt64Array || data instanceof BigUint64Array ? Array.from(data, Number) : data;
};

/** The array with elements of another type; the same array if it has that type already. */
export const castArray = <D extends CastDType>(leaf: HostArray, dtype: D): HostArray<D> =>
  leaf.dtype === dtype
    ? (leaf as HostArray<D>)
    : (array(leaf.shape, dtype as CastDType, castTo[dtype](numbers(leaf)) as never) as HostArray<D>);

/**
 * The tree with elements of another type, `float32` if not given; integers take the part before the point. The type
 * `Params` is kept.
 */
export function cast(tree: Params<HostArray>): Params<HostArray<'float32'>>;
export function cast<D extends CastDType>(tree: Params<HostArray>, dtype: D): Params<HostArray<D>>;
export function cast(tree: Tree<HostArray>): Tree<HostArray<'float32'>>;
export function cast<D extends CastDType>(tree: Tree<HostArray>, dtype: D): Tree<HostArray<D>>;
export function cast(tree: Tree<HostArray>, dtype: CastDType = 'float32'): Tree<HostArray> {
  return map(tree, (leaf) => castArray(leaf, dtype));
}

interface Update {
  <A extends Leaf, B, C extends Leaf>(
    params: Params<A>,
    other: Tree<B>,
    f: (leaf: A, other: B, path: string) => C,
  ): Params<C>;
  <A extends Leaf, B, C extends Leaf>(
    other: Tree<B>,
    f: (leaf: A, other: B, path: string) => C,
  ): (params: Params<A>) => Params<C>;
}

/**
 * New parameters from old ones and another tree of the same paths: gradients, updates, moving averages.
 * @throws Error with every path that only one of them has
 * @example update(params, grads, (p, g) => tf.sub(p, tf.mul(g, rate)))
 */
export const update = dataLast(
  3,
  <A extends Leaf, B, C extends Leaf>(
    params: Params<A>,
    other: Tree<B>,
    f: (leaf: A, other: B, path: string) => C,
  ): Params<C> => zipWith<A, B, C>(params, other, f) as Params<C>,
) as Update;

interface Replace {
  <T extends Tree<Shaped>>(tree: T, part: Tree<LeafOf<T>>): T;
  <A extends Shaped>(part: Tree<A>): <T extends Tree<Shaped>>(tree: T) => T;
}

/**
 * The tree with some leaves replaced: a part that was trained apart goes back to its place. Its type stays, so that
 * parameters stay parameters.
 * @throws Error with every path that the tree does not have, and every leaf of another shape
 * @example replace(params, { head: { w, b } })
 */
export const replace = dataLast(2, <T extends Tree<Shaped>>(tree: T, part: Tree<LeafOf<T>>): T => {
  const others = new Map(flatten(part as Tree<Shaped>));
  const known = new Map(flatten(tree as Tree<Shaped>));
  const problems = [...others].flatMap(([path, { shape }]): readonly string[] => {
    const old = known.get(path);
    if (!old) {
      const likely = nearest(path, known.keys());
      return [
        `${path}: found ${showShape(shape)}, expected a path of the tree${likely ? `, such as ${likely}` : ''}`,
      ];
    }
    return sameShape(shape, old.shape)
      ? []
      : [`${path}: found ${showShape(shape)}, expected ${showShape(old.shape)}`];
  });
  if (problems.length > 0) throw new Error(`replace: ${problems.join('; ')}`);
  return mapWithPath(
    tree as Tree<Shaped>,
    (path: string, leaf: Shaped) => others.get(path) ?? leaf,
  ) as unknown as T;
}) as Replace;

/** The type of a tree's leaves. */
type LeafOf<T> = T extends Params ? Leaf : T extends Tree<infer A> ? A : never;

/** Rows as lines, every column as wide as its widest cell; numbers to the right. */
const align = (rows: readonly (readonly string[])[], toRight: readonly boolean[]): string => {
  const widths = toRight.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const cell = (text: string, column: number) =>
    toRight[column] ? text.padStart(widths[column]) : text.padEnd(widths[column]);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
};

/**
 * A tree as a table: module, leaf, shape, element type, elements and bytes, and their sums.
 * @example console.log(table(params));
 */
export const table = (tree: Tree<Shaped>): string => {
  const rows = flatten(tree).map(([path, leaf]) => [
    ...splitPath(path),
    showShape(leaf.shape),
    leaf.dtype ?? 'float32',
    grouped(sizeOf(leaf.shape)),
    grouped(bytesOf(leaf)),
  ]);
  const head = ['module', 'leaf', 'shape', 'dtype', 'count', 'bytes'];
  const sums = [`${rows.length} leaves`, '', '', '', grouped(count(tree)), grouped(bytes(tree))];
  return align([head, ...rows, sums], [false, false, false, false, true, true]);
};
