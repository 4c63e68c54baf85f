/**
 * Things and lines of a level moved sideways in their rows until lines are as straight as they get.
 */
import type { Link, Ranks, Wishes } from './ranks.js';
import { type Entry, itemKey, laneKey, placed } from './rows.js';
import { spreadApart } from './spreadApart.js';

/** Where a line touches a thing, from the thing's middle; none where any place will do. */
export type Touch = (link: Link, end: 'from' | 'to') => number | undefined;

interface Neighbour {
  readonly entry: Entry;
  /** From the entry's middle to where the line would be straight. */
  readonly shift: number;
}

/** Puts what is in each row in its order. */
export const order = (rows: Entry[][], links: readonly Link[], ranks: Ranks, wishes: Wishes): void => {
  const entries = new Map(rows.flat().map((entry) => [entry.key, entry]));
  for (const { key, item } of rows.flat()) if (item) entries.get(key)!.x = wishes.items.get(item.id)!;
  for (const link of links)
    for (let row = ranks.get(link.from)! + 1; row < ranks.get(link.to)!; row++)
      entries.get(laneKey(link, row))!.x = wishes.passing(link, row);
  for (const row of rows) row.sort((a, b) => a.x - b.x);
};

/** What each line passes, from above to below. */
export const stopsOf = (link: Link, ranks: Ranks, entries: ReadonlyMap<string, Entry>): readonly Entry[] => {
  const stops = [entries.get(itemKey(link.from))!];
  for (let row = ranks.get(link.from)! + 1; row < ranks.get(link.to)!; row++)
    stops.push(entries.get(laneKey(link, row))!);
  return [...stops, entries.get(itemKey(link.to))!];
};

/** Moves entries to the middle of what they are joined with, row by row, down and up. */
export const straighten = (
  rows: readonly Entry[][],
  links: readonly Link[],
  ranks: Ranks,
  touch: Touch,
): void => {
  const entries = new Map(rows.flat().map((entry) => [entry.key, entry]));
  const near = { above: new Map<Entry, Neighbour[]>(), below: new Map<Entry, Neighbour[]>() };
  const add = (side: Map<Entry, Neighbour[]>, of: Entry, neighbour: Neighbour) =>
    side.set(of, [...(side.get(of) ?? []), neighbour]);
  for (const link of links) {
    const stops = stopsOf(link, ranks, entries);
    for (let i = 0; i + 1 < stops.length; i++) {
      const from = i === 0 ? (touch(link, 'from') ?? 0) : 0;
      const to = i + 2 === stops.length ? (touch(link, 'to') ?? 0) : 0;
      add(near.below, stops[i], { entry: stops[i + 1], shift: to - from });
      add(near.above, stops[i + 1], { entry: stops[i], shift: from - to });
    }
  }
  const mean = (neighbours: readonly Neighbour[], otherwise: number): number =>
    neighbours.length === 0
      ? otherwise
      : neighbours.reduce((sum, { entry, shift }) => sum + entry.x + shift, 0) / neighbours.length;
  const settle = (row: Entry[], wish: (entry: Entry) => number) =>
    spreadApart(placed(row, row.map(wish))).forEach((x, i) => (row[i].x = x));
  const all = (entry: Entry) => [...(near.above.get(entry) ?? []), ...(near.below.get(entry) ?? [])];
  for (let sweep = 0; sweep < 8; sweep++) {
    for (const row of rows) settle(row, (entry) => mean(near.above.get(entry) ?? all(entry), entry.x));
    for (const row of rows.toReversed())
      settle(row, (entry) => mean(near.below.get(entry) ?? all(entry), entry.x));
  }
  for (let sweep = 0; sweep < 4; sweep++)
    for (const row of sweep % 2 ? rows.toReversed() : rows) settle(row, (entry) => mean(all(entry), entry.x));
};
