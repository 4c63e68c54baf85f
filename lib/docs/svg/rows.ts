/**
 * The rows of one level: items, and lines that pass in lanes of their own. Rows that are too wide for the page are
 * broken.
 */
import { type Item, type Link, type Ranks } from './ranks.js';
import { type Placed, rowWidth } from './spreadApart.js';

/** A thing, or a line that passes. */
export interface Entry {
  readonly key: string;
  readonly item?: Item;
  /** Of the line that passes. */
  readonly line?: string;
  readonly width: number;
  readonly weight: number;
  /** The current middle. */
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

/** The width of a row whose entries stand as near as they may. */
export const widthOf = (row: readonly Entry[]): number =>
  rowWidth(
    placed(
      row,
      row.map(() => 0),
    ),
  );

/** The last items of a row, which have to move down for the rest to fit; at least one stays. */
const excess = (row: readonly Entry[], room: number): readonly Item[] => {
  const items = row.flatMap(({ item }) => (item && !item.port ? [item] : []));
  if (items.length < 2 || widthOf(row) <= room) return [];
  const passing = widthOf(row) - widthOf(row.filter(({ item }) => item));
  let used = 0;
  const fitting = items.findIndex(({ width }, i) => (used += width + (i && betweenBoxes)) > room - passing);
  return items.slice(Math.min(Math.max(fitting, 1), items.length - 1));
};

/** Everything below what is above it, moved down as little as that takes; what leaves is below all. */
const pushedDown = (items: readonly Item[], links: readonly Link[], ranks: Map<string, number>): Ranks => {
  for (let isMoved = true; isMoved;) {
    isMoved = false;
    for (const { from, to } of links) {
      const least = ranks.get(from)! + 1;
      if (ranks.get(to)! >= least) continue;
      ranks.set(to, least);
      isMoved = true;
    }
  }
  const inner = items.filter(({ port }) => port !== 'bottom').map(({ id }) => ranks.get(id)!);
  for (const { id, port } of items) if (port === 'bottom') ranks.set(id, Math.max(-1, ...inner) + 1);
  return ranks;
};

const mostBreaks = 500;

/** Rows of at most `room`, from some that may be wider, as far as they can be broken. */
export const rankWithin = (
  items: readonly Item[],
  links: readonly Link[],
  room: number,
  start: Ranks,
): Ranks => {
  let ranks = start;
  for (let i = 0; i < mostBreaks; i++) {
    const rows = fill(items, links, ranks);
    const row = rows.findIndex((row) => excess(row, room).length > 0);
    if (row === -1) break;
    const moved = excess(rows[row], room).map(({ id }) => [id, row + 1] as const);
    ranks = pushedDown(items, links, new Map([...ranks, ...moved]));
  }
  return ranks;
};

/** A line from a row to the next one. */
export interface Joint {
  readonly link: Link;
  readonly upper: Entry;
  readonly lower: Entry;
}

/** The entries that a line passes, from above to below. */
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
