/**
 * Checkpoints in formats that hold named arrays and nothing else: parameters as `module/leaf`, or, where there is
 * state, `params/module/leaf` and `state/module/leaf`.
 */
import type { HostArray } from '../data/array.js';
import type { Tree } from '../data/tree.js';
import { namedArrays, type Separator, type Split, treeOfNames } from './npzTree.js';
import { refuseTree } from './valueTree.js';

const prefixes = { params: 'params/', state: 'state/' } as const;

const hasPrefix = (name: string): boolean =>
  name.startsWith(prefixes.params) || name.startsWith(prefixes.state);

/** The two trees of a checkpoint. */
export interface Trees {
  readonly params: Tree<HostArray>;
  readonly state: Tree<HostArray>;
}

/** Parameters and state of named arrays; for the inside of an `attempt`. */
export const treesOfNames = (arrays: ReadonlyMap<string, HostArray>, split?: Split): Trees => {
  const isBare =
    arrays.size === 0 || ![...arrays.keys()].every((name) => hasPrefix(name) && name.split('/').length > 2);
  if (isBare) return { params: treeOfNames(arrays, split), state: {} };
  const under = (prefix: string) =>
    treeOfNames(
      [...arrays]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, array]) => [name.slice(prefix.length), array]),
    );
  return { params: under(prefixes.params), state: under(prefixes.state) };
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
