/**
 * Where everything of a diagram is: boxes, frames, texts and lines in pixels. A pure function of a view; what it gives does
 * not overlap.
 */
import type { Arrow, Block, BlockGroup, View } from '../document.js';
import { arrange, type Lane } from './arrange.js';
import {
  blockLines,
  boxSize,
  fonts,
  isStack,
  labelSize,
  type Line,
  linesHeight,
  lineWidth,
  stackStep,
  stackText,
} from './boxes.js';
import { blockKey, groupKey, type LabelOf, type Level, levelsOf, type Piece } from './levels.js';
import type { Item } from './ranks.js';
import { placeTitle } from './placeTitle.js';
import { elide, wrap } from './textWidth.js';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A block; where it is a stack, another box shows behind it. */
export interface LaidBlock extends Rectangle {
  readonly block: Block;
  readonly lines: readonly Line[];
}

/** The text of an arrow. */
export interface LaidLabel extends Rectangle {
  readonly arrow: Arrow;
  readonly lines: readonly Line[];
}

export interface LaidFrame extends Rectangle {
  readonly group: BlockGroup;
  readonly title: Rectangle & { readonly lines: readonly Line[] };
}

/** A piece of an arrow, from its start: down or up through lanes, and sideways between them. */
export interface LaidLine {
  readonly kind: Arrow['kind'];
  readonly lanes: readonly { readonly x: number; readonly from: number; readonly to: number }[];
  readonly isLast: boolean;
}

/** An arrow from a block to itself, at its right side. */
export type LaidLoop = Rectangle & { readonly kind: Arrow['kind'] };

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly blocks: readonly LaidBlock[];
  readonly labels: readonly LaidLabel[];
  readonly frames: readonly LaidFrame[];
  readonly lines: readonly LaidLine[];
  readonly loops: readonly LaidLoop[];
}

type Parts = Omit<Layout, 'height' | 'width'>;

const framePadding = { x: 14, top: 9, bottom: 14 };
const underTitle = 6;
const leastRoom = 160;
const loopWidth = 26;
const margin = 8;

const nothing: Parts = { blocks: [], labels: [], frames: [], lines: [], loops: [] };

const joined = (parts: readonly Parts[]): Parts => ({
  blocks: parts.flatMap(({ blocks }) => blocks),
  labels: parts.flatMap(({ labels }) => labels),
  frames: parts.flatMap(({ frames }) => frames),
  lines: parts.flatMap(({ lines }) => lines),
  loops: parts.flatMap(({ loops }) => loops),
});

const shifted = (parts: Parts, dx: number, dy: number): Parts => {
  const move = <R extends Rectangle>(at: R): R => ({ ...at, x: at.x + dx, y: at.y + dy });
  return {
    blocks: parts.blocks.map(move),
    labels: parts.labels.map(move),
    frames: parts.frames.map((frame) => ({ ...move(frame), title: move(frame.title) })),
    loops: parts.loops.map(move),
    lines: parts.lines.map((line) => ({
      ...line,
      lanes: line.lanes.map(({ x, from, to }) => ({ x: x + dx, from: from + dy, to: to + dy })),
    })),
  };
};

/** Parts in a rectangle of their own, from its left upper corner. */
interface Laid {
  readonly width: number;
  readonly height: number;
  readonly parts: Parts;
  /** Where lines touch it, from its middle. */
  readonly ports: ReadonlyMap<string, number>;
}

/** A block with the box behind it and the arrows to itself, in the middle of all that they take. */
const layBlock = (block: Block, loops: readonly LabelOf[], allFlops: number): Laid => {
  const lines = blockLines(block, allFlops);
  const box = boxSize(block, lines);
  const texts = loops.map(({ arrow, lines }) => ({ arrow, lines, ...labelSize(lines) }));
  const textsHeight = texts.reduce((total, { height }) => total + height, 0);
  const step = isStack(block) ? stackStep : 0;
  const side = loops.length === 0 ? step : step + loopWidth + Math.max(...texts.map(({ width }) => width));
  const height = Math.max(box.height, textsHeight) + step;
  const y = (height - step - box.height) / 2;
  const right = side + box.width + step;
  let below = (height - step - textsHeight) / 2;
  const labels = texts.map((text) => {
    const at = { ...text, x: right + loopWidth, y: below };
    below += text.height;
    return at;
  });
  const [first] = loops;
  const loop = first && {
    ...{ x: right, y: y + box.height * 0.25, width: loopWidth - 6, height: box.height * 0.5 },
    kind: first.arrow.kind,
  };
  return {
    width: box.width + 2 * side,
    height,
    parts: { ...nothing, blocks: [{ ...box, x: side, y, block, lines }], labels, loops: loop ? [loop] : [] },
    ports: new Map(),
  };
};

const lineOf = ({ isUp, kind, isLast }: Piece, lanes: readonly Lane[]): LaidLine => ({
  kind,
  isLast,
  lanes: isUp
    ? lanes.map(({ x, top, bottom }) => ({ x, from: bottom, to: top })).toReversed()
    : lanes.map(({ x, top, bottom }) => ({ x, from: top, to: bottom })),
});

