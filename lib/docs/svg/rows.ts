/**
 * What stands in the rows of one level: things, and lines that pass in lanes of their own. Rows that are too wide for the
 * page are broken.
 */
import { type Item, type Link, type Ranks, ranksOf } from './ranks.js';
import { type Placed, rowWidth } from './spreadApart.js';

/** A thing, or a line that passes. */
export interface Entry {
  readonly key: string;
  readonly item?: Item;
  /** Of the line that passes. */
  readonly line?: string;
  readonly width: number;
  readonly weight: number;
  /** Where its middle is now. */
  x: number;
}

const betweenBoxes = 24;
const besideLines = 14;

const gapBetween = (a: Entry, b: Entry): number =>
  a.item && b.item && !(a.item.isLabel && b.item.isLabel) && !(a.item.port && b.item.port)
    ? betweenBoxes
    : besideLines;

/** Of a line where it passes a row. */
export const laneKey = (link: Link, row: number): string => `${row} ${link.id}`;
export const itemKey = (id: string): string => `item ${id}`;

/** A row as it would like to stand. */
export const placed = (row: readonly Entry[], wishes: readonly number[]): readonly Placed[] =>
  row.map((entry, i) => ({
    wish: wishes[i],
    width: entry.width,
    weight: entry.weight,
    gap: i === 0 ? 0 : gapBetween(row[i - 1], entry),
  }));

/** Rows of what is in them, in no order yet. */
export const fill = (items: readonly Item[], links: readonly Link[], ranks: Ranks): Entry[][] => {
  const rows: Entry[][] = Array.from({ length: 1 + Math.max(-1, ...ranks.values()) }, () => []);
  for (const item of items)
    rows[ranks.get(item.id)!].push({ key: itemKey(item.id), item, width: item.width, weight: 1, x: 0 });
  for (const link of links)
    for (let row = ranks.get(link.from)! + 1; row < ranks.get(link.to)!; row++)
      rows[row].push({ key: laneKey(link, row), line: link.id, width: 0, weight: 4, x: 0 });
  return rows;
};

/** What a row takes when all stand as near as they may. */
export const widthOf = (row: readonly Entry[]): number =>
  rowWidth(
    placed(
      row,
      row.map(() => 0),
    ),
  );

/** Pairs that break a row that is too wide: what fits in stands above the rest. */
const breaks = (row: readonly Entry[], room: number): readonly (readonly [string, string])[] => {
  const items = row.flatMap(({ item }) => (item && !item.port ? [item] : []));
  if (widthOf(row) <= room || items.length < 2) return [];
  const passing = widthOf(row) - widthOf(row.filter(({ item }) => item));
  let used = 0;
  let fitting = items.findIndex(({ width }, i) => (used += width + (i && betweenBoxes)) > room - passing);
  fitting = Math.min(Math.max(fitting, 1), items.length - 1);
  return items
    .slice(fitting)
    .flatMap(({ id }) => items.slice(0, fitting).map((upper) => [upper.id, id] as const));
};

const mostBreaks = 40;

/** Rows of at most `room`, as far as they can be broken. */
export const rankWithin = (items: readonly Item[], links: readonly Link[], room: number): Ranks => {
  let above: (readonly [string, string])[] = [];
  for (let i = 0; ; i++) {
    const ranks = ranksOf(items, links, above);
    const more = fill(items, links, ranks).flatMap((row) => breaks(row, room));
    if (more.length === 0 || i === mostBreaks) return ranks;
    above = [...above, ...more];
  }
};

/** A line from a row to the next one. */
export interface Joint {
  readonly link: Link;
  readonly upper: Entry;
  readonly lower: Entry;
}

/** What each line passes, from above to below. */
export const stopsOf = (link: Link, ranks: Ranks, entries: ReadonlyMap<string, Entry>): readonly Entry[] => {
  const stops = [entries.get(itemKey(link.from))!];
  for (let row = ranks.get(link.from)! + 1; row < ranks.get(link.to)!; row++)
    stops.push(entries.get(laneKey(link, row))!);
  return [...stops, entries.get(itemKey(link.to))!];
};

export const entriesByKey = (rows: readonly Entry[][]): ReadonlyMap<string, Entry> =>
  new Map(rows.flat().map((entry) => [entry.key, entry]));

export const jointsOf = (
  rows: readonly Entry[][],
  links: readonly Link[],
  ranks: Ranks,
): readonly Joint[] => {
  const entries = entriesByKey(rows);
  return links.flatMap((link) => {
    const stops = stopsOf(link, ranks, entries);
    return stops.slice(1).map((lower, i) => ({ link, upper: stops[i], lower }));
  });
};
