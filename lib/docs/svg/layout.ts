/**
 * The places of all boxes, frames, texts and lines of a diagram, in pixels. A pure function of a view; nothing in its
 * result overlaps.
 */
import type { BlockGroup, View } from '../document.js';
import { arrange, type Arrangement, type Draft, type Lane } from './arrange.js';
import {
  fonts,
  isStack,
  labelSize,
  type Line,
  linesHeight,
  lineWidth,
  stackStep,
  stackText,
} from './boxes.js';
import { layBlock } from './layBlock.js';
import { blockKey, groupKey, type Level, levelsOf, type Piece } from './levels.js';
import type { Outside } from './order.js';
import {
  joined,
  type Laid,
  type LaidFrame,
  type LaidLine,
  type Layout,
  nothing,
  type Parts,
  shifted,
} from './parts.js';
import { placeTitle } from './placeTitle.js';
import type { Item } from './ranks.js';
import { elide, wrap } from './textWidth.js';
import type { Touch } from './touches.js';

const framePadding = { x: 14, top: 9, bottom: 14 };
const underTitle = 6;
const leastRoom = 160;
const margin = 8;
const narrower = [0.97, 0.94, 0.9];

const lineOf = ({ isUp, kind, isUnused, isLast }: Piece, lanes: readonly Lane[]): LaidLine => ({
  kind,
  isUnused,
  isLast,
  lanes: isUp
    ? lanes.map(({ x, top, bottom }) => ({ x, from: bottom, to: top })).toReversed()
    : lanes.map(({ x, top, bottom }) => ({ x, from: top, to: bottom })),
});

/** The extra length of lines that enter at ports: from the ports to the edges of the frame. */
interface Reach {
  readonly top: number;
  readonly bottom: number;
}

/** Values that all levels of a drawing share. */
interface Context {
  readonly allFlops: number;
  readonly drafts: Map<Level, Draft>;
  /** Frames before it is known where lines come from. */
  readonly firsts: Map<BlockGroup, Laid>;
}

/** The places of lines just before they enter a frame and just after they leave it. */
const outsideOf = (group: BlockGroup, level: Level, { lanes }: Arrangement): Outside => {
  const key = groupKey(group.id);
  return new Map(
    [...level.pieces.values()].flatMap(({ id, from, to, fromPort, toPort }) => [
      ...(from === key ? [[fromPort!, lanes.get(id)!.at(1)!.x] as const] : []),
      ...(to === key ? [[toPort!, lanes.get(id)!.at(-2)!.x] as const] : []),
    ]),
  );
};

const arrangeLevel = (
  level: Level,
  laid: ReadonlyMap<string, Laid>,
  room: number,
  { drafts }: Context,
  outside: Outside,
): Arrangement => {
  const items: readonly Item[] = [
    ...[...level.ports].map(([id, port]) => ({ id, port, width: 0, height: 0 })),
    ...[...laid].map(([id, { width, height }]) => ({ id, width, height })),
    ...[...level.labels.values()].map(({ id, lines }) => ({ id, isLabel: true, ...labelSize(lines) })),
  ];
  const links = [...level.pieces.values()];
  const ports = new Map(links.map(({ id, fromPort, toPort }) => [id, { from: fromPort, to: toPort }]));
  const touch: Touch = (link, end) => laid.get(link[end])?.ports.get(ports.get(link.id)![end] ?? '');
  const arranged = arrange({ items, links, touch, room, outside, draft: drafts.get(level) });
  drafts.set(level, arranged.draft);
  return arranged;
};

