/**
 * Results as a page: what was measured on what, the targets, and tables by kind of work.
 */

import { showBytes, showRatio, showSeconds } from '../../lib/data/quantities.js';
import type { Results } from '../results.js';
import { showMachine, sharesOf, showRefusal } from '../show.js';
import { targetsOf } from '../targets.js';
import type { Group, Row } from '../work.js';
import { type Column, columnsOf, linesOf, ofGroup } from './pivot.js';

const escape = (text: string): string => text.replace(/\|/g, '\\|').replace(/\s*\n\s*/g, ' ');

export const tableOf = (head: readonly string[], lines: readonly (readonly string[])[]): string =>
  [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...lines]
    .map((cells) => `| ${cells.map(escape).join(' | ')} |`)
    .join('\n');

const nameOf = ({ engine, threads }: Column): string =>
  engine === 'baseline' ? engine : `${engine}, ${threads}`;

/** One figure of each row, works down and engines across. */
export const sideBySide = (rows: readonly Row[], cellOf: (row: Row) => string): string => {
  const columns = columnsOf(rows);
  return tableOf(
    ['work', ...columns.map(nameOf)],
    linesOf(rows, columns).map(({ work, cells }) => [work, ...cells.map((row) => (row ? cellOf(row) : '—'))]),
  );
};

const timeOf = ({ seconds, ratio, engine }: Row): string =>
  ratio === null || engine.startsWith('baseline')
    ? showSeconds(seconds)
    : `${showSeconds(seconds)} (${showRatio(ratio)})`;

/** The peak memory of a process without its weights and its memory before the work. */
export const besideWeights = ({ peakBytes, idleBytes, weightBytes }: Row): number | null =>
  peakBytes === null || idleBytes === null ? null : Math.max(0, peakBytes - idleBytes - weightBytes);

const memoryOf = (row: Row): string => {
  const beside = besideWeights(row);
  const live = row.liveBytes === null ? '' : `, live ${showBytes(row.liveBytes)}`;
  if (row.peakBytes === null) return '—';
  return `${showBytes(row.peakBytes)}${beside === null ? '' : ` (${showBytes(beside)}${live})`}`;
};

const titles: Readonly<Record<Group, string>> = {
  model: 'Whole models, forward, batch 1',
  training: 'Training steps',
  initialisation: 'Parameters by seed',
  layer: 'Layers',
  kernel: 'Kernels',
};

const section = (results: Results, group: Group): string => {
  const rows = ofGroup(results.rows, group);
  if (rows.length === 0) return '';
  return `## ${titles[group]}\n\n${sideBySide(rows, timeOf)}`;
};

const speeds = (rows: readonly Row[]): string =>
  `## GFLOP/s\n\nOf products, attention and convolutions, multiplications and additions counted apart.\n\n${sideBySide(
    rows.filter(({ gflops }) => gflops !== null),
    ({ gflops }) => (gflops as number).toFixed(1),
  )}`;

const memory = (rows: readonly Row[]): string =>
  [
    '## Memory of whole models',
    [
      'Largest resident memory of the process. In brackets: beside the weights and what it held before anything was',
      'prepared, and the largest sum of live tensors where the engine tells. In a page: what the browser tells after',
      'the runs.',
    ].join(' '),
    sideBySide(rows, memoryOf),
  ].join('\n\n');

const targets = (rows: readonly Row[]): string =>
  [
    '## Aims',
    '',
    tableOf(
      ['aim', 'at least', 'measured', 'reached', 'where it is lowest'],
      targetsOf(rows).map(({ what, atLeast, measured, where }) => [
        what,
        `${atLeast} ×`,
        measured === null ? '—' : showRatio(measured),
        measured === null ? '—' : measured >= atLeast ? 'yes' : 'no',
        where,
      ]),
    ),
  ].join('\n');

/** An engine that fails the same way at several works is told of once. */
export const refusals = ({ refusals }: Results): string => {
  const byReason = new Map<string, string[]>();
  for (const refusal of refusals) {
    const reason = showRefusal(refusal);
    byReason.set(reason, [...(byReason.get(reason) ?? []), refusal.work]);
  }
  if (byReason.size === 0) return '';
  const lines = [...byReason].map(([reason, works]) => `- ${escape(reason)} (${works.join('; ')})`);
  return `## What an engine could not do\n\n${lines.join('\n')}`;
};

/** The library's time by kernel, if it was measured. */
export const profiles = ({ profiles }: Results): string =>
  profiles.length === 0
    ? ''
    : [
        '## Where the library’s time goes',
        ...profiles.map(
          (profile) =>
            `### ${escape(profile.work)}, threads: ${profile.threads}\n\n${tableOf(['kernel', 'calls', 'own time', 'share'], sharesOf(profile))}`,
        ),
      ].join('\n\n');

const order: readonly Group[] = ['model', 'training', 'initialisation', 'layer', 'kernel'];

/** Everything between the page's marks. @param charts  paths of pictures beside it, with their captions */
export const markdownOf = (results: Results, charts: readonly (readonly [string, string])[]): string => {
  const models = ofGroup(results.rows, 'model');
  return [
    showMachine(results.machine, results.versions).replace(/\n/g, '  \n'),
    [
      'Times are medians of rounds in which every engine had its turn, each in a process of its own while the others',
      'stood still. In brackets: the baseline’s time over this one, in the same place. After each engine: its threads.',
    ].join(' '),
    ...charts.map(([path, caption]) => `![${caption}](${path})`),
    targets(results.rows),
    ...order.map((group) => section(results, group)),
    models.length > 0 ? memory(models) : '',
    speeds(results.rows),
    profiles(results),
    refusals(results),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
};
