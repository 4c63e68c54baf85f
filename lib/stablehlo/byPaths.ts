/**
 * Packed leaves, such as the moments of an optimizer, as what other programs know them by: trees of arrays, module by
 * module, in arguments and results.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { isPacked, isPlain, mapNest } from '../data/nest.js';
import { flatten, type Tree, unflatten } from '../data/tree.js';
import { type PackAttributes, packRows, unpackRows } from '../engine/index.js';
import { isInput } from '../graph/traceFunction.js';

/** A function with the specs of its arguments. */
export interface Specified {
  readonly f: (...args: readonly unknown[]) => unknown;
  readonly specs: readonly unknown[];
}

/** The places of leaves in a matrix, with their paths. */
interface Layout extends PackAttributes {
  readonly slots: readonly { readonly path: string; readonly shape: readonly number[] }[];
}

/** Leaves side by side in a matrix. */
interface Leaves {
  readonly matrix: Tensor;
  readonly layout: Layout;
  readonly with: (matrix: Tensor) => unknown;
}

const isLeaves = (part: unknown): part is Leaves => isPacked(part) && part.layout !== undefined;

const treeOf = <A>({ slots }: Layout, leaves: readonly A[]): Tree<A> =>
  unflatten(slots.map(({ path }, i) => [path, leaves[i]]));

/** The nest of arrays with packed leaves in the places where the specs have them. */
const packed = (specs: unknown, given: unknown): unknown => {
  if (isLeaves(specs)) {
    const leaves = new Map(flatten(given as Tree<Tensor>));
    const { layout } = specs;
    return specs.with(
      packRows(
        layout.slots.map(({ path }) => leaves.get(path)!),
        layout,
      ),
    );
  }
  if (isInput(specs)) return given;
  if (Array.isArray(specs)) return specs.map((each, i) => packed(each, (given as readonly unknown[])[i]));
  if (!isPlain(specs)) return given;
  const parts = given as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(specs).map(([name, each]) => [name, packed(each, parts[name])]));
};

/** The function of trees in the places of packed leaves. */
export const byPaths = ({ f, specs }: Specified): Specified => ({
  f: (...args) => {
    const result = f(...(packed(specs, args) as readonly unknown[]));
    return mapNest(result, isLeaves, ({ layout, matrix }) => treeOf(layout, unpackRows(matrix, layout)));
  },
  specs: mapNest(specs, isLeaves, ({ layout }) =>
    treeOf(
      layout,
      layout.slots.map(({ shape }) => ({ shape, dtype: 'float32' })),
    ),
  ) as readonly unknown[],
});