const partsOf = (
  level: Level,
  laid: ReadonlyMap<string, Laid>,
  { places, lanes, height }: Arrangement,
  reach: Reach,
): Parts => {
  const parts = [...laid].map(([id, at]) => {
    const { x, y } = places.get(id)!;
    return shifted(at.parts, x - at.width / 2, y - at.height / 2);
  });
  const labels = [...level.labels.values()].map(({ id, arrow, lines }) => {
    const size = labelSize(lines);
    const { x, y } = places.get(id)!;
    return { arrow, lines, ...size, x: x - size.width / 2, y: y - size.height / 2 };
  });
  const lines = [...level.pieces.values()].map((piece) => {
    const way = lanes.get(piece.id)!.map((lane) => ({ ...lane }));
    if (level.ports.get(piece.from) === 'top') way[0] = { ...way[0], top: -reach.top };
    if (level.ports.get(piece.to) === 'bottom')
      way[way.length - 1] = { ...way[way.length - 1], bottom: height + reach.bottom };
    return lineOf(piece, way);
  });
  return joined([...parts, { ...nothing, labels, lines }]);
};

/**
 * Lays out a level: frames first by themselves, and where it is known from where lines come to it, once more with the
 * order in them that has fewer lines cross.
 */
const layLevel = (level: Level, room: number, reach: Reach, context: Context, outside?: Outside): Laid => {
  const blocks = level.blocks.map((block): [string, Laid] => {
    const loops = level.loops.filter(({ arrow }) => arrow.from === block.id);
    return [blockKey(block.id), layBlock(block, loops, context.allFlops)];
  });
  const withFrames = (known?: (group: BlockGroup) => Outside) =>
    new Map([
      ...blocks,
      ...level.groups.map(
        ({ group, level: inner }) =>
          [groupKey(group.id), layFrame(group, inner, room, context, known?.(group))] as const,
      ),
    ]);
  let laid = withFrames();
  let arranged = arrangeLevel(level, laid, room, context, outside ?? new Map());
  if (outside && level.groups.length > 0) {
    const first = arranged;
    laid = withFrames((group) => outsideOf(group, level, first));
    arranged = arrangeLevel(level, laid, room, context, outside);
  }
  const { width, height, places } = arranged;
  const ports = new Map([...level.ports.keys()].map((id) => [id, places.get(id)!.x]));
  return { width, height, parts: partsOf(level, laid, arranged, reach), ports };
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
const layFrame = (
  group: BlockGroup,
  level: Level,
  room: number,
  context: Context,
  outside?: Outside,
): Laid => {
  const first = context.firsts.get(group);
  if (first && !outside) return first;
  const step = isStack(group) ? stackStep : 0;
  const inside = Math.max(room - 2 * (framePadding.x + step), leastRoom);
  const all = titleLines(group, inside);
  const top = framePadding.top + linesHeight(all) + underTitle;
  const { bottom } = framePadding;
  const laid = layLevel(level, inside, { top, bottom: bottom + step }, context, outside);
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
  const framed = { width: width + 2 * step, height: height + step, parts, ports };
  if (!outside) context.firsts.set(group, framed);
  return framed;
};

export interface LayoutOptions {
  /** FLOPs of the whole model; those of the view's blocks, if not given. */
  readonly flops?: number;
  /** The widest that it may be, where it can. */
  readonly maxWidth?: number;
}

const layWithin = (level: Level, room: number, allFlops: number): Laid =>
  layLevel(level, room, { top: 0, bottom: 0 }, { allFlops, drafts: new Map(), firsts: new Map() }, new Map());

/**
 * Lays out a view, at most 1,000 pixels wide unless one thing alone, or the lines that pass it, are wider.
 * @throws DiagramError where an arrow or a group names what is not there, or a group is within itself
 */
export const layout = (view: View, options: LayoutOptions = {}): Layout => {
  const { flops = view.blocks.reduce((total, block) => total + block.flops, 0), maxWidth = 1000 } = options;
  const level = levelsOf(view);
  const room = maxWidth - 2 * margin;
  // Frames side by side may leave too little room for the lines beside them: then all are asked to be narrower.
  let laid = layWithin(level, room, flops);
  for (const part of narrower) {
    if (laid.width <= room) break;
    const next = layWithin(level, part * room, flops);
    if (next.width < laid.width) laid = next;
  }
  return {
    width: laid.width + 2 * margin,
    height: laid.height + 2 * margin,
    ...shifted(laid.parts, margin, margin),
  };
};
