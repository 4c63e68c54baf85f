/**
 * Frozen leaves: which parameters, which entries of state and which modules a run leaves as they are.
 */
import { flatten, selects, type Selection, splitPath, type Tree } from '../data/tree.js';
import { expectSelected } from './selected.js';

/** The meaning of a selection of frozen paths for one model. */
export interface Frozen {
  /** Parameters that get no gradient, norm, decay or optimizer state. */
  readonly isFrozenParam: (path: string) => boolean;
  /** State entries that keep their values. */
  readonly isFrozenState: (path: string) => boolean;
  /** Modules that compute as in evaluation: frozen ones that have state, such as batch norm. */
  readonly evaluates: (module: string) => boolean;
}

/**
 * Refuses a selection of frozen leaves that selects nothing, or lists paths that are none.
 * @throws RangeError
 */
export const expectFrozen = (freeze: Selection, params: Tree<unknown>, state: Tree<unknown>): void => {
  const paths = [...flatten(params), ...flatten(state)].map(([path]) => path);
  expectSelected('trainStep: freeze', freeze, paths, { each: true });
};

/** The module and the modules around it, innermost first. */
const around = (module: string): readonly string[] => {
  const parts = module.split('/');
  return parts.map((_, i) => parts.slice(0, parts.length - i).join('/'));
};

/**
 * The meaning of a selection: a state entry is frozen where its own path is selected, or every parameter of the
 * nearest module around it that has parameters is.
 */
export const frozenBy = (selection: Selection, params: Tree<unknown>, state: Tree<unknown>): Frozen => {
  const isSelected = selects(selection);
  const modules = new Map<string, boolean>();
  for (const [path] of flatten(params)) {
    const [module] = splitPath(path);
    modules.set(module, (modules.get(module) ?? true) && isSelected(path));
  }
  const ownerOf = (module: string): string | undefined => around(module).find((each) => modules.has(each));
  const isFrozenState = (path: string): boolean => {
    if (isSelected(path)) return true;
    const owner = ownerOf(splitPath(path)[0]);
    return owner !== undefined && (modules.get(owner) ?? false);
  };
  const evaluating = new Set<string>();
  for (const [path] of flatten(state).filter(([each]) => isFrozenState(each))) {
    const [module] = splitPath(path);
    const owner = ownerOf(module);
    // An average that batch norm made in its constructor is at `batchnorm/~/mean_ema`.
    const inside = around(module).filter((each, i) =>
      owner === undefined ? i < 3 : each.length >= owner.length,
    );
    inside.forEach((each) => evaluating.add(each));
  }
  return { isFrozenParam: isSelected, isFrozenState, evaluates: (module) => evaluating.has(module) };
};
