/**
 * The rows of a flow from top to bottom, by dagre: which row each thing is in, and where it and the lines that pass other
 * rows would like to be.
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

/** Ids of dagre's graph that are ours, not the caller's. */
const top = 'top';
const bottom = 'bottom';
const nodeId = (id: string): string => `item ${id}`;

/** Rows of dagre's layout stand one apart: it keeps one between any two for labels, which are things of their own here. */
const rowsApart = { ranksep: 2, marginx: 0, marginy: 0 };

const emptyGraph = (settings: object) =>
  new dagre.Graph<object, Point, object>({ multigraph: true })
    .setGraph({ ...rowsApart, ...settings })
    .setDefaultNodeLabel(() => ({}));

const withoutLinks = (
  items: readonly Item[],
  links: readonly Link[],
  end: 'from' | 'to',
): readonly Item[] => {
  const linked = new Set(links.map((link) => link[end]));
  return items.filter(({ id, port }) => !linked.has(id) && port === undefined);
};

/** The row of each thing, from 0, when all lines are as short as they can be. */
export const ranksOf = (items: readonly Item[], links: readonly Link[]): Ranks => {
  const graph = emptyGraph({});
  for (const { id } of items) graph.setNode(nodeId(id), { width: 0, height: 0 });
  for (const { id, from, to, weight } of links)
    graph.setEdge(nodeId(from), nodeId(to), { weight, minlen: 1, width: 0, height: 0 }, id);
  const constrain = (upper: string, lower: string, minlen: number, weight: number) =>
    graph.setEdge(upper, lower, { weight, minlen, width: 0, height: 0 }, 'constraint');
  for (const edge of [top, bottom] as const) {
    const ports = items.filter(({ port }) => port === edge);
    if (ports.length === 0) continue;
    graph.setNode(edge, { width: 0, height: 0 });
    const order = (id: string, minlen: number, weight: number) =>
      edge === top
        ? constrain(top, nodeId(id), minlen, weight)
        : constrain(nodeId(id), bottom, minlen, weight);
    for (const { id } of ports) order(id, 1, 1000);
    for (const { id } of withoutLinks(items, links, edge === top ? 'to' : 'from')) order(id, 2, 0);
  }
  dagre.layout(graph, { disableOptimalOrderHeuristic: true });
  const heights = items.map(({ id }) => Math.round((graph.node(nodeId(id)) as Point).y / 2));
  const rows = [...new Set(heights)].sort((a, b) => a - b);
  const rowOf = new Map(rows.map((height, row) => [height, row]));
  return new Map(items.map(({ id }, i) => [id, rowOf.get(heights[i])!]));
};

export interface Wishes {
  /** Of the middle of each thing, from left to right. */
  readonly items: ReadonlyMap<string, number>;
  /** Of a line in a row that it passes. */
  readonly passing: (link: Link, row: number) => number;
}

/** One thing of each part that hangs together, so that parts keep their rows. */
const anchors = (items: readonly Item[], links: readonly Link[], ranks: Ranks): readonly string[] => {
  const part = new Map(items.map(({ id }) => [id, id]));
  const rootOf = (id: string): string => (part.get(id) === id ? id : rootOf(part.get(id)!));
  for (const { from, to } of links) part.set(rootOf(from), rootOf(to));
  const first = new Map<string, string>();
  for (const { id } of items) {
    const known = first.get(rootOf(id));
    if (known === undefined || ranks.get(id)! < ranks.get(known)!) first.set(rootOf(id), id);
  }
  return [...first.values()];
};

/** Preferred places of items in given rows, with few crossings. */
export const wishesOf = (items: readonly Item[], links: readonly Link[], ranks: Ranks): Wishes => {
  const graph = emptyGraph({ nodesep: 24, edgesep: 12 });
  graph.setNode(top, { width: 0, height: 0 });
  for (const { id, width } of items) graph.setNode(nodeId(id), { width, height: 0 });
  for (const { id, from, to, weight } of links) {
    const minlen = ranks.get(to)! - ranks.get(from)!;
    graph.setEdge(nodeId(from), nodeId(to), { weight, minlen, width: 0, height: 0 }, id);
  }
  for (const id of anchors(items, links, ranks))
    graph.setEdge(top, nodeId(id), { weight: 0, minlen: ranks.get(id)! + 1, width: 0, height: 0 }, 'anchor');
  dagre.layout(graph);
  const wishes = new Map(items.map(({ id }) => [id, (graph.node(nodeId(id)) as Point).x]));
  const passing = ({ id, from, to }: Link, row: number): number => {
    const { points } = graph.edge(nodeId(from), nodeId(to), id) as { points: readonly Point[] };
    const height = (graph.node(nodeId(from)) as Point).y + 2 * (row - ranks.get(from)!);
    const [here] = points.filter(({ y }) => Math.abs(y - height) < 0.5);
    const along = (row - ranks.get(from)!) / (ranks.get(to)! - ranks.get(from)!);
    return here?.x ?? wishes.get(from)! + along * (wishes.get(to)! - wishes.get(from)!);
  };
  return { items: wishes, passing };
};
