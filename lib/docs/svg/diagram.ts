/**
 * A model as a picture: one view of it as SVG, from what goes in at the top to what comes out at the bottom.
 */
import type { Arrow, Block, View } from '../document.js';
import { costText, fonts, isStack, type Line, shapeText, stackStep, stackText } from './boxes.js';
import {
  type LaidBlock,
  type LaidFrame,
  type LaidLabel,
  type LaidLine,
  type LaidLoop,
  type Rectangle,
} from './parts.js';
import { layout, type LayoutOptions } from './layout.js';
import { escape } from '../escape.js';
import { type DrawingOptions, element, picture, textLine } from './markup.js';
import { diagramStyle } from './style.js';

export interface DiagramOptions extends DrawingOptions, LayoutOptions {
  /** 'Diagram', if not given. */
  readonly title?: string;
}

/** The baseline of a text below the top of its line, as a share of the font's size. */
const baseline = 0.74;

const linesIn = (lines: readonly Line[], x: number, top: number, anchor?: 'middle'): readonly string[] => {
  let y = top;
  return lines.map(({ text, role }) => {
    const at = y + fonts[role].height * baseline;
    y += fonts[role].height;
    return textLine(text, { class: role, x, y: at, 'text-anchor': anchor });
  });
};

const middleOf = ({ y, height }: Rectangle, lines: readonly Line[]): number =>
  y + (height - lines.reduce((total, { role }) => total + fonts[role].height, 0)) / 2;

const lineClass = ({ kind, isUnused }: Pick<Arrow, 'kind' | 'isUnused'>): string =>
  ['arrow', ...(kind === 'weights' ? ['weights'] : []), ...(isUnused ? ['unused'] : [])].join(' ');

const headSize = { long: 8, half: 4 };

/** The point of an arrow that comes in along y. */
const head = (x: number, y: number, direction: number): string => {
  const back = y - direction * headSize.long;
  return element('path', {
    class: 'head',
    d: `M${round(x)} ${round(y)}L${round(x - headSize.half)} ${round(back)}H${round(x + headSize.half)}Z`,
  });
};

const round = (value: number): number => Math.round(value * 10) / 10;

/** Straight through its lanes, and from one to the next in a curve that leaves and enters along y. */
export const pathOf = ({ lanes }: Pick<LaidLine, 'lanes'>): string =>
  lanes
    .map(({ x, from, to }, i) => {
      const [at, down] = [`${round(x)} ${round(from)}`, `V${round(to)}`];
      if (i === 0) return `M${at}${down}`;
      const last = lanes[i - 1];
      const half = round((last.to + from) / 2);
      const step =
        Math.abs(last.x - x) < 0.1 ? `L${at}` : `C${round(last.x)} ${half} ${round(x)} ${half} ${at}`;
      return step + down;
    })
    .join('');

const drawLine = (line: LaidLine): string => {
  const { x, to } = line.lanes.at(-1)!;
  const direction = Math.sign(to - line.lanes[0].from) || 1;
  // The line ends where its head begins, so that its own width does not show beside the point.
  const short = line.isLast
    ? line.lanes.map((lane, i) =>
        i + 1 === line.lanes.length ? { ...lane, to: lane.to - direction * (headSize.long - 2) } : lane,
      )
    : line.lanes;
  return element(
    'g',
    { class: lineClass(line) },
    element('path', { class: 'line', d: pathOf({ lanes: short }) }),
    ...(line.isLast ? [head(x, to, direction)] : []),
  );
};

const drawLoop = (loop: LaidLoop): string => {
  const { x, y, width, height } = loop;
  const right = round(x + width * 1.3);
  const [top, bottom] = [round(y), round(y + height)];
  return element(
    'g',
    { class: lineClass(loop) },
    element('path', {
      class: 'line',
      d: `M${round(x)} ${bottom}C${right} ${bottom} ${right} ${top} ${round(x + 6)} ${top}`,
    }),
    element('path', { class: 'head', d: `M${round(x)} ${top}l8 -4v8Z` }),
  );
};

const lookOf = ({ kind, attention }: Block): string => {
  if (kind === 'input' || kind === 'output') return 'end';
  return kind === 'operation' ? 'operation' : (attention ?? 'other');
};

const classOf = (block: Block): string => `block ${lookOf(block)}${block.isUnused ? ' unused' : ''}`;

const cornerOf = ({ block, height }: LaidBlock): number => (block.kind === 'module' ? 6 : height / 2);

/** A tooltip with the full path, for labels that are shortened. */
const hint = ({ label, path, count }: Block): string | undefined =>
  path === undefined ? label : count > 1 ? `${path} and ${count - 1} more like it` : path;

const drawBlock = (laid: LaidBlock): string => {
  const { block, x, y, width, height, lines } = laid;
  const box = { class: 'box', width, height, rx: cornerOf(laid) };
  return element(
    'g',
    { class: classOf(block), 'data-block': block.id },
    element('title', {}, escape(hint(block) ?? '')),
    ...(isStack(block) ? [element('rect', { ...box, x: x + stackStep, y: y + stackStep })] : []),
    element('rect', { ...box, x, y }),
    ...linesIn(lines, x + width / 2, middleOf(laid, lines), 'middle'),
  );
};

const drawFrame = ({ group, x, y, width, height, title }: LaidFrame): string => {
  const box = { class: 'frame', width, height, rx: 8 };
  return element(
    'g',
    { 'data-group': group.id },
    element('title', {}, escape(group.path)),
    ...(isStack(group) ? [element('rect', { ...box, x: x + stackStep, y: y + stackStep })] : []),
    element('rect', { ...box, x, y }),
    ...linesIn(title.lines, title.x, title.y),
  );
};

const drawLabel = (label: LaidLabel): string =>
  element(
    'g',
    { class: lineClass(label.arrow).replace('arrow', 'text') },
    ...linesIn(label.lines, label.x + label.width / 2, middleOf(label, label.lines), 'middle'),
  );

/** The flow in words. */
const inWords = (view: View, allFlops: number): string => {
  const label = new Map(view.blocks.map((block) => [block.id, block.label]));
  const boxes = view.blocks
    .filter(({ kind }) => kind === 'module')
    .map((block) => [block.label, stackText(block), costText(block, allFlops)].filter(Boolean).join(', '));
  const arrows = view.arrows.map(({ from, to, shape, kind, as }) =>
    kind === 'weights'
      ? `${label.get(to)} has the weights of ${label.get(from)}, ${shapeText(shape)}.`
      : `${label.get(from)} to ${label.get(to)}: ${shapeText(shape)}${as === undefined ? '' : ` as ${as}`}.`,
  );
  return [...(boxes.length > 0 ? [`Modules: ${boxes.join('; ')}.`] : []), ...arrows].join(' ');
};

/**
 * Draws a view.
 * @throws DiagramError where an arrow or a group names what is not there, or a group is within itself
 * @example diagram(document.views[0], { standalone: true, title: 'Perceiver' })
 */
export const diagram = (view: View, options: DiagramOptions = {}): string => {
  const { title = 'Diagram', standalone = false } = options;
  const laid = layout(view, options);
  const flops = options.flops ?? view.blocks.reduce((total, block) => total + block.flops, 0);
  return picture(
    { width: laid.width, height: laid.height, title, description: inWords(view, flops) },
    options,
    standalone ? diagramStyle : undefined,
    [
      ...laid.frames.map(drawFrame),
      ...laid.lines.map(drawLine),
      ...laid.loops.map(drawLoop),
      ...laid.blocks.map(drawBlock),
      ...laid.labels.map(drawLabel),
    ],
  );
};
