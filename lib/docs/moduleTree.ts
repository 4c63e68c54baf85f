/**
 * The modules of a trace as a tree, and which of them stand for others: layers alike, one after the other, are drawn as
 * one.
 */
import type { Call, Trace } from '../graph/graph.js';
import { lastName, moduleOf, parentOf, withoutNumber } from '../graph/paths.js';
import { groupBy } from '../data/lists.js';

export interface ModuleTree {
  /** The modules that a path is inside of, outermost first, and the path itself if it is one. */
  readonly around: (path: string) => readonly string[];
  /** Tells if a module can be drawn open: it holds modules, and no weights of its own. */
  readonly isOpen: (path: string) => boolean;
  /** The number of calls of a module for each call of the module around it. */
  readonly repeats: (path: string) => number;
  /** The first call of a module. */
  readonly callOf: (path: string) => Call | undefined;
}

/** The tree of those modules that compute something or have weights. */
export const moduleTree = ({
  nodes,
  weights,
  calls,
}: Pick<Trace, 'nodes' | 'weights' | 'calls'>): ModuleTree => {
  const callsOf = groupBy(calls, ({ path }) => path);
  const called = new Set(callsOf.keys());
  const used = [...nodes.map(({ path }) => path), ...weights.map(({ path }) => moduleOf(path))];
  const modules = new Set<string>();
  for (const path of new Set(used)) {
    for (let module: string | undefined = path; module; module = parentOf(module, called))
      modules.add(module);
  }
  modules.delete('~');
  const parents = new Set([...modules].map((path) => parentOf(path, modules)));
  const owners = new Set(weights.filter(({ kind }) => kind === 'param').map(({ path }) => moduleOf(path)));
  const chains = new Map<string, readonly string[]>();
  const around = (path: string): readonly string[] => {
    const known = chains.get(path);
    if (known) return known;
    const parent = parentOf(path, modules);
    const chain = [...(parent ? around(parent) : []), ...(modules.has(path) ? [path] : [])];
    chains.set(path, chain);
    return chain;
  };
  const times = (path: string | undefined): number => {
    const all = path === undefined ? [] : (callsOf.get(path) ?? []);
    const method = all.some((call) => call.method === 'call') ? 'call' : all[0]?.method;
    return Math.max(1, all.filter((call) => call.method === method).length);
  };
  return {
    around,
    isOpen: (path) => parents.has(path) && !owners.has(path),
    repeats: (path) => Math.max(1, Math.round(times(path) / times(parentOf(path, modules)))),
    callOf: (path) => callsOf.get(path)?.find(({ method }) => method === 'call') ?? callsOf.get(path)?.[0],
  };
};

/** The name without the number that tells it from others alike. */
export const baseName = (path: string): string => withoutNumber(lastName(path));

/** A key that is equal for layers which may be drawn as one. */
export const likeness = (tree: ModuleTree, path: string): string => {
  const { config, inputs, outputs } = tree.callOf(path) ?? {};
  return JSON.stringify([moduleOf(path), baseName(path), config, inputs, outputs]);
};
