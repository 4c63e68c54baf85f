/**
 * Results as pictures: SVG whose colours can be read on a light page and on a dark one.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { peers } from '../folders.js';
import type { Row } from '../work.js';
import { besideWeights } from './markdown.js';
import { ofGroup } from './pivot.js';

/** The used part of vega and vega-lite, which are installed with the peers. */
interface Vega {
  readonly View: new (runtime: unknown, options: { renderer: 'none' }) => { toSVG(): Promise<string> };
  readonly parse: (spec: unknown) => unknown;
}
interface VegaLite {
  readonly compile: (spec: unknown) => { readonly spec: unknown };
}

const load = async <M>(name: string): Promise<M> =>
  (await import(pathToFileURL(createRequire(join(peers, 'package.json')).resolve(name)).href)) as M;

/** Middle greys and middle colours: at least 3 : 1 on white and on black. */
const ink = '#7d858f';
const palette = ['#2f81f7', '#d9730d', '#2da44e', '#a864d8', '#c4453d', '#0f8f9c', '#b08500', '#8a8f98'];

const config = {
  background: null,
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: ink,
    titleColor: ink,
    domainColor: ink,
    tickColor: ink,
    gridColor: ink,
    gridOpacity: 0.25,
    labelLimit: 520,
  },
  header: { labelColor: ink, titleColor: ink, labelAnchor: 'start', labelFontWeight: 'bold' },
  legend: { labelColor: ink, titleColor: ink, labelLimit: 300, orient: 'bottom', columns: 5 },
  title: { color: ink, anchor: 'start' },
  range: { category: palette },
};

/** One figure of one engine. */
interface Mark {
  readonly work: string;
  readonly engine: string;
  readonly threads: string;
  /** Both of them. */
  readonly name: string;
  readonly value: number;
}

const marksOf = (rows: readonly Row[], valueOf: (row: Row) => number | null): readonly Mark[] =>
  rows.flatMap((row) => {
    const { work, engine } = row;
    const value = valueOf(row);
    const threads = `${row.threads}`;
    return value === null || !(value > 0)
      ? []
      : [{ work, engine, threads, name: `${engine}, ${threads}`, value }];
  });

/** A field by its values in the order of the rows. */
const field = (marks: readonly Mark[], name: Exclude<keyof Mark, 'value'>) => ({
  field: name,
  type: 'nominal',
  sort: [...new Set(marks.map((mark) => mark[name]))],
});

/** Bars, a group of them for each work; one colour for each engine, fainter with fewer threads. */
const bars = (title: string, axis: string, marks: readonly Mark[]): unknown => ({
  title,
  config,
  width: 520,
  data: { values: marks },
  mark: { type: 'bar', height: { band: 0.85 } },
  encoding: {
    row: {
      ...field(marks, 'work'),
      title: null,
      header: { labelOrient: 'top', labelPadding: 2 },
      spacing: 14,
    },
    y: { ...field(marks, 'name'), title: null },
    x: { field: 'value', type: 'quantitative', title: axis },
    color: { ...field(marks, 'engine'), legend: null },
    opacity: { field: 'threads', type: 'ordinal', scale: { range: [0.6, 1] }, legend: null },
  },
  resolve: { scale: { y: 'independent' } },
});

/** Points on a logarithmic axis, a line for each work; one colour for each engine, one shape for each number of threads. */
const points = (title: string, axis: string, marks: readonly Mark[]): unknown => ({
  title,
  config,
  width: 520,
  height: { step: 16 },
  layer: [
    {
      data: { values: [{ value: 1 }] },
      mark: { type: 'rule', color: ink },
      encoding: { x: { field: 'value', type: 'quantitative' } },
    },
    {
      data: { values: marks },
      mark: { type: 'point', filled: true, size: 60, opacity: 0.9 },
      encoding: {
        y: { ...field(marks, 'work'), title: null },
        x: { field: 'value', type: 'quantitative', scale: { type: 'log' }, title: axis },
        color: { ...field(marks, 'engine'), title: 'engine' },
        shape: { ...field(marks, 'threads'), title: 'threads' },
      },
    },
  ],
});

export interface Chart {
  readonly file: string;
  readonly caption: string;
  readonly spec: unknown;
}

const chart = (
  file: string,
  caption: string,
  axis: string,
  marks: readonly Mark[],
  draw: typeof bars,
): readonly Chart[] => (marks.length === 0 ? [] : [{ file, caption, spec: draw(caption, axis, marks) }]);

/** The charts that these rows make. */
export const chartsOf = (rows: readonly Row[]): readonly Chart[] => {
  const inNode = rows.filter(({ engine }) => !engine.endsWith(' in Chromium'));
  const models = ofGroup(inNode, 'model');
  const ratio = (row: Row) => (row.engine === 'baseline' ? null : row.ratio);
  const megabytes = (row: Row) => {
    const beside = besideWeights(row);
    return beside === null ? null : beside / 1e6;
  };
  return [
    ...chart(
      'models.svg',
      'Whole models: times faster than the baseline',
      'baseline’s time over this one',
      marksOf(models, ratio),
      bars,
    ),
    ...chart(
      'speeds.svg',
      'Whole models: GFLOP/s',
      'GFLOP/s',
      marksOf(models, ({ gflops }) => gflops),
      bars,
    ),
    ...chart(
      'memory.svg',
      'Whole models: largest memory beside the weights',
      'MB',
      marksOf(models, megabytes),
      bars,
    ),
    ...chart(
      'layers.svg',
      'Layers: times faster than the baseline',
      'baseline’s time over this one',
      marksOf(ofGroup(inNode, 'layer'), ratio),
      points,
    ),
    ...chart(
      'kernels.svg',
      'Kernels: times faster than the baseline',
      'baseline’s time over this one',
      marksOf(ofGroup(inNode, 'kernel'), ratio),
      points,
    ),
  ];
};

/** A chart as SVG. */
export const draw = async ({ spec }: Chart): Promise<string> => {
  const [vega, vegaLite] = await Promise.all([load<Vega>('vega'), load<VegaLite>('vega-lite')]);
  return new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: 'none' }).toSVG();
};
