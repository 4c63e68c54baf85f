/**
 * A view cut into levels: what is in the drawing itself, and what is in each of its frames. An arrow that crosses frames is
 * cut where it enters and leaves them, at ports; its text stands in the level that both its ends are in.
 */
import type { Arrow, Block, BlockGroup, View } from '../document.js';
import { arrowLines, type Line } from './boxes.js';
import { backwards } from './backwards.js';
import type { Item, Link } from './ranks.js';

/** The text of an arrow. */
export interface LabelOf {
  readonly id: string;
  readonly arrow: Arrow;
  readonly lines: readonly Line[];
}

/** A piece of an arrow within a level; where it goes up, `from` and `to` are its end and its start. */
export interface Piece extends Link {
  readonly isUp: boolean;
  readonly kind: Arrow['kind'];
  readonly isUnused: boolean;
  /** True for the last piece of an arrow. */
  readonly isLast: boolean;
  /** The port of the frame that the piece begins at. */
  readonly fromPort?: string;
  readonly toPort?: string;
}

/** The content of a frame, or of the whole diagram. */
export interface Level {
  readonly blocks: readonly Block[];
  readonly groups: readonly { readonly group: BlockGroup; readonly level: Level }[];
  readonly ports: ReadonlyMap<string, NonNullable<Item['port']>>;
  readonly labels: ReadonlyMap<string, LabelOf>;
  readonly pieces: ReadonlyMap<string, Piece>;
  /** Of blocks here that an arrow goes from and to. */
  readonly loops: readonly LabelOf[];
}

interface OpenLevel {
  readonly ports: Map<string, NonNullable<Item['port']>>;
  readonly labels: Map<string, LabelOf>;
  readonly pieces: Map<string, Piece>;
  readonly loops: LabelOf[];
}

export const blockKey = (id: string): string => `block ${id}`;
export const groupKey = (id: string): string => `group ${id}`;

/** Thrown when a view speaks of what is not in it. */
export class DiagramError extends Error {
  override readonly name = 'DiagramError';
}

/** From the outermost group to that which holds the thing; '' stands for the whole. */
const containersOf = (view: View) => {
  const groups = new Map(view.groups.map((group) => [group.id, group]));
  const known = new Map<string, readonly string[]>([['', ['']]]);
  const within = (id: string, seen: readonly string[] = []): readonly string[] => {
    const found = known.get(id);
    if (found) return found;
    const group = groups.get(id);
    if (!group)
      throw new DiagramError(`no group '${id}'${seen.length ? `, which holds '${seen.at(-1)}'` : ''}`);
    if (seen.includes(id))
      throw new DiagramError(`group '${id}' is within itself: ${[...seen, id].join(' in ')}`);
    const path = [...within(group.group ?? '', [...seen, id]), id];
    known.set(id, path);
    return path;
  };
  return within;
};

/** An arrow, the levels that it passes, and what it joins in the level that both its ends are in. */
interface Route {
  readonly arrow: Arrow;
  readonly lines: readonly Line[];
  readonly text: string;
  /** Level by level, from the innermost one, what it goes out of; and what it goes into. */
  readonly out: readonly (readonly [level: string, child: string])[];
  readonly into: readonly (readonly [level: string, child: string])[];
  readonly meeting: string;
  readonly from: string;
  readonly to: string;
}

const childrenAlong = (path: readonly string[], block: string): readonly (readonly [string, string])[] =>
  path.map((level, i) => [level, i + 1 < path.length ? groupKey(path[i + 1]) : blockKey(block)] as const);

