/**
 * One level of a drawing: things in rows, and lines that pass through rows in lanes of their own and go sideways between
 * rows alone. So nothing can cross a box or a text, whatever the graph is.
 */
import { type Item, type Link, type Ranks, ranksOf, type Wishes, wishesOf } from './ranks.js';
import { order, type Outside } from './order.js';
import { entriesByKey, type Entry, fill, itemKey, placed, rankWithin, stopsOf, widthOf } from './rows.js';
import { spreadApart } from './spreadApart.js';
import { straighten } from './straighten.js';
import { type Touch, type Touches, touchesOf } from './touches.js';

/** A vertical piece of a line. */
export interface Lane {
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
}

export interface Arrangement {
  readonly width: number;
  readonly height: number;
  /** Middle of each thing. */
  readonly places: ReadonlyMap<string, { readonly x: number; readonly y: number }>;
  /** Of each line, from above to below; between them it goes sideways. */
  readonly lanes: ReadonlyMap<string, readonly Lane[]>;
  readonly draft: Draft;
}

type Entries = ReadonlyMap<string, Entry>;

/** Moves all so that the leftmost is at 0, and together where that is too wide. */
const fitInto = (rows: readonly Entry[][], room: number): number => {
  const left = Math.min(...rows.flat().map(({ x, width }) => x - width / 2));
  const right = Math.max(...rows.flat().map(({ x, width }) => x + width / 2));
  const used = Math.max(Math.min(right - left, room), ...rows.map(widthOf));
  const start = left + (right - left - used) / 2;
  for (const row of rows) {
    const xs = row.map(({ x }) => x);
    spreadApart(placed(row, xs), start, start + used).forEach((x, i) => (row[i].x = x - start));
  }
  return used;
};

const rowGap = { least: 16, most: 64, ofWay: 0.16 };

/** The gap above each row; it grows with the sideways distance of lines in it. */
const gapsAbove = (
  count: number,
  hops: readonly { readonly row: number; readonly way: number }[],
): number[] => {
  const ways = Array<number>(count).fill(0);
  for (const { row, way } of hops) ways[row] = Math.max(ways[row], way);
  return ways.map((way, row) => (row === 0 ? 0 : Math.min(rowGap.most, rowGap.least + rowGap.ofWay * way)));
};

interface Passed {
  readonly row: number;
  readonly x: number;
}

/** Row by row, where a line is. */
const wayOf = (link: Link, ranks: Ranks, entries: Entries, { from, to }: Touches): readonly Passed[] => {
  const stops = stopsOf(link, ranks, entries);
  return stops.map(({ x }, i) => {
    const shift = i === 0 ? from.get(link.id)! : i + 1 === stops.length ? to.get(link.id)! : 0;
    return { row: ranks.get(link.from)! + i, x: x + shift };
  });
};

/** The items of a level and the limits of their arrangement. */
export interface Task {
  readonly items: readonly Item[];
  /** Without cycles: `from` is above `to`. */
  readonly links: readonly Link[];
  readonly touch: Touch;
  /** The width to keep to, if possible. */
  readonly room: number;
  readonly outside: Outside;
  /** Of the same things, when it was arranged before. */
  readonly draft?: Draft;
}

/** Rows and the order in them, which take longest to find. */
export interface Draft {
  readonly start: Ranks;
  readonly ranks: Ranks;
  readonly wishes: Wishes;
}

const draftOf = ({ items, links, room, draft }: Task): Draft => {
  const start = draft?.start ?? ranksOf(items, links);
  const ranks = rankWithin(items, links, room, start);
  const isSame = draft !== undefined && items.every(({ id }) => ranks.get(id) === draft.ranks.get(id));
  return { start, ranks, wishes: isSame ? draft.wishes : wishesOf(items, links, ranks) };
};

/** Puts things into rows. */
export const arrange = (task: Task): Arrangement => {
  const { items, links, touch, room, outside } = task;
  const draft = draftOf(task);
  if (items.length === 0) return { width: 0, height: 0, places: new Map(), lanes: new Map(), draft };
  const { ranks, wishes } = draft;
  const rows = fill(items, links, ranks);
  order(rows, links, ranks, wishes, touch, outside);
  const touches = touchesOf(rows, links, ranks, touch);
  straighten(rows, links, ranks, touches);
  const width = fitInto(rows, room);
  const entries = entriesByKey(rows);
  const ways = new Map(links.map((link) => [link.id, wayOf(link, ranks, entries, touches)]));
  const hops = [...ways.values()].flatMap((way) =>
    way.slice(1).map(({ row, x }, i) => ({ row, way: Math.abs(x - way[i].x) })),
  );
  const gaps = gapsAbove(rows.length, hops);
  const bands: { top: number; bottom: number }[] = [];
  rows.forEach((row, i) => {
    const top = (bands.at(-1)?.bottom ?? 0) + gaps[i];
    bands.push({ top, bottom: top + Math.max(...row.map(({ item }) => item?.height ?? 0)) });
  });
  const middle = (row: number) => (bands[row].top + bands[row].bottom) / 2;
  const half = new Map(items.map(({ id, height }) => [id, height / 2]));
  const lanes = links.map((link): [string, readonly Lane[]] => {
    const way = ways.get(link.id)!;
    const pieces = way.map(({ row, x }) => ({ x, ...bands[row] }));
    pieces[0].top = middle(way[0].row) + half.get(link.from)!;
    pieces.at(-1)!.bottom = middle(way.at(-1)!.row) - half.get(link.to)!;
    return [link.id, pieces];
  });
  const places = items.map(
    ({ id }) => [id, { x: entries.get(itemKey(id))!.x, y: middle(ranks.get(id)!) }] as const,
  );
  return { width, height: bands.at(-1)!.bottom, places: new Map(places), lanes: new Map(lanes), draft };
};
