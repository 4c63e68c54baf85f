/**
 * A model's cost by the size of its input, beside that of a Transformer of the same layers: two lines on logarithmic
 * axes, so that a line's slope is the power of its growth.
 */
import { scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import { grouped, showBytes, showFlops } from '../../data/quantities.js';
import type { Growth, GrowthPoint } from '../document.js';
import { lineWidth } from './boxes.js';
import { type DrawingOptions, element, picture, textLine } from './markup.js';
import { diagramStyle } from './style.js';
import { textWidth } from './textWidth.js';

export interface LineChartOptions extends DrawingOptions {
  /** The cost on the vertical axis: operations, or bytes of intermediate tensors. */
  readonly of: 'bytes' | 'flops';
  readonly title?: string;
  /** The label of the model's own line; 'this model' if not given. */
  readonly name?: string;
}

interface At {
  readonly size: number;
  readonly ours: number;
  readonly theirs: number;
}

const quantities = {
  flops: { show: showFlops, title: 'FLOPs of one example' },
  bytes: { show: showBytes, title: 'activations at their peak' },
};
const transformer = 'a Transformer';

const frame = { width: 640, height: 390, top: 54, bottom: 52 };
const besideEnd = 10;
const fontSize = 11;

/** Ticks that are 1, and if there are few 2 and 5, times a power of ten. */
const ticksOf = (least: number, most: number): readonly number[] => {
  const powers = Array.from(
    { length: Math.floor(Math.log10(most)) - Math.floor(Math.log10(least)) + 1 },
    (_, i) => 10 ** (Math.floor(Math.log10(least)) + i),
  );
  const among = (factors: readonly number[]) =>
    powers
      .flatMap((power) => factors.map((factor) => factor * power))
      .filter((tick) => tick >= least * 0.999 && tick <= most * 1.001);
  return (
    [[1], [1, 3], [1, 2, 5]].map(among).find((ticks) => ticks.length >= 3) ??
    among([1, 2, 3, 4, 5, 6, 7, 8, 9])
  );
};

/** The items whose texts do not touch, from the first on. */
const spaced = <A>(
  items: readonly A[],
  place: (item: A) => readonly [start: number, end: number],
): readonly A[] =>
  items.reduce<readonly A[]>((kept, item) => {
    const last = kept.at(-1);
    return last === undefined || place(item)[0] > place(last)[1] + 8 ? [...kept, item] : kept;
  }, []);

const pointsOf = (points: readonly GrowthPoint[], of: 'bytes' | 'flops'): readonly At[] =>
  points
    .map((point) => ({ size: point.size, ours: point[of], theirs: point.transformer[of] }))
    .filter(({ size, ours, theirs }) => size > 0 && ours > 0 && theirs > 0)
    .sort((a, b) => a.size - b.size);

/** Heights of two texts at the ends of their lines, moved apart where they would touch. */
const apart = (a: number, b: number, least: number): readonly [number, number] => {
  const missing = (least - Math.abs(a - b)) / 2;
  if (missing <= 0) return [a, b];
  return a <= b ? [a - missing, b + missing] : [a + missing, b - missing];
};

const inWords = ({ what, published }: Growth, points: readonly At[], of: 'bytes' | 'flops'): string =>
  points
    .map(({ size, ours, theirs }) => {
      const mark = size === published ? ' (as published)' : '';
      return `${what} ${grouped(size)}${mark}: ${quantities[of].show(ours)}; ${transformer} ${quantities[of].show(theirs)}.`;
    })
    .join(' ');

/**
 * Draws growth; a drawing without lines where fewer than two points have a cost.
 * @example lineChart(document.growth, { of: 'flops', standalone: true })
 */
export const lineChart = (growth: Growth, options: LineChartOptions): string => {
  const { of, name = 'this model', standalone = false } = options;
  const title = options.title ?? `${quantities[of].title} by ${growth.what}`;
  const points = pointsOf(growth.points, of);
  const ends = [name, `${transformer} of`, 'the same layers'];
  const right = Math.max(...ends.map((text) => lineWidth({ text, role: 'name' }))) + besideEnd + 8;
  const size = { width: frame.width, height: frame.height, title, description: inWords(growth, points, of) };
  const style = standalone ? diagramStyle : undefined;
  const heading = textLine(title[0].toUpperCase() + title.slice(1), { class: 'heading', x: 12, y: 22 });
  if (points.length < 2) return picture(size, options, style, [heading]);

  const values = points.flatMap(({ ours, theirs }) => [ours, theirs]);
  const sizes = points.map((point) => point.size);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const [low, high] = [frame.height - frame.bottom, frame.top];
  // Lines keep off the axes, and a flat one is in the middle.
  const y = scaleLog([least / 1.4, most * 1.2], [low, high]);
  const yTicks = spaced(ticksOf(least / 1.4, most * 1.2), (tick) => [-y(tick), -y(tick) + fontSize]);
  const yText = (tick: number) => quantities[of].show(tick).replace('.0 ', ' ');
  const yTexts = yTicks.map((tick) => textWidth(yText(tick), 'sans', fontSize));
  const left = Math.max(60, Math.max(...yTexts) + 16);
  const x = scaleLog([sizes[0], sizes.at(-1)!], [left, frame.width - right]);
  const xText = grouped;
  const xPlace = (tick: number): readonly [number, number] => {
    const half = textWidth(xText(tick), 'sans', fontSize) / 2;
    return [x(tick) - half, x(tick) + half];
  };
  const published = points.find((point) => point.size === growth.published);
  // The published size is always written; others where they do not touch it.
  const clear = (tick: number) =>
    !published ||
    tick === published.size ||
    xPlace(tick)[1] + 8 < xPlace(published.size)[0] ||
    xPlace(tick)[0] - 8 > xPlace(published.size)[1];
  const xTicks = spaced(sizes.filter(clear), xPlace);
  const drawn = (key: 'ours' | 'theirs') =>
    element('path', {
      class: key,
      d:
        line<At>(
          (point) => x(point.size),
          (point) => y(point[key]),
        ).digits(1)(points) ?? undefined,
    });
  const last = points.at(-1)!;
  // Between the axis and the mark above the chart; one may be at each of them.
  const [highest, lowest] = [high + 10, low - 14];
  const inside = (at: number) => Math.min(Math.max(at, highest), lowest);
  const wanted = apart(inside(y(last.ours)), inside(y(last.theirs) + 6), 34);
  const shift = Math.max(0, highest - Math.min(...wanted)) - Math.max(0, Math.max(...wanted) - lowest);
  const [oursAt, theirsAt] = wanted.map((at) => at + shift);
  const end = frame.width - right + besideEnd;
  return picture(size, options, style, [
    heading,
    ...yTicks.flatMap((tick) => [
      element('path', {
        class: 'grid',
        d: `M${left} ${Math.round(y(tick) * 10) / 10}H${frame.width - right}`,
      }),
      textLine(yText(tick), {
        class: 'detail',
        x: left - 8,
        y: y(tick) + 4,
        'text-anchor': 'end',
      }),
    ]),
    element('path', { class: 'axis', d: `M${left} ${low}H${frame.width - right}` }),
    ...xTicks.flatMap((tick) => [
      element('path', { class: 'axis', d: `M${Math.round(x(tick) * 10) / 10} ${low}v5` }),
      textLine(xText(tick), { class: 'detail', x: x(tick), y: low + 19, 'text-anchor': 'middle' }),
    ]),
    textLine(growth.what, {
      class: 'detail',
      x: (left + frame.width - right) / 2,
      y: low + 40,
      'text-anchor': 'middle',
    }),
    ...(published
      ? [
          element('path', {
            class: 'published',
            d: `M${Math.round(x(published.size) * 10) / 10} ${low}V${high}`,
          }),
          textLine('published', { class: 'as', x: x(published.size), y: high - 9, 'text-anchor': 'middle' }),
        ]
      : []),
    drawn('theirs'),
    drawn('ours'),
    ...(published
      ? [
          element('circle', { class: 'theirs-dot', cx: x(published.size), cy: y(published.theirs), r: 4.5 }),
          element('circle', { class: 'ours-dot', cx: x(published.size), cy: y(published.ours), r: 4.5 }),
        ]
      : []),
    textLine(name, { class: 'ours-text', x: end, y: oursAt + 4 }),
    textLine(ends[1], { class: 'theirs-text', x: end, y: theirsAt - 3 }),
    textLine(ends[2], { class: 'theirs-text', x: end, y: theirsAt + 11 }),
  ]);
};
