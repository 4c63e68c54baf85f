/**
 * Things and lines of a level moved sideways in their rows until lines are as straight as they get.
 */
import type { Link, Ranks } from './ranks.js';
import { type Entry, type Joint, jointsOf, placed } from './rows.js';
import type { Touches } from './touches.js';
import { spreadApart } from './spreadApart.js';

interface Neighbour {
  readonly entry: Entry;
  /** From the entry's middle to where the line would be straight. */
  readonly shift: number;
  readonly weight: number;
}

type Neighbours = Map<Entry, Neighbour[]>;

const counted = (joints: readonly Joint[], end: 'lower' | 'upper'): ReadonlyMap<Entry, number> => {
  const counts = new Map<Entry, number>();
  for (const joint of joints) counts.set(joint[end], (counts.get(joint[end]) ?? 0) + 1);
  return counts;
};

/** A long line is straight above all; a text stands over or under the box that has this line alone. */
const weightOf = ({ upper, lower }: Joint, fromUpper: number, toLower: number): number => {
  if (!upper.item && !lower.item) return 30;
  return fromUpper === 1 && toLower === 1 ? 6 : 1;
};

const neighboursOf = (joints: readonly Joint[], touches: Touches) => {
  const [down, up] = [counted(joints, 'upper'), counted(joints, 'lower')];
  const near: { readonly above: Neighbours; readonly below: Neighbours } = {
    above: new Map(),
    below: new Map(),
  };
  const add = (side: Neighbours, of: Entry, neighbour: Neighbour) =>
    side.set(of, [...(side.get(of) ?? []), neighbour]);
  for (const joint of joints) {
    const { link, upper, lower } = joint;
    const from = upper.item ? touches.from.get(link.id)! : 0;
    const to = lower.item ? touches.to.get(link.id)! : 0;
    const weight = weightOf(joint, down.get(upper)!, up.get(lower)!);
    add(near.below, upper, { entry: lower, shift: to - from, weight });
    add(near.above, lower, { entry: upper, shift: from - to, weight });
  }
  return near;
};

/** Sweeps down and up, to bring what is far apart together; and then at rest between both sides. */
const sweeps = { rough: 6, fine: 30, chains: 24 };

/** Entries that should stand in one straight line, each with its shift from where the line is. */
type Chain = readonly { readonly entry: Entry; readonly shift: number }[];

/** Joints of a chain: lines that pass rows, and those alone at both ends. */
const chainsOf = (rows: readonly Entry[][], near: ReturnType<typeof neighboursOf>): readonly Chain[] => {
  const next = (entry: Entry) => near.below.get(entry)?.find(({ weight }) => weight > 1);
  const seen = new Set<Entry>();
  const chains: Chain[] = [];
  for (const first of rows.flat()) {
    const chain: { entry: Entry; shift: number }[] = [];
    let shift = 0;
    for (let entry: Entry | undefined = first; entry && !seen.has(entry);) {
      seen.add(entry);
      chain.push({ entry, shift });
      const joint = next(entry);
      shift -= joint?.shift ?? 0;
      entry = joint?.entry;
    }
    if (chain.length > 1) chains.push(chain);
  }
  return chains;
};

/** Moves entries to the middle of what they are joined with, row by row. */
export const straighten = (
  rows: readonly Entry[][],
  links: readonly Link[],
  ranks: Ranks,
  touches: Touches,
): void => {
  const near = neighboursOf(jointsOf(rows, links, ranks), touches);
  const all = new Map(
    rows.flat().map((entry) => [entry, [...(near.above.get(entry) ?? []), ...(near.below.get(entry) ?? [])]]),
  );
  const mean = (neighbours: readonly Neighbour[], otherwise: number): number => {
    const total = neighbours.reduce((sum, { weight }) => sum + weight, 0);
    if (total === 0) return otherwise;
    return neighbours.reduce((sum, { entry, shift, weight }) => sum + weight * (entry.x + shift), 0) / total;
  };
  const settleAt = (row: Entry[], wish: (entry: Entry) => number) =>
    spreadApart(placed(row, row.map(wish))).forEach((x, i) => (row[i].x = x));
  const settle = (row: Entry[], neighbours: (entry: Entry) => readonly Neighbour[]) =>
    settleAt(row, (entry) => mean(neighbours(entry), entry.x));
  for (let sweep = 0; sweep < sweeps.rough; sweep++) {
    for (const row of rows) settle(row, (entry) => near.above.get(entry) ?? all.get(entry)!);
    for (const row of rows.toReversed()) settle(row, (entry) => near.below.get(entry) ?? all.get(entry)!);
  }
  for (let sweep = 0; sweep < sweeps.fine; sweep++)
    for (const row of sweep % 2 ? rows.toReversed() : rows) settle(row, (entry) => all.get(entry)!);
  const chains = chainsOf(rows, near);
  for (let sweep = 0; sweep < sweeps.chains; sweep++) {
    const wishes = new Map<Entry, number>();
    for (const chain of chains) {
      const line = chain.reduce((sum, { entry, shift }) => sum + entry.x - shift, 0) / chain.length;
      for (const { entry, shift } of chain) wishes.set(entry, line + shift);
    }
    for (const row of rows) settleAt(row, (entry) => wishes.get(entry) ?? entry.x);
  }
};
