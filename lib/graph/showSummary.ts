/**
 * Summaries as people read them: a table of modules with its totals, as plain text or as Markdown.
 */
import { grouped, showBytes, showFlops } from '../data/quantities.js';
import { showShapes } from '../data/shape.js';
import type { ModuleSummary, Summary } from './summary.js';

const columns = ['module', 'config', 'inputs', 'outputs', 'parameters', 'MFLOP', 'bytes'];

/** Columns of numbers, which end where the others begin. */
const numeric: ReadonlySet<string> = new Set(['parameters', 'MFLOP', 'bytes']);

const megaflops = (flops: number): string =>
  (flops / 1e6).toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** So much of a config fits into a table. */
const longestConfig = 60;

const shortened = (text: string): string =>
  text.length > longestConfig ? `${text.slice(0, longestConfig - 1)}…` : text;

/** A config in a few words: its plain values, and a mark where there are others. */
const showConfig = (config: unknown): string => {
  if (typeof config !== 'object' || config === null) return '';
  const given = Object.entries(config).filter(([, value]) => value !== undefined);
  const words = given.map(([name, value]) => {
    const isNested = typeof value === 'object' && value !== null && !Array.isArray(value);
    return `${name}=${isNested ? '…' : JSON.stringify(value)}`;
  });
  return shortened(words.join(' '));
};

const cells = (module: ModuleSummary): string[] => [
  module.calls > 1 ? `${module.path} (${module.calls} calls)` : module.path,
  showConfig(module.config),
  showShapes(module.inputs),
  showShapes(module.outputs),
  grouped(module.parameters),
  megaflops(module.flops),
  grouped(module.bytes),
];

const totals = ({ parameters, flops, bytes }: Summary): string[] => [
  `${grouped(parameters)} parameters; ${showFlops(flops)} in products and convolutions`,
  `memory: ${showBytes(bytes.weights)} weights, ${showBytes(bytes.activations)} activations at their peak ` +
    `(${showBytes(bytes.activationsUntiled)} if attention held all its scores)`,
];

/** Columns for narrow terminals. */
const fewColumns = ['module', 'outputs', 'parameters', 'MFLOP'];

/** Rows of the few columns: each module below the one that it is in, by the rest of its path. */
const fewCells = (modules: readonly ModuleSummary[], width: number): string[][] => {
  const open: string[] = [];
  const rows = modules.map((module) => {
    while (open.length > 0 && !module.path.startsWith(`${open[open.length - 1]}/`)) open.pop();
    const rest = open.length > 0 ? module.path.slice(open[open.length - 1].length + 1) : module.path;
    const label = ['  '.repeat(open.length), rest, module.calls > 1 ? ` × ${module.calls}` : ''] as const;
    open.push(module.path);
    const [first, ...others] = module.outputs;
    const outputs =
      showShapes(others.length > 0 ? [first] : module.outputs) + (others.length > 0 ? ', …' : '');
    return { label, cells: [outputs, grouped(module.parameters), megaflops(module.flops)] };
  });
  const widthOf = (i: number) =>
    Math.max(fewColumns[i + 1].length, ...rows.map(({ cells }) => cells[i].length));
  const room = width - [0, 1, 2].reduce((sum, i) => sum + 2 + widthOf(i), 0);
  const fitting = ([indent, rest, calls]: readonly string[]): string =>
    [indent, rest, calls].join('').length <= room ? rest : `…${rest.slice(rest.lastIndexOf('/'))}`;
  return rows.map(({ label, cells }) => [`${label[0]}${fitting(label)}${label[2]}`, ...cells]);
};

/** Rows with their columns aligned. */
const aligned = (
  rows: readonly (readonly string[])[],
  left: string,
  between: string,
  right: string,
): string[] => {
  const [columns] = rows;
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const align = (cell: string, i: number) =>
    numeric.has(columns[i]) ? cell.padStart(widths[i]) : cell.padEnd(widths[i]);
  return rows.map((row) => `${left}${row.map(align).join(between)}${right}`.trimEnd());
};

/**
 * A summary as plain text.
 * @param width  characters in a line; where the whole table is wider, configs, inputs and bytes are left out
 */
export const summaryText = (summary: Summary, width = Infinity): string => {
  const whole = aligned([columns, ...summary.modules.map(cells)], '', '  ', '');
  const fits = whole.every((line) => [...line].length <= width);
  const lines = fits ? whole : aligned([fewColumns, ...fewCells(summary.modules, width)], '', '  ', '');
  const below = fits ? totals(summary) : totals(summary).flatMap((line) => line.split(/ (?=\()/));
  return [...lines, '', ...below].join('\n');
};

/** A summary as Markdown. */
export const summaryMarkdown = (summary: Summary): string => {
  const escaped = (cell: string) => cell.replaceAll('|', '\\|');
  const rule = columns.map((name) => (numeric.has(name) ? '--:' : '---'));
  const rows = [columns, rule, ...summary.modules.map((module) => cells(module).map(escaped))];
  return [...aligned(rows, '| ', ' | ', ' |'), '', ...totals(summary).flatMap((line) => [`${line}  `])]
    .join('\n')
    .trimEnd();
};
