/**
 * A parameter tree as people look through it: modules in modules, each with what all its leaves come to.
 */
import { sum } from '../data/lists.js';
import type { LeafDoc } from './document.js';

export interface LeafBranch {
  /** The path below the branch around this one: `cross_attention`, `attention/linear`. */
  readonly label: string;
  readonly path: string;
  /** Its own. */
  readonly leaves: readonly LeafDoc[];
  readonly inner: readonly LeafBranch[];
  /** Elements of all leaves in it. */
  readonly count: number;
  readonly share: number;
}

/** A path's names; a `~`, which marks what a constructor or a method declares, stays with what it declares. */
const namesOf = (module: string): string[] => {
  const names: string[] = [];
  let marks = '';
  for (const part of module.split('/')) {
    if (part.startsWith('~')) marks += `${part}/`;
    else {
      names.push(marks + part);
      marks = '';
    }
  }
  return marks ? [...names, marks.replace(/\/$/, '')] : names;
};

const branch = (label: string, path: string, leaves: readonly LeafDoc[], depth: number): LeafBranch => {
  const own: LeafDoc[] = [];
  const deeper = new Map<string, LeafDoc[]>();
  for (const leaf of leaves) {
    const name = namesOf(leaf.module)[depth];
    if (name === undefined) own.push(leaf);
    else deeper.set(name, [...(deeper.get(name) ?? []), leaf]);
  }
  const inner = [...deeper].map(([name, its]) =>
    branch(name, path ? `${path}/${name}` : name, its, depth + 1),
  );
  const count = sum(leaves, (leaf) => leaf.count);
  const share = sum(leaves, (leaf) => leaf.share);
  const [only] = inner;
  return own.length === 0 && inner.length === 1 && label
    ? { ...only, label: `${label}/${only.label}` }
    : { label, path, leaves: own, inner, count, share };
};

/** The tree of all leaves. */
export const leafTree = (leaves: readonly LeafDoc[]): LeafBranch => branch('', '', leaves, 0);
