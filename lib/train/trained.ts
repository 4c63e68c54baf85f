/** The table of what trains: parts of a parameter tree, each as large as its leaves are treated alike. */
import { expectKnown } from '../data/nearest.js';
import { type Shape, sizeOf } from '../data/array.js';
import { grouped } from '../data/quantities.js';
import { flatten, paths, selects, type Selection, type Tree } from '../data/tree.js';
import { expectTree } from '../data/weights.js';
import { expectSelected } from './selected.js';
import { expectRates, rateOf, type Rates } from './scaleByPath.js';

export interface TrainedOptions {
  /** As in `trainStep`. */
  readonly freeze?: Selection;
  /** As in `scaleByPath`. */
  readonly rates?: Rates;
}

/** Leaves under one path that all train, at one share of the rate, or are all frozen. */
export interface TrainedPart {
  /** The beginning of the leaves' paths, or the path of a single leaf; a star stands for the numbers of several. */
  readonly path: string;
  readonly leaves: number;
  readonly parameters: number;
  /** The share of the learning rate; 0 where the part is frozen. */
  readonly rate: number;
}

interface Rated {
  readonly names: readonly string[];
  readonly size: number;
  readonly rate: number;
}

/** The coarsest parts of leaves with `depth` names in common. */
const partsAt = (leaves: readonly Rated[], depth: number): readonly TrainedPart[] => {
  const groups = new Map<string, Rated[]>();
  for (const leaf of leaves) {
    const path = leaf.names.slice(0, depth + 1).join('/');
    groups.set(path, [...(groups.get(path) ?? []), leaf]);
  }
  return [...groups].flatMap(([path, group]) => {
    const [{ rate }] = group;
    if (group.some((leaf) => leaf.rate !== rate)) return partsAt(group, depth + 1);
    const parameters = group.reduce((sum, { size }) => sum + size, 0);
    return [{ path, leaves: group.length, parameters, rate }];
  });
};

/** The names of both parts where they agree, and a star in the place of their numbers: `linear*` of linear, linear_1. */
const common = (a: string, b: string): string => {
  const names = b.split('/');
  return a
    .split('/')
    .map((name, i) => (name === names[i] ? name : `${numberless(names[i])}*`))
    .join('/');
};

const numberless = (name: string): string => name.replace(/(_\d+|\*)$/, '');

/** Parts that differ in the numbers of their names alone, as one. */
const alike = (parts: readonly TrainedPart[]): readonly TrainedPart[] => {
  const merged = new Map<string, TrainedPart>();
  for (const part of parts) {
    const id = `${part.path.split('/').map(numberless).join('/')} ${part.rate}`;
    const known = merged.get(id);
    merged.set(
      id,
      known
        ? {
            path: common(known.path, part.path),
            leaves: known.leaves + part.leaves,
            parameters: known.parameters + part.parameters,
            rate: part.rate,
          }
        : part,
    );
  }
  return [...merged.values()];
};

/** The parts of a parameter tree by what a step with these options does to them. */
export const trainedParts = (
  params: Tree<{ readonly shape: Shape }>,
  options: TrainedOptions = {},
): readonly TrainedPart[] => {
  const { freeze = [], rates = [] } = options;
  expectKnown('trainedParts', options, ['freeze', 'rates']);
  expectTree('trainedParts: params is', params);
  const names = paths(params);
  expectSelected('trainedParts: freeze', freeze, names);
  expectRates('trainedParts: rates', rates, names);
  const [isFrozen, factorOf] = [selects(freeze), rateOf(rates)];
  const leaves = flatten(params).map(([path, { shape }]) => ({
    names: path.split('/'),
    size: sizeOf(shape),
    rate: isFrozen(path) ? 0 : factorOf(path),
  }));
  return alike(partsAt(leaves, 0));
};

/**
 * A table of what trains, with totals in the last line.
 * @example console.log(showTrained(params, { freeze: allBut(/^decoder\//) }));
 */
export const showTrained = (params: Tree<{ readonly shape: Shape }>, options?: TrainedOptions): string => {
  const parts = trainedParts(params, options);
  const sum = (of: readonly TrainedPart[]): number => of.reduce((total, each) => total + each.parameters, 0);
  const rows = parts.map(({ path, parameters, rate }) => {
    const share = rate === 1 ? 'trains' : `trains, rate × ${rate}`;
    return [path, grouped(parameters), rate === 0 ? 'frozen' : share];
  });
  const trained = grouped(sum(parts.filter(({ rate }) => rate !== 0)));
  const all = [['part', 'parameters', ''], ...rows, ['all', grouped(sum(parts)), `${trained} train`]];
  const [first, second] = [0, 1].map((i) => Math.max(...all.map((row) => row[i].length)));
  return all
    .map(([path, size, what]) => `${path.padEnd(first)}  ${size.padStart(second)}  ${what}`.trimEnd())
    .join('\n');
};
