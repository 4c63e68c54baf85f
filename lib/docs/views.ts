/**
 * A model's diagram at every level of detail, from its outermost modules to single layers.
 */
import type { Trace } from '../graph/graph.js';
import { groupBy } from '../data/lists.js';
import { draw, type Drawing, type Merged, placesInCalls } from './draw.js';
import type { View } from './document.js';
import { likeness, moduleTree, type ModuleTree } from './moduleTree.js';

/** More boxes than anybody looks at. */
const mostBlocks = 80;
const deepest = 4;

/** Layers alike, each of which takes what the one before it gives. */
const chains = ({ blocks, arrows }: View, tree: ModuleTree): readonly (readonly string[])[] => {
  const modules = blocks.filter(({ kind }) => kind === 'module').map(({ id }) => id);
  const follows = new Set(
    arrows.filter(({ kind }) => kind === 'data').map(({ from, to }) => `${from} ${to}`),
  );
  return [...groupBy(modules, (path) => likeness(tree, path)).values()].flatMap((alike) => {
    const runs: string[][] = [];
    for (const path of alike) {
      const run = runs.at(-1);
      if (run && follows.has(`${run.at(-1)} ${path}`)) run.push(path);
      else runs.push([path]);
    }
    return runs.filter(({ length }) => length > 1);
  });
};

const merge = ({ standsFor, counts }: Merged, runs: readonly (readonly string[])[]): Merged => ({
  standsFor: new Map([
    ...standsFor,
    ...runs.flatMap(([first, ...others]) => others.map((path) => [path, first] as const)),
  ]),
  counts: new Map([...counts, ...runs.map((run) => [run[0], run.length] as const)]),
});

/** Draws a trace at each depth when it is asked for, as long as there is more to see; layers alike in a row are one box. */
export function* drawings(trace: Trace): Generator<Drawing, void> {
  const [tree, places] = [moduleTree(trace), placesInCalls(trace)];
  let merged: Merged = { standsFor: new Map(), counts: new Map() };
  let before = 0;
  for (let depth = 1; depth <= deepest; depth++) {
    const first = draw(trace, tree, places, depth, merged);
    const runs = chains(first.view, tree);
    merged = merge(merged, runs);
    const drawing = runs.length > 0 ? draw(trace, tree, places, depth, merged) : first;
    const { length } = drawing.view.blocks;
    if (length <= before || (before > 0 && length > mostBlocks)) return;
    before = length;
    yield drawing;
  }
}
