/**
 * The order of what is in each row: dagre's, sorted by where lines come from or go to and with neighbours exchanged, as
 * long as fewer lines cross.
 */
import type { Link, Ranks, Wishes } from './ranks.js';
import { type Entry, jointsOf } from './rows.js';
import type { Touch } from './touches.js';

/** Of ports, where their lines are outside. */
export type Outside = ReadonlyMap<string, number>;

/** The index that a line of an entry leads to, in the order of the neighbouring row. */
type Place = () => number;
type Places = ReadonlyMap<Entry, readonly Place[]>;

interface Order {
  readonly rows: Entry[][];
  readonly index: Map<Entry, number>;
  readonly above: Places;
  readonly below: Places;
}

const mostRounds = 24;

/** The number of crossings if the first entry stands before the second. */
const crossings = (first: readonly Place[] = [], second: readonly Place[] = []): number =>
  first.reduce((total, a) => total + second.filter((b) => a() > b()).length, 0);

const ordered = (
  rows: Entry[][],
  links: readonly Link[],
  ranks: Ranks,
  touch: Touch,
  outside: Outside,
): Order => {
  const index = new Map(rows.flatMap((row) => row.map((entry, i) => [entry, i] as const)));
  const [above, below] = [new Map<Entry, Place[]>(), new Map<Entry, Place[]>()];
  const add = (side: Map<Entry, Place[]>, of: Entry, place: Place) =>
    side.set(of, [...(side.get(of) ?? []), place]);
  for (const { link, upper, lower } of jointsOf(rows, links, ranks)) {
    const from = upper.item ? (touch(link, 'from') ?? 0) / (2 * upper.width + 1) : 0;
    const to = lower.item ? (touch(link, 'to') ?? 0) / (2 * lower.width + 1) : 0;
    add(below, upper, () => index.get(lower)! + to);
    add(above, lower, () => index.get(upper)! + from);
  }
  for (const entry of rows.flat()) {
    const place = outside.get(entry.item?.id ?? '');
    if (place !== undefined) add(entry.item!.port === 'top' ? above : below, entry, () => place);
  }
  return { rows, index, above, below };
};

const put = ({ rows, index }: Order, i: number, row: readonly Entry[]): void => {
  rows[i] = [...row];
  row.forEach((entry, at) => index.set(entry, at));
};

/** Sorts a row by the middle of where its lines go on one side. */
const sortBy = (order: Order, i: number, side: Places): void => {
  const keys = new Map(
    order.rows[i].map((entry, at) => {
      const places = side.get(entry) ?? [];
      return [
        entry,
        places.length === 0 ? at : places.reduce((sum, place) => sum + place(), 0) / places.length,
      ];
    }),
  );
  put(
    order,
    i,
    order.rows[i].toSorted((a, b) => keys.get(a)! - keys.get(b)!),
  );
};

const exchange = ({ rows, index, above, below }: Order): void => {
  const cost = (a: Entry, b: Entry) =>
    crossings(above.get(a), above.get(b)) + crossings(below.get(a), below.get(b));
  for (let round = 0, isBetter = true; isBetter && round < mostRounds; round++) {
    isBetter = false;
    for (const row of rows)
      for (let i = 0; i + 1 < row.length; i++) {
        const [a, b] = [row[i], row[i + 1]];
        if (cost(b, a) >= cost(a, b)) continue;
        [row[i], row[i + 1]] = [b, a];
        index.set(a, i + 1).set(b, i);
        isBetter = true;
      }
  }
};

/** All lines that cross; those outside of ports too. */
const allCrossings = ({ rows, above, below }: Order): number => {
  const inRow = (row: readonly Entry[], side: Places) =>
    row.reduce(
      (total, a, i) =>
        total + row.slice(i + 1).reduce((sum, b) => sum + crossings(side.get(a), side.get(b)), 0),
      0,
    );
  const last = rows.at(-1) ?? [];
  return rows.reduce((total, row) => total + inRow(row, above), 0) + inRow(last, below);
};

/** Puts what is in each row in its order. */
export const order = (
  rows: Entry[][],
  links: readonly Link[],
  ranks: Ranks,
  wishes: Wishes,
  touch: Touch,
  outside: Outside,
): void => {
  const lines = new Map(links.map((link) => [link.id, link]));
  rows.forEach((row, i) => {
    for (const entry of row)
      entry.x = entry.item ? wishes.items.get(entry.item.id)! : wishes.passing(lines.get(entry.line!)!, i);
    row.sort((a, b) => a.x - b.x);
  });
  const start = rows.map((row) => [...row]);
  const mirrored = start.map((row) => row.toReversed());
  const state = ordered(rows, links, ranks, touch, outside);
  const down = () => rows.forEach((_, i) => sortBy(state, i, state.above));
  const up = () => rows.toReversed().forEach((_, i) => sortBy(state, rows.length - 1 - i, state.below));
  const sorted = [() => undefined, down, up, () => (down(), up()), () => (up(), down())];
  const attempts = [start, mirrored].flatMap((from) =>
    sorted.map((sort) => {
      from.forEach((row, i) => put(state, i, row));
      sort();
      exchange(state);
      return { rows: rows.map((row) => [...row]), count: allCrossings(state) };
    }),
  );
  const best = attempts.reduce((least, next) => (next.count < least.count ? next : least));
  best.rows.forEach((row, i) => {
    const xs = row.map(({ x }) => x).sort((a, b) => a - b);
    put(state, i, row);
    row.forEach((entry, at) => (entry.x = xs[at]));
  });
};
