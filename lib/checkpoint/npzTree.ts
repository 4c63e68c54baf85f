/**
 * Trees as the arrays of an `.npz`: the name is `module/leaf`, the last segment is the leaf. Modules without leaves
 * have no array and so no place in an `.npz`.
 */
import type * as E from 'fp-ts/lib/Either.js';
import type { HostArray } from '../data/array.js';
import type { Tree } from '../data/tree.js';
import type { CheckpointError, TreeProblem } from './error.js';
import { attempt } from './error.js';
import { hasLoneSurrogate } from './jsonReader.js';
import { refuseTree } from './valueTree.js';

/** The arrays of a tree under `module/leaf`, in its order. */
export const treeToNpz = (tree: Tree<HostArray>): E.Either<CheckpointError, ReadonlyMap<string, HostArray>> =>
  attempt(() => namedArrays(tree));

/** The separator between a module and a leaf: Haiku's, or PyTorch's. */
export type Separator = '/' | '.';

/** `treeToNpz` for the inside of an `attempt`; `prefix` goes before every module. */
export const namedArrays = (
  tree: Tree<HostArray>,
  prefix = '',
  separator: Separator = '/',
): ReadonlyMap<string, HostArray> => {
  const problems: TreeProblem[] = [];
  const arrays = new Map<string, HostArray>();
  for (const [module, leaves] of Object.entries(tree)) {
    if (!isModuleName(module, separator))
      problems.push({ path: '', found: `the module name ${JSON.stringify(module)}`, expected: 'a name' });
    for (const [leaf, array] of Object.entries(leaves)) {
      if (!isLeafName(leaf, separator)) {
        problems.push({
          path: `${module}.${leaf}`,
          found: `the leaf name ${JSON.stringify(leaf)}`,
          expected: `a name without "${separator}"`,
        });
      }
      const name = `${module}${separator}${leaf}`;
      const [itsModule, itsLeaf] = splitName(name);
      if (problems.length === 0 && (itsModule !== module || itsLeaf !== leaf)) {
        problems.push({
          path: name,
          found: `the module ${JSON.stringify(module)} with the leaf ${JSON.stringify(leaf)}`,
          expected: `names that are read back as they are; this one is read as ${JSON.stringify(itsModule)} with ${JSON.stringify(itsLeaf)}`,
        });
      }
      arrays.set(prefix + name, array);
    }
  }
  return problems.length > 0 ? refuseTree(problems) : arrays;
};

const isName = (name: string): boolean => name !== '' && name !== '__proto__' && !hasLoneSurrogate(name);

/** A slash would be taken for Haiku's separator. */
const isModuleName = (name: string, separator: Separator): boolean =>
  isName(name) && (separator === '/' || !name.includes('/'));

const isLeafName = (name: string, separator: Separator): boolean =>
  isName(name) && !name.includes('/') && !name.includes(separator);

/** The tree of arrays named `module/leaf`. */
export const npzToTree = (
  arrays: ReadonlyMap<string, HostArray>,
): E.Either<CheckpointError, Tree<HostArray>> => attempt(() => treeOfNames(arrays));

const splitAt = (name: string, place: number): readonly [string, string] => [
  name.slice(0, Math.max(0, place)),
  name.slice(place + 1),
];

/**
 * The module and the leaf that a name of any format stands for. The leaf comes after the last slash: `module/leaf`, or
 * AlphaFold's `module//leaf`. GraphCast's `a:b:leaf` is parted at its colons. Where there is no slash, PyTorch's
 * `module.leaf` is parted at its last dot. A name alone is a leaf of the module `~`, where Haiku puts leaves of no module.
 */
export const splitName = (name: string): readonly [module: string, leaf: string] => {
  const [slash, colon] = [name.lastIndexOf('/'), name.lastIndexOf(':')];
  if (isOfColons(name, slash, colon))
    return [name.slice(0, colon).replaceAll(':', '/'), name.slice(colon + 1)];
  if (slash >= 0) {
    const [module, leaf] = splitAt(name, slash);
    return [module.replace(/\/+$/, ''), leaf];
  }
  return name.includes('.') ? splitAt(name, name.lastIndexOf('.')) : ['~', name];
};

/** Colons part a name if nothing but a leaf comes after the last one; TensorFlow's `w:0` has a number there. */
const isOfColons = (name: string, slash: number, colon: number): boolean => {
  if (colon <= slash || /^\d*$|\./.test(name.slice(colon + 1))) return false;
  const first = name.indexOf('/');
  return first < 0 || name.indexOf(':') < first;
};

/** `npzToTree` for the inside of an `attempt`. */
export const treeOfNames = (arrays: Iterable<readonly [string, HostArray]>): Tree<HostArray> => {
  const problems: TreeProblem[] = [];
  const modules = new Map<string, Map<string, HostArray>>();
  for (const [name, array] of arrays) {
    const [module, leaf] = splitName(name);
    if ([module, leaf].includes('__proto__')) {
      problems.push({ path: name, found: 'an array of this name', expected: 'a name like module/leaf' });
    }
    const leaves = modules.get(module) ?? new Map<string, HostArray>();
    if (leaves.has(leaf))
      problems.push({
        path: name,
        found: 'a second array for this leaf',
        expected: 'one array for each leaf',
      });
    modules.set(module, leaves.set(leaf, array));
  }
  if (problems.length > 0) return refuseTree(problems);
  return Object.fromEntries(Array.from(modules, ([module, leaves]) => [module, Object.fromEntries(leaves)]));
};
