/**
 * From the data of a pickle to named arrays: flat, with a path for each, or Haiku's tree of modules and leaves.
 *
 * Python's numbers become arrays of shape [] as `jnp.asarray` makes them (int32 or float32; a float without a
 * fraction counts as an integer), and None is nothing, as in JAX's trees.
 */
import type * as E from 'fp-ts/lib/Either.js';
import type { HostArray } from '../data/array.js';
import { array } from '../data/array.js';
import type { Tree } from '../data/tree.js';
import type { CheckpointError, TreeProblem } from './error.js';
import { attempt, refuse } from './error.js';
import { FileArray } from './fileArray.js';
import type { PickleContainer, PickleObject, PickleValue } from './pickleValue.js';
import { describe, isContainer } from './pickleValue.js';

/** Every array of a value under its path: keys, and positions in lists and tuples, joined by dots. */
export const flattenValue = (value: PickleValue): E.Either<CheckpointError, ReadonlyMap<string, HostArray>> =>
  attempt(() => readArrays(value));

/** `flattenValue` for the inside of an `attempt`; `at` is where the value is. */
export const readArrays = (
  value: PickleValue,
  at: readonly string[] = [],
): ReadonlyMap<string, HostArray> => {
  const arrays = new Map<string, HostArray>();
  collect(value, (path, leaf) => put(arrays, path.join('.'), leaf), at);
  return arrays;
};

/**
 * Haiku's tree: modules, then leaves. A module within a module has a path of its own, `outer/inner`, as Haiku spells
 * it, and so have lists and tuples of modules.
 */
export const valueToTree = (value: PickleValue): E.Either<CheckpointError, Tree<HostArray>> =>
  attempt(() => readTree(value));

/**
 * `valueToTree` for the inside of an `attempt`.
 * @param at    the place of the value in its file
 * @param note  called with the place of every leaf that is None
 */
export const readTree = (
  value: PickleValue,
  at: readonly string[] = [],
  note: (place: string) => void = () => undefined,
): Tree<HostArray> => {
  const modules = new Map<string, Map<string, HostArray>>();
  if (!isContainer(value) || value.kind !== 'dict') {
    return refuseTree([{ path: at.join('.'), found: describe(value), expected: 'a mapping of modules' }]);
  }
  const leavesOf = (module: string): Map<string, HostArray> => {
    const leaves = modules.get(module) ?? new Map<string, HostArray>();
    modules.set(module, leaves);
    return leaves;
  };
  const take: Take = (path, leaf) =>
    path.length < 2
      ? 'a module, a mapping of leaves'
      : put(leavesOf(path.slice(0, -1).join('/')), path.at(-1) as string, leaf);
  const empty = (path: readonly string[]): unknown => path.length === 1 && leavesOf(path[0]);
  collect(value, take, at, empty, (path) => note([...at, ...path].join('.')));
  return record(modules, (leaves) => record(leaves, (leaf) => leaf));
};

const record = <A, B>(map: ReadonlyMap<string, A>, f: (a: A) => B): { [key: string]: B } =>
  Object.fromEntries(Array.from(map, ([key, a]) => [key, f(a)]));

/** Refuses with what does not fit a tree, as much of it as a person reads. */
export const refuseTree = (problems: readonly TreeProblem[]): never =>
  refuse({
    kind: 'tree',
    problems: problems
      .slice(0, mostProblems)
      .map((problem) => ({ ...problem, path: problem.path.slice(0, longestPath) })),
  });

/** Takes a leaf, or says what it would have taken. */
type Take = (path: readonly string[], leaf: HostArray) => string | undefined;

const put = (arrays: Map<string, HostArray>, name: string, leaf: HostArray): string | undefined => {
  if (arrays.has(name)) return 'one array of this name';
  arrays.set(name, leaf);
  return undefined;
};

const mostProblems = 100;
const longestPath = 1000;
/** Arrays of a tree, each of which takes a few hundred bytes to say where a number is. */
const mostLeaves = 1 << 16;
/** Values that a tree is searched in, containers and absent leaves counted too. */
const mostParts = 1 << 18;
/** Characters of all paths together: names that are long and often used would outgrow the file. */
const longestPaths = 1 << 26;

/** Hands every leaf to `take` with its path, and every empty container to `empty`; refuses with all else. */
const collect = (
  root: PickleValue,
  take: Take,
  at: readonly string[] = [],
  empty: (path: readonly string[]) => unknown = () => undefined,
  nothing: (path: readonly string[]) => void = () => undefined,
): void => {
  const problems: TreeProblem[] = [];
  let [characters, leaves, parts] = [0, 0, 0];
  const report = (path: readonly string[], value: PickleValue, expected: string): void => {
    problems.push({
      path: [...at, ...path].join('.').slice(0, longestPath),
      found: describe(value),
      expected,
    });
    if (problems.length === mostProblems) refuseTree(problems);
  };
  const tooMany = (found: string) => refuseTree([{ path: '', found, expected: 'a model' }]);
  const walk = (path: readonly string[], value: PickleValue): void => {
    if (++parts > mostParts) tooMany(`more than ${mostParts} values`);
    if (value === null) return nothing(path);
    if (isContainer(value) && value.kind !== 'set' && value.kind !== 'object') {
      let isEmpty = true;
      for (const [key, child] of entriesOf(value)) {
        isEmpty = false;
        if (isName(key)) walk([...path, String(key)], child);
        else report(path, key, 'names for keys');
      }
      if (isEmpty) empty(path);
      return;
    }
    if (++leaves > mostLeaves) tooMany(`more than ${mostLeaves} arrays and numbers`);
    characters += path.reduce((sum, name) => sum + name.length + 1, 0);
    if (characters > longestPaths)
      refuseTree([{ path: '', found: 'names that are too long', expected: 'shorter ones' }]);
    const leaf = asArray(value);
    const expected = leaf ? take(path, leaf) : expectedFor(value);
    if (expected !== undefined) report(path, value, expected);
  };
  walk([], root);
  if (problems.length > 0) refuseTree(problems);
};

/** Arrays of elements that no array here has can be cast by the program that wrote them. */
const expectedFor = (value: PickleValue): string => {
  const name = typeof value === 'object' && value?.kind === 'object' ? value.name : '';
  if (name.startsWith('numpy.ndarray of '))
    return 'an array of numbers; cast it before it is saved: x.astype("float32")';
  return name.startsWith('torch.Tensor of ')
    ? 'elements that arrays here have; convert it before it is saved: tensor.float()'
    : 'an array or a mapping of arrays';
};

const isName = (key: PickleValue): boolean =>
  typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint';

const entriesOf = (
  value: Exclude<PickleContainer, PickleObject>,
): Iterable<readonly [PickleValue, PickleValue]> => {
  if (value.kind === 'dict') return value.entries;
  return (value.kind === 'namedTuple' ? value.fields : value.items).entries();
};

const asArray = (value: PickleValue): HostArray | undefined => {
  if (value instanceof FileArray) return value;
  if (typeof value === 'boolean') return array([], 'bool', Uint8Array.of(Number(value)));
  if (typeof value !== 'number') return undefined;
  return Number.isInteger(value) && (value | 0) === value
    ? array([], 'int32', Int32Array.of(value))
    : array([], 'float32', Float32Array.of(value));
};
