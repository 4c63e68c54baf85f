/**
 * Trees of arguments as JAX has them: tuples, lists and dicts of leaves. Leaves stand in JAX's order, in which the keys of
 * dicts are sorted.
 */
import { isRecord } from '../data/nest.js';

export type PyTree =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'none' }
  | { readonly kind: 'tuple' | 'list'; readonly children: readonly PyTree[] }
  | { readonly kind: 'dict'; readonly names: readonly string[]; readonly children: readonly PyTree[] };

/** A nest as a tree, with its leaves in the tree's order. */
export interface Flat<L> {
  readonly tree: PyTree;
  readonly leaves: readonly L[];
}

/** Python's order of strings: by code points. */
const byCodePoints = (a: string, b: string): number => {
  const [left, right] = [[...a], [...b]];
  const at = left.findIndex((char, i) => char !== right[i]);
  if (at < 0) return left.length - right.length;
  return (left[at].codePointAt(0) as number) - (right[at]?.codePointAt(0) ?? -1);
};

/** A tuple of trees. */
export const tupleOf = <L>(parts: readonly Flat<L>[]): Flat<L> => ({
  tree: { kind: 'tuple', children: parts.map(({ tree }) => tree) },
  leaves: parts.flatMap(({ leaves }) => leaves),
});

/** A nest as a tree: records are dicts, lists are lists, and values that are neither leaves nor containers are None. */
export const pyTreeOf = <L>(nest: unknown, isLeaf: (part: unknown) => part is L): Flat<L> => {
  if (isLeaf(nest)) return { tree: { kind: 'leaf' }, leaves: [nest] };
  if (Array.isArray(nest)) {
    const { tree, leaves } = tupleOf(nest.map((part) => pyTreeOf(part, isLeaf)));
    return { tree: { ...tree, kind: 'list' } as PyTree, leaves };
  }
  if (!isRecord(nest)) return { tree: { kind: 'none' }, leaves: [] };
  const names = Object.keys(nest)
    .filter((name) => nest[name] !== undefined)
    .sort(byCodePoints);
  const parts = names.map((name) => pyTreeOf(nest[name], isLeaf));
  return {
    tree: { kind: 'dict', names, children: parts.map(({ tree }) => tree) },
    leaves: parts.flatMap(({ leaves }) => leaves),
  };
};