const routesOf = (view: View): readonly Route[] => {
  const within = containersOf(view);
  const blocks = new Map(view.blocks.map((block) => [block.id, block]));
  const pathOf = (arrow: Arrow, end: 'from' | 'to') => {
    const block = blocks.get(arrow[end]);
    if (!block) throw new DiagramError(`an arrow goes ${end} '${arrow[end]}', but there is no such block`);
    return childrenAlong(within(block.group ?? ''), block.id);
  };
  return view.arrows.map((arrow) => {
    const [start, end] = [pathOf(arrow, 'from'), pathOf(arrow, 'to')];
    const differs = start.findIndex(([, child], i) => child !== end[i]?.[1]);
    const common = differs === -1 ? start.length - 1 : differs;
    const lines = arrowLines(arrow);
    return {
      arrow,
      lines,
      text: [arrow.kind, arrow.isUnused, ...lines.map(({ text }) => text)].join(' '),
      out: start.slice(common + 1).toReversed(),
      into: end.slice(common + 1),
      meeting: start[common][0],
      from: start[common][1],
      to: end[common][1],
    };
  });
};

/** Draws a route into the levels that it passes. */
const lay = (route: Route, isUp: boolean, levelOf: (id: string) => OpenLevel): void => {
  const { arrow, lines, text, out, into, meeting, from, to } = route;
  const source = `${arrow.from} ${text} ${isUp ? 'up' : 'down'}`;
  const [outPort, inPort] = [`out ${source}`, `in ${source}`];
  const add = (level: string, a: string, b: string, more: Partial<Piece> & { weight: number }) => {
    const { fromPort, toPort } = more;
    const [upper, lower] = isUp ? [b, a] : [a, b];
    const id = [a, fromPort, b, toPort, arrow.kind, arrow.isUnused].join(' > ');
    const ends = isUp ? { fromPort: toPort, toPort: fromPort } : { fromPort, toPort };
    const isLast = more.isLast ?? false;
    const piece = {
      ...more,
      ...ends,
      id,
      from: upper,
      to: lower,
      isUp,
      kind: arrow.kind,
      isUnused: arrow.isUnused ?? false,
      isLast,
    };
    levelOf(level).pieces.set(id, piece);
  };
  out.forEach(([level, child], i) => {
    levelOf(level).ports.set(outPort, isUp ? 'top' : 'bottom');
    add(level, child, outPort, { weight: 2, fromPort: i > 0 ? outPort : undefined });
  });
  const label: LabelOf = { id: `label ${source} ${to}`, arrow, lines };
  levelOf(meeting).labels.set(label.id, label);
  add(meeting, from, label.id, { weight: 2, fromPort: out.length > 0 ? outPort : undefined });
  const isInside = into.length > 0;
  add(meeting, label.id, to, { weight: 2, toPort: isInside ? inPort : undefined, isLast: !isInside });
  into.forEach(([level, child], i) => {
    levelOf(level).ports.set(inPort, isUp ? 'bottom' : 'top');
    const isLast = i + 1 === into.length;
    add(level, inPort, child, { weight: 2, toPort: isLast ? undefined : inPort, isLast });
  });
};

/**
 * A view's levels, the outermost one.
 * @throws DiagramError where an arrow or a group names what is not there, or a group is within itself
 */
export const levelsOf = (view: View): Level => {
  const within = containersOf(view);
  const routes = routesOf(view);
  const open = new Map<string, OpenLevel>();
  const levelOf = (id: string): OpenLevel => {
    const level = open.get(id) ?? { ports: new Map(), labels: new Map(), pieces: new Map(), loops: [] };
    open.set(id, level);
    return level;
  };
  const up = new Set<string>();
  for (const meeting of new Set(routes.map((route) => route.meeting)))
    for (const pair of backwards(routes.filter((route) => route.meeting === meeting))) up.add(pair);
  for (const route of routes) {
    const { arrow, lines, from, to, meeting } = route;
    if (from === to) levelOf(meeting).loops.push({ id: `loop ${route.text}`, arrow, lines });
    else lay(route, up.has(JSON.stringify([from, to])), levelOf);
  }
  for (const { group = '' } of [...view.blocks, ...view.groups]) within(group);
  const close = (id: string): Level => ({
    ...levelOf(id),
    blocks: view.blocks.filter(({ group = '' }) => group === id),
    groups: view.groups
      .filter(({ group = '' }) => group === id)
      .map((group) => ({ group, level: close(group.id) })),
  });
  return close('');
};
