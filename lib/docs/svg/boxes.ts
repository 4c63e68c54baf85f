/** The texts on a block, and the size of its box. */
import type { Shape } from '../../data/array.js';
import type { Arrow, Block } from '../document.js';
import { grouped, showCount, showShare } from '../../data/quantities.js';
import { elide, type Face, textWidth, wrap } from './textWidth.js';

/** `2,048 × 768` */
export const shapeText = (shape: Shape): string =>
  shape.length === 0 ? 'one number' : shape.map(grouped).join(' × ');

/** A line of text; `role` chooses its font. */
export interface Line {
  readonly text: string;
  readonly role: 'as' | 'detail' | 'name' | 'shape' | 'title';
}

export const fonts: Readonly<Record<Line['role'], { face: Face; size: number; height: number }>> = {
  name: { face: 'mono', size: 13, height: 18 },
  title: { face: 'mono', size: 12, height: 16 },
  detail: { face: 'sans', size: 11, height: 15 },
  shape: { face: 'sans', size: 11, height: 14 },
  as: { face: 'sans', size: 11, height: 14 },
};

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const lineWidth = ({ text, role }: Line): number =>
  textWidth(text, fonts[role].face, fonts[role].size);

export const linesHeight = (lines: readonly Line[]): number =>
  lines.reduce((total, { role }) => total + fonts[role].height, 0);

/** Of a name, and of a line below it. */
const widest = { name: 272, detail: 222 };
const padding = { x: 14, y: 8 };
/** The visible edge of the box behind a stack, in pixels. */
export const stackStep = 5;

const inLines = (text: string, role: Line['role'], most: number): readonly Line[] =>
  wrap(text, most, fonts[role].face, fonts[role].size).map((line) => ({ text: line, role }));

/** '6 layers, run 8 times with the same weights'. */
export const stackText = ({ count, repeats }: Pick<Block, 'count' | 'repeats'>): string | undefined => {
  const layers = count > 1 ? [`${count} layers`] : [];
  const runs = repeats > 1 ? [`run ${repeats} times with the same weights`] : ['each with its own weights'];
  return count > 1 || repeats > 1 ? [...layers, ...runs].join(', ') : undefined;
};

/** '12.3 M parameters, 41 % of FLOPs'. */
export const costText = ({ parameters, flops }: Block, allFlops: number): string | undefined => {
  const parts = [
    ...(parameters > 0 ? [`${showCount(parameters)} ${parameters === 1 ? 'parameter' : 'parameters'}`] : []),
    ...(flops > 0 && allFlops > 0 ? [`${showShare(flops / allFlops)} of FLOPs`] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : undefined;
};

/** The texts on a block, from top to bottom. */
export const blockLines = (block: Block, allFlops: number): readonly Line[] => {
  const { face, size } = fonts.name;
  const name: Line = { text: elide(block.label, widest.name, face, size), role: 'name' };
  if (block.kind !== 'module') return [name];
  const details = [costText(block, allFlops), stackText(block)];
  return [
    name,
    ...details.flatMap((text) => (text === undefined ? [] : inLines(text, 'detail', widest.detail))),
  ];
};

export const isStack = ({ count, repeats }: Pick<Block, 'count' | 'repeats'>): boolean =>
  count > 1 || repeats > 1;

/** The box around lines; an operation is as small as it can be. */
export const boxSize = ({ kind }: Block, lines: readonly Line[]): Size => {
  const text = Math.max(...lines.map(lineWidth));
  const height = linesHeight(lines);
  if (kind === 'operation') return { width: Math.max(26, text + 18), height: Math.max(26, height + 6) };
  return { width: Math.max(72, text + 2 * padding.x), height: height + 2 * padding.y };
};

/** The texts on an arrow. */
export const arrowLines = ({ shape, as, kind }: Arrow): readonly Line[] => [
  ...(as === undefined ? [] : [{ text: as, role: 'as' as const }]),
  ...(kind === 'weights' ? [{ text: 'the same weights', role: 'as' as const }] : []),
  ...inLines(shapeText(shape), 'shape', 150),
];

export const labelSize = (lines: readonly Line[]): Size => ({
  width: Math.max(...lines.map(lineWidth)) + 6,
  height: linesHeight(lines) + 4,
});
