/** The parts of a whole as horizontal bars with values and shares; the smallest parts share one bar. */
import { scaleLinear } from 'd3-scale';
import { showShare } from '../../data/quantities.js';
import { escape } from '../escape.js';
import { type DrawingOptions, element, picture, textLine } from './markup.js';
import { diagramStyle } from './style.js';
import { elide, textWidth } from './textWidth.js';

export interface BarRow {
  readonly label: string;
  readonly value: number;
  /** Of the whole, from 0 to 1. */
  readonly share: number;
}

export interface BarChartOptions extends DrawingOptions {
  readonly title: string;
  /** Writes a value: `12.3 M`. */
  readonly format: (value: number) => string;
  /** Rows, with that of others; 12 if not given. */
  readonly mostRows?: number;
}

const width = 720;
const rowHeight = 26;
const barHeight = 15;
const top = 38;
const margin = 12;
const gap = 10;
const label = { size: 12, most: 270 };
const detailSize = 11;

interface Drawn extends BarRow {
  readonly isOthers: boolean;
}

/** The largest rows, from the largest; what is left as one row. */
const largest = (rows: readonly BarRow[], mostRows: number): readonly Drawn[] => {
  const sorted = rows.filter(({ value }) => value > 0).sort((a, b) => b.value - a.value);
  const isAll = sorted.length <= mostRows;
  const kept = sorted.slice(0, isAll ? mostRows : Math.max(mostRows - 1, 0));
  const others = sorted.slice(kept.length);
  const sum = (of: 'share' | 'value') => others.reduce((total, row) => total + row[of], 0);
  return [
    ...kept.map((row) => ({ ...row, isOthers: false })),
    ...(isAll
      ? []
      : [{ label: `${others.length} others`, value: sum('value'), share: sum('share'), isOthers: true }]),
  ];
};

/**
 * Draws rows; those without a value are left out.
 * @example barChart([{ label: 'encoder', value: 9e9, share: 0.9 }], { title: 'FLOPs', format: showFlops })
 */
export const barChart = (rows: readonly BarRow[], options: BarChartOptions): string => {
  const { title, format, mostRows = 12, standalone = false } = options;
  const drawn = largest(rows, mostRows);
  const labels = drawn.map((row) => elide(row.label, label.most, 'mono', label.size));
  const values = drawn.map(({ value, share }) => `${format(value)}, ${showShare(share)}`);
  const left = margin + Math.max(0, ...labels.map((text) => textWidth(text, 'mono', label.size))) + gap;
  const right = Math.max(0, ...values.map((text) => textWidth(text, 'sans', detailSize))) + gap + margin;
  const x = scaleLinear(
    [0, Math.max(Number.MIN_VALUE, ...drawn.map(({ value }) => value))],
    [0, width - left - right],
  );
  const height = top + drawn.length * rowHeight + margin;
  const description = drawn.map((row, i) => `${row.label}: ${values[i]}.`).join(' ');
  return picture({ width, height, title, description }, options, standalone ? diagramStyle : undefined, [
    textLine(title, { class: 'heading', x: margin, y: 22 }),
    ...drawn.map((row, i) => {
      const middle = top + (i + 0.5) * rowHeight;
      // A hair where there is something, however little.
      const length = Math.max(1, x(row.value));
      return element(
        'g',
        { class: row.isOthers ? 'others' : undefined },
        element('title', {}, escape(`${row.label}: ${values[i]}`)),
        textLine(labels[i], { class: 'label', x: left - gap, y: middle + 4, 'text-anchor': 'end' }),
        element('rect', {
          class: 'bar',
          x: left,
          y: middle - barHeight / 2,
          width: length,
          height: barHeight,
          rx: Math.min(2, length / 2),
        }),
        textLine(values[i], { class: 'detail', x: left + length + gap, y: middle + 4 }),
      );
    }),
  ]);
};
