/**
 * The rows of a flow from top to bottom, by dagre: which row each thing is in, and where it and the lines that pass other
 * rows would like to be. Blocks repeat, in one model and in many: a flow of the same form is laid out once.
 */
import * as dagre from '@dagrejs/dagre';

/** A thing of a level: a box, a frame, the label of an arrow, or a place where lines enter or leave. */
export interface Item {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** The edge of the enclosing frame where lines enter or leave; ports have rows of their own. */
  readonly port?: 'bottom' | 'top';
  /** True for the text of an arrow. */
  readonly isLabel?: boolean;
}

/** A line between two things; without cycles. */
export interface Link {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** The weight of the wish to be short. */
  readonly weight: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

export type Ranks = ReadonlyMap<string, number>;

/** A flow by its form alone: links name their ends by place. */
interface Form {
  readonly items: readonly { readonly width?: number; readonly port?: Item['port']; readonly row?: number }[];
  readonly links: readonly { readonly from: number; readonly to: number; readonly weight: number }[];
}

const mostForms = 2000;

/** A function of forms that keeps its results, the oldest of which it drops when they are many. */
const oncePerForm = <R>(compute: (form: Form) => R): ((form: Form) => R) => {
  const results = new Map<string, R>();
  return (form) => {
    const key = JSON.stringify(form);
    const known = results.get(key);
    if (known !== undefined) return known;
    const result = compute(form);
    if (results.size === mostForms) results.delete(results.keys().next().value!);
    results.set(key, result);
    return result;
  };
};

/** Ids of dagre's graph that are not places of items. */
const top = 'top';
const bottom = 'bottom';

/** Rows of dagre's layout stand one apart: it keeps one between any two for labels, which are things of their own here. */
const rowsApart = { ranksep: 2, marginx: 0, marginy: 0 };

const emptyGraph = (settings: object) =>
  new dagre.Graph<object, Point, object>({ multigraph: true })
    .setGraph({ ...rowsApart, ...settings })
    .setDefaultNodeLabel(() => ({}));

/** The items, by place, at which no line begins (or ends) though they are no ports. */
const withoutLinks = ({ items, links }: Form, end: 'from' | 'to'): readonly number[] => {
  const linked = new Set(links.map((link) => link[end]));
  return [...items.keys()].filter((at) => !linked.has(at) && items[at].port === undefined);
};

const rowsOf = oncePerForm((form): readonly number[] => {
  const { items, links } = form;
  const graph = emptyGraph({});
  for (const at of items.keys()) graph.setNode(`${at}`, { width: 0, height: 0 });
  for (const [i, { from, to, weight }] of links.entries())
    graph.setEdge(`${from}`, `${to}`, { weight, minlen: 1, width: 0, height: 0 }, `${i}`);
  const constrain = (upper: string, lower: string, minlen: number, weight: number) =>
    graph.setEdge(upper, lower, { weight, minlen, width: 0, height: 0 }, 'constraint');
  for (const edge of [top, bottom] as const) {
    const ports = [...items.keys()].filter((at) => items[at].port === edge);
    if (ports.length === 0) continue;
    graph.setNode(edge, { width: 0, height: 0 });
    const order = (at: number, minlen: number, weight: number) =>
      edge === top ? constrain(top, `${at}`, minlen, weight) : constrain(`${at}`, bottom, minlen, weight);
    for (const at of ports) order(at, 1, 1000);
    for (const at of withoutLinks(form, edge === top ? 'to' : 'from')) order(at, 2, 0);
  }
  dagre.layout(graph, { disableOptimalOrderHeuristic: true });
  const heights = items.map((_, at) => Math.round((graph.node(`${at}`) as Point).y / 2));
  const rows = [...new Set(heights)].sort((a, b) => a - b);
  const rowOf = new Map(rows.map((height, row) => [height, row]));
  return heights.map((height) => rowOf.get(height)!);
});

const linksByPlace = (items: readonly Item[], links: readonly Link[]): Form['links'] => {
  const places = new Map(items.map(({ id }, at) => [id, at]));
  return links.map(({ from, to, weight }) => ({ from: places.get(from)!, to: places.get(to)!, weight }));
};

/** The row of each thing, from 0, when all lines are as short as they can be. */
export const ranksOf = (items: readonly Item[], links: readonly Link[]): Ranks => {
  const rows = rowsOf({ items: items.map(({ port }) => ({ port })), links: linksByPlace(items, links) });
  return new Map(items.map(({ id }, at) => [id, rows[at]]));
};

export interface Wishes {
  /** Of the middle of each thing, from left to right. */
  readonly items: ReadonlyMap<string, number>;
  /** Of a line in a row that it passes. */
  readonly passing: (link: Link, row: number) => number;
}

/** One thing of each part that hangs together, so that parts keep their rows. */
const anchors = ({ items, links }: Form): readonly number[] => {
  const part = [...items.keys()];
  const rootOf = (at: number): number => (part[at] === at ? at : rootOf(part[at]));
  for (const { from, to } of links) part[rootOf(from)] = rootOf(to);
  const first = new Map<number, number>();
  for (const [at, { row }] of items.entries()) {
    const known = first.get(rootOf(at));
    if (known === undefined || row! < items[known].row!) first.set(rootOf(at), at);
  }
  return [...first.values()];
};

interface Spread {
  readonly items: readonly Point[];
  /** The bends of each line. */
  readonly links: readonly (readonly Point[])[];
}

const spreadOf = oncePerForm((form): Spread => {
  const { items, links } = form;
  const graph = emptyGraph({ nodesep: 24, edgesep: 12 });
  graph.setNode(top, { width: 0, height: 0 });
  for (const [at, { width }] of items.entries()) graph.setNode(`${at}`, { width, height: 0 });
  for (const [i, { from, to, weight }] of links.entries()) {
    const minlen = items[to].row! - items[from].row!;
    graph.setEdge(`${from}`, `${to}`, { weight, minlen, width: 0, height: 0 }, `${i}`);
  }
  for (const at of anchors(form))
    graph.setEdge(top, `${at}`, { weight: 0, minlen: items[at].row! + 1, width: 0, height: 0 }, 'anchor');
  dagre.layout(graph);
  const pointOf = ({ x, y }: Point): Point => ({ x, y });
  return {
    items: items.map((_, at) => pointOf(graph.node(`${at}`) as Point)),
    links: links.map(({ from, to }, i) =>
      (graph.edge(`${from}`, `${to}`, `${i}`) as { points: readonly Point[] }).points.map(pointOf),
    ),
  };
});

/** Preferred places of items in given rows, with few crossings. */
export const wishesOf = (items: readonly Item[], links: readonly Link[], ranks: Ranks): Wishes => {
  const spread = spreadOf({
    items: items.map(({ id, width }) => ({ width, row: ranks.get(id)! })),
    links: linksByPlace(items, links),
  });
  const pointOf = new Map(items.map(({ id }, at) => [id, spread.items[at]]));
  const bendsOf = new Map(links.map(({ id }, i) => [id, spread.links[i]]));
  const passing = ({ id, from, to }: Link, row: number): number => {
    const [start, end] = [pointOf.get(from)!, pointOf.get(to)!];
    const height = start.y + 2 * (row - ranks.get(from)!);
    const here = bendsOf.get(id)!.find(({ y }) => Math.abs(y - height) < 0.5);
    const along = (row - ranks.get(from)!) / (ranks.get(to)! - ranks.get(from)!);
    return here?.x ?? start.x + along * (end.x - start.x);
  };
  return { items: new Map(items.map(({ id }, at) => [id, spread.items[at].x])), passing };
};
