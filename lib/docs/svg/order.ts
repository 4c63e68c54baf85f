/**
 * The order of what is in each row: dagre's, and then neighbours exchanged wherever fewer lines cross.
 */
import type { Link, Ranks, Wishes } from './ranks.js';
import { type Entry, jointsOf } from './rows.js';
import type { Touch } from './touches.js';

const mostRounds = 24;

/** Where the lines of an entry go, in the order of the row that they go to. */
type Places = ReadonlyMap<Entry, readonly (() => number)[]>;

/** How many lines cross when the first stands before the second. */
const crossings = (first: readonly (() => number)[] = [], second: readonly (() => number)[] = []): number =>
  first.reduce((total, a) => total + second.filter((b) => a() > b()).length, 0);

const placesOf = (rows: readonly Entry[][], links: readonly Link[], ranks: Ranks, touch: Touch) => {
  const index = new Map(rows.flatMap((row) => row.map((entry, i) => [entry, i] as const)));
  const above = new Map<Entry, (() => number)[]>();
  const below = new Map<Entry, (() => number)[]>();
  const add = (side: Map<Entry, (() => number)[]>, of: Entry, place: () => number) =>
    side.set(of, [...(side.get(of) ?? []), place]);
  for (const { link, upper, lower } of jointsOf(rows, links, ranks)) {
    const from = upper.item ? (touch(link, 'from') ?? 0) / (2 * upper.width + 1) : 0;
    const to = lower.item ? (touch(link, 'to') ?? 0) / (2 * lower.width + 1) : 0;
    add(below, upper, () => index.get(lower)! + to);
    add(above, lower, () => index.get(upper)! + from);
  }
  return { index, above: above as Places, below: below as Places };
};

/** Puts what is in each row in its order. */
export const order = (
  rows: Entry[][],
  links: readonly Link[],
  ranks: Ranks,
  wishes: Wishes,
  touch: Touch,
): void => {
  const lines = new Map(links.map((link) => [link.id, link]));
  rows.forEach((row, i) => {
    for (const entry of row)
      entry.x = entry.item ? wishes.items.get(entry.item.id)! : wishes.passing(lines.get(entry.line!)!, i);
    row.sort((a, b) => a.x - b.x);
  });
  const { index, above, below } = placesOf(rows, links, ranks, touch);
  const cost = (a: Entry, b: Entry) =>
    crossings(above.get(a), above.get(b)) + crossings(below.get(a), below.get(b));
  const exchange = (row: Entry[], i: number): boolean => {
    const [a, b] = [row[i], row[i + 1]];
    if (cost(b, a) >= cost(a, b)) return false;
    [row[i], row[i + 1]] = [b, a];
    index.set(a, i + 1).set(b, i);
    [a.x, b.x] = [b.x, a.x];
    return true;
  };
  for (let round = 0, isBetter = true; isBetter && round < mostRounds; round++) {
    isBetter = false;
    for (const row of rows) for (let i = 0; i + 1 < row.length; i++) if (exchange(row, i)) isBetter = true;
  }
};
