/**
 * Curves of runs as a picture: loss, other metrics, evaluations and learning rates over steps, one panel each, in SVG without scripts. It
 * reads lines of JSON as `jsonLines` writes them.
 */
import { expectKnown } from '../data/nearest.js';
import * as E from 'fp-ts/lib/Either.js';
import { isRecord } from '../data/nest.js';
import { parseJson } from '../files/json.js';

/** A point of a curve. */
type Point = readonly [step: number, value: number];

/** The curves of one panel, by name; those called `… of a step` are drawn pale, behind their mean. */
interface Panel {
  readonly title: string;
  readonly curves: readonly { readonly name: string; readonly points: readonly Point[] }[];
  readonly isLogarithmic: boolean;
}

interface Line {
  readonly kind?: unknown;
  readonly step?: unknown;
  readonly metrics?: Readonly<Record<string, unknown>>;
  readonly raw?: Readonly<Record<string, unknown>>;
  readonly ema?: Readonly<Record<string, unknown>>;
}

const size = { panel: 200, left: 64, right: 16, top: 28, bottom: 24 };

/** The picture's size and scale. */
export interface PlotOptions {
  /** In pixels, at which texts are 12 pixels high; 720 if not given. */
  readonly width?: number;
  /** The last step of the axis; the log's last one if not given. */
  readonly lastStep?: number;
}
const colours = ['#0b6e99', '#c2571a', '#3f7d20', '#8a3d8f'];

/** Points of a figure, in the order of steps. */
const pointsOf = (lines: readonly Line[], part: 'metrics' | 'raw' | 'ema', name: string): readonly Point[] =>
  lines.flatMap(({ step, [part]: figures }): readonly Point[] => {
    const value = figures?.[name];
    return typeof step === 'number' && typeof value === 'number' && Number.isFinite(value)
      ? [[step, value]]
      : [];
  });

const namesOf = (lines: readonly Line[], part: 'metrics' | 'raw' | 'ema'): readonly string[] => [
  ...new Set(lines.flatMap(({ [part]: figures = {} }) => Object.keys(figures))),
];

/** The mean of each point and those before it, over a fiftieth of the run. */
const smoothed = (points: readonly Point[]): readonly Point[] => {
  const reach = Math.max(1, Math.round(points.length / 50));
  let sum = 0;
  return points.map(([step, value], i) => {
    sum += value - (i >= reach ? points[i - reach][1] : 0);
    return [step, sum / Math.min(i + 1, reach)];
  });
};

const panelsOf = (lines: readonly Line[]): readonly Panel[] => {
  const losses = pointsOf(lines, 'metrics', 'loss');
  const names = namesOf(lines, 'metrics');
  // Those of optimizers by label are `head/learningRate`.
  const rates = names.filter((name) => /(^|\/)learningRate$/.test(name));
  const ofSteps = (name: string, points: readonly Point[]) => [
    { name: `${name} of a step`, points },
    { name: 'mean', points: smoothed(points) },
  ];
  const own = names
    .filter((name) => !rates.includes(name) && !['loss', 'weight', 'gradientNorm', 'isFinite'].includes(name))
    .map((name) => ({
      title: name,
      curves: ofSteps(name, pointsOf(lines, 'metrics', name)),
      isLogarithmic: false,
    }));
  const evaluations = namesOf(lines, 'raw').map((name) => ({
    title: `evaluation: ${name}`,
    curves: [
      { name, points: pointsOf(lines, 'raw', name) },
      { name: 'averaged weights', points: pointsOf(lines, 'ema', name) },
    ].filter(({ points }) => points.length > 0),
    isLogarithmic: false,
  }));
  return [
    { title: 'loss', curves: ofSteps('loss', losses), isLogarithmic: losses.every(([, value]) => value > 0) },
    ...own,
    ...evaluations,
    ...rates.map((name) => ({
      title:
        name === 'learningRate' ? 'learning rate' : `learning rate: ${name.replace(/\/learningRate$/, '')}`,
      curves: [{ name: 'rate', points: pointsOf(lines, 'metrics', name) }],
      isLogarithmic: false,
    })),
  ].filter(({ curves }) => curves.some(({ points }) => points.length > 0));
};

