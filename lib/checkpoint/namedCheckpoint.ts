/**
 * Checkpoints in formats that hold named arrays and nothing else: parameters as `module/leaf`, or, where there is
 * state, `params/module/leaf` and `state/module/leaf`.
 */
import type { HostArray } from '../data/array.js';
import type { Tree } from '../data/tree.js';
import { FileArray } from './fileArray.js';
import { namedArrays, type Separator, splitName, treeOfNames } from './npzTree.js';
import { isDict, type Saved, savedInValue, type Trees } from './pickleCheckpoint.js';
import { describe, type PickleValue } from './pickleValue.js';
import { refuseTree } from './valueTree.js';

const prefixes = { params: 'params/', state: 'state/' } as const;

const hasPrefix = (name: string): boolean =>
  name.startsWith(prefixes.params) || name.startsWith(prefixes.state);

/** Parameters and state of named arrays; for the inside of an `attempt`. */
export const treesOfNames = (arrays: ReadonlyMap<string, HostArray>): Trees => {
  const isBare =
    arrays.size === 0 || ![...arrays.keys()].every((name) => hasPrefix(name) && name.split('/').length > 2);
  if (isBare) return { params: treeOfNames(arrays), state: {} };
  return { params: under(arrays, prefixes.params), state: under(arrays, prefixes.state) };
};

const under = (arrays: ReadonlyMap<string, HostArray>, prefix: string): Tree<HostArray> =>
  treeOfNames(
    [...arrays]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, array]) => [name.slice(prefix.length), array]),
  );

/** GraphCast's names, `params:module:leaf`, which are parted before they lose their first part. */
const underOfColons = (arrays: ReadonlyMap<string, HostArray>, part: string): Tree<HostArray> =>
  treeOfNames(
    [...arrays]
      .filter(([name]) => name.startsWith(`${part}:`))
      .map(([name, array]) => {
        const [module, leaf] = splitName(name);
        return [`${module.slice(part.length + 1)}/${leaf}`, array];
      }),
  );

/**
 * The checkpoint of named values, as an `.npz` has them; for the inside of an `attempt`. Python objects are parts of a
 * checkpoint by their names. Texts, and the arrays beside GraphCast's `params:module:leaf`, are its rest.
 */
export const savedByNames = (values: ReadonlyMap<string, PickleValue>): Saved => {
  if ([...values.values()].some(isDict))
    return savedInValue({ kind: 'dict', offset: 0, entries: new Map(values) });
  const arrays = new Map(
    [...values].filter((entry): entry is [string, FileArray] => entry[1] instanceof FileArray),
  );
  const others = [...values].filter(([, value]) => !(value instanceof FileArray));
  const notes = others.map(([name, value]) => `${name} is ${describe(value)} and no array`);
  const isGraphCast = [...arrays.keys()].some((name) => name.startsWith('params:'));
  if (!isGraphCast) return { ...treesOfNames(arrays), rest: new Map(others), notes };
  const isTree = (name: string) => /^(params|state):/.test(name);
  return {
    params: underOfColons(arrays, 'params'),
    state: underOfColons(arrays, 'state'),
    rest: new Map([...values].filter(([name]) => !isTree(name))),
    notes,
  };
};

/**
 * The named arrays that `treesOfNames` reads back; for the inside of an `attempt`. Names of PyTorch's form have no
 * place for state of its own.
 */
export const checkpointArrays = (
  params: Tree<HostArray>,
  state: Tree<HostArray>,
  separator: Separator = '/',
): ReadonlyMap<string, HostArray> => {
  const hasState = Object.keys(state).length > 0;
  if (separator === '.' && hasState)
    refuseTree([
      { path: 'state', found: 'a tree of its own', expected: 'none beside names like module.leaf' },
    ]);
  const isBare = !hasState && !Object.keys(params).some((module) => hasPrefix(`${module}/`));
  if (isBare) return namedArrays(params, '', separator);
  return new Map([...namedArrays(params, prefixes.params), ...namedArrays(state, prefixes.state)]);
};