/** How much further lines go that enter at ports: to the edges of the frame. */
interface Reach {
  readonly top: number;
  readonly bottom: number;
}

const layLevel = (level: Level, room: number, allFlops: number, reach: Reach): Laid => {
  const laid = new Map<string, Laid>();
  for (const block of level.blocks) {
    const loops = level.loops.filter(({ arrow }) => arrow.from === block.id);
    laid.set(blockKey(block.id), layBlock(block, loops, allFlops));
  }
  for (const { group, level: inner } of level.groups)
    laid.set(groupKey(group.id), layFrame(group, inner, room, allFlops));
  const items: readonly Item[] = [
    ...[...level.ports].map(([id, port]) => ({ id, port, width: 0, height: 0 })),
    ...[...laid].map(([id, { width, height }]) => ({ id, width, height })),
    ...[...level.labels.values()].map(({ id, lines }) => ({ id, isLabel: true, ...labelSize(lines) })),
  ];
  const pieces = [...level.pieces.values()];
  const ports = new Map(pieces.map(({ id, fromPort, toPort }) => [id, { from: fromPort, to: toPort }]));
  const arranged = arrange(
    items,
    pieces,
    (link, end) => laid.get(link[end])?.ports.get(ports.get(link.id)![end] ?? ''),
    room,
  );
  const { places, lanes, width, height } = arranged;
  const parts = [...laid].map(([id, at]) => {
    const { x, y } = places.get(id)!;
    return shifted(at.parts, x - at.width / 2, y - at.height / 2);
  });
  const labels = [...level.labels.values()].map(({ id, arrow, lines }) => {
    const size = labelSize(lines);
    const { x, y } = places.get(id)!;
    return { arrow, lines, ...size, x: x - size.width / 2, y: y - size.height / 2 };
  });
  const lines = pieces.map((piece) => {
    const way = lanes.get(piece.id)!.map((lane) => ({ ...lane }));
    if (level.ports.get(piece.from) === 'top') way[0] = { ...way[0], top: -reach.top };
    if (level.ports.get(piece.to) === 'bottom')
      way[way.length - 1] = { ...way[way.length - 1], bottom: height + reach.bottom };
    return lineOf(piece, way);
  });
  return {
    width,
    height,
    parts: joined([...parts, { ...nothing, labels, lines }]),
    ports: new Map([...level.ports.keys()].map((id) => [id, places.get(id)!.x])),
  };
};

const titleLines = (group: BlockGroup, most: number): readonly Line[] => {
  const stack = stackText(group);
  const { face, size } = fonts.detail;
  return [
    { text: elide(group.label, most, fonts.title.face, fonts.title.size), role: 'title' },
    ...(stack === undefined ? [] : wrap(stack, most, face, size).slice(0, 2)).map((text): Line => ({
      text,
      role: 'detail',
    })),
  ];
};

/** A frame around a level, with a title where no line goes. */
const layFrame = (group: BlockGroup, level: Level, room: number, allFlops: number): Laid => {
  const step = isStack(group) ? stackStep : 0;
  const inside = Math.max(room - 2 * (framePadding.x + step), leastRoom);
  const all = titleLines(group, inside);
  const top = framePadding.top + linesHeight(all) + underTitle;
  const { bottom } = framePadding;
  const laid = layLevel(level, inside, allFlops, { top, bottom: bottom + step });
  const entering = [...level.ports].flatMap(([id, port]) => (port === 'top' ? [laid.ports.get(id)!] : []));
  const wanted = Math.max(...all.map(lineWidth));
  const title = placeTitle({ wanted, width: laid.width, room: inside, entering });
  const lines = title.width < wanted ? titleLines(group, title.width) : all;
  const width = title.around + 2 * framePadding.x;
  const height = top + laid.height + bottom;
  const x = step + framePadding.x + title.shift;
  const frame: LaidFrame = {
    ...{ x: step, y: 0, width, height, group },
    title: {
      ...{ x: step + framePadding.x + title.x, y: framePadding.top },
      ...{ width: Math.max(...lines.map(lineWidth)), height: linesHeight(lines), lines },
    },
  };
  const parts = joined([{ ...nothing, frames: [frame] }, shifted(laid.parts, x, top)]);
  const middle = width / 2 + step;
  const ports = new Map([...laid.ports].map(([id, at]) => [id, x + at - middle]));
  return { width: width + 2 * step, height: height + step, parts, ports };
};

export interface LayoutOptions {
  /** FLOPs of the whole model; those of the view's blocks, if not given. */
  readonly flops?: number;
  /** The widest that it may be, where it can. */
  readonly maxWidth?: number;
}

/**
 * Lays out a view, at most 1,000 pixels wide unless one thing alone is wider.
 * @throws DiagramError where an arrow or a group names what is not there, or a group is within itself
 */
export const layout = (view: View, options: LayoutOptions = {}): Layout => {
  const { flops = view.blocks.reduce((total, block) => total + block.flops, 0), maxWidth = 1000 } = options;
  const laid = layLevel(levelsOf(view), maxWidth - 2 * margin, flops, { top: 0, bottom: 0 });
  return {
    width: laid.width + 2 * margin,
    height: laid.height + 2 * margin,
    ...shifted(laid.parts, margin, margin),
  };
};