const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

const shown = (value: number): string => `${Number(value.toPrecision(3))}`;

/** At most this number of points are drawn of a curve; every n-th one is. */
const mostPoints = 600;

const panelSvg = (
  { title, curves, isLogarithmic }: Panel,
  top: number,
  { width, lastStep }: Required<PlotOptions>,
): string => {
  const { panel, left, right } = size;
  const scale = isLogarithmic ? Math.log : (value: number) => value;
  const all = curves.flatMap(({ points }) => points.map(([, value]) => value));
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const span = scale(high) - scale(low) || 1;
  const inner = panel - size.top - size.bottom;
  const x = (step: number): number => left + ((width - left - right) * step) / Math.max(1, lastStep);
  const y = (value: number): number => top + size.top + inner * (1 - (scale(value) - scale(low)) / span);
  const path = (points: readonly Point[]): string => {
    const every = Math.ceil(points.length / mostPoints);
    const kept = points.filter((_, i) => i % every === 0 || i === points.length - 1);
    return kept.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  };
  const middle = isLogarithmic ? Math.sqrt(low * high) : (low + high) / 2;
  const rules = [...new Set([low, middle, high])].map(
    (value) =>
      `<line x1="${left}" x2="${width - right}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" stroke="#8884"/>` +
      `<text x="${left - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${shown(value)}</text>`,
  );
  const steps = [0, lastStep].map(
    (step) =>
      `<text x="${x(step).toFixed(1)}" y="${top + panel - 6}" text-anchor="${step === 0 ? 'start' : 'end'}">${step === 0 ? '0' : `step ${step}`}</text>`,
  );
  const drawn = curves.map(({ name, points }, i) => {
    const isPale = name.endsWith('of a step');
    const colour = colours[isPale ? 0 : Math.max(0, i - (curves[0].name.endsWith('of a step') ? 1 : 0))];
    return `<polyline points="${path(points)}" fill="none" stroke="${colour}" stroke-width="${isPale ? 1 : 1.8}"${isPale ? ' opacity="0.3"' : ''}><title>${escaped(name)}</title></polyline>`;
  });
  return [
    `<text x="${left}" y="${top + 16}" font-weight="bold">${escaped(title)}${isLogarithmic ? ', logarithmic' : ''}</text>`,
    ...rules,
    ...steps,
    ...drawn,
  ].join('\n');
};

const parsed = (text: string): Line | undefined => {
  const value = parseJson(text);
  return E.isRight(value) && isRecord(value.right) ? value.right : undefined;
};

/** The numbers, from 1, of lines that are no event. The last one may have broken off where a run was ended. */
export const damagedLines = (log: string): readonly number[] =>
  log
    .split('\n')
    .slice(0, -1)
    .flatMap((text, i) => (text.trim() === '' || parsed(text) ? [] : [i + 1]));

/**
 * The curves of a run.
 * @param log  the text of a `log.jsonl`; lines that are no event are passed over
 * @returns undefined where no line has figures
 */
export const plotRun = (log: string, options: PlotOptions = {}): string | undefined => {
  const { width = 720, lastStep } = options;
  expectKnown('plotRun', options, ['width', 'lastStep']);
  const lines = log.split('\n').flatMap((text): readonly Line[] => {
    const line = parsed(text);
    return line ? [line] : [];
  });
  const panels = panelsOf(lines);
  if (panels.length === 0) return undefined;
  const last = panels
    .flatMap(({ curves }) => curves.flatMap(({ points }) => points.map(([step]) => step)))
    .reduce((a, b) => Math.max(a, b), lastStep ?? 0);
  const height = size.panel * panels.length;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="currentColor" role="img">
<title>Curves of a training run</title>
<rect width="100%" height="100%" fill="#fff"/>
<g fill="#222">
${panels.map((panel, i) => panelSvg(panel, i * size.panel, { width, lastStep: last })).join('\n')}
</g>
</svg>
`;
};
