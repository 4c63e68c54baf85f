/** Drawings of a model: its diagram at a level, bars, and how it grows; the one place that knows who draws them. */
import type { Growth, View } from '../document.js';
import { type BarRow, barChart, diagram, lineChart } from '../svg/index.js';
import { Html } from './html.js';

/** A diagram of a level, as wide as the column that pages have for it. */
export const drawView = (view: View, level: number, title: string): Html =>
  Html.trusted(diagram(view, { prefix: `level-${level}`, title, maxWidth: 880 }));

/** Parts of a whole as bars, the largest first; `prefix` is their own on the page. */
export const drawBars = (
  prefix: string,
  title: string,
  rows: readonly BarRow[],
  format: (value: number) => string,
): Html => Html.trusted(barChart(rows, { prefix, title, format }));

/** A model beside a Transformer, by the size of the input. */
export const drawGrowth = (growth: Growth, of: 'flops' | 'bytes'): Html =>
  Html.trusted(lineChart(growth, { prefix: `growth-${of}`, of }));
