/** Training steps beside their peers, as a page: times, memory, what was to be reached, and the library's time by kernel. */
import { showBytes, showRatio, showSeconds } from '../../lib/data/quantities.js';
import type { Results } from '../results.js';
import { showMachine } from '../show.js';
import { stepNames } from '../withPeers/steps.js';
import type { Row } from '../work.js';
import { profiles, refusals, sideBySide, tableOf } from './markdown.js';

interface Aim {
  readonly what: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** By work. */
  readonly measured: readonly (readonly [work: string, figure: number])[];
}

const isBlock = ({ work }: Row): boolean => work.includes('block');

/** The library's aims, with the figures that show them. */
export const stepAims = (rows: readonly Row[]): readonly Aim[] => {
  const of = (engine: string, isOne: (row: Row) => boolean): readonly Row[] =>
    rows.filter((row) => row.engine === engine && isOne(row));
  const speeds = (engine: string, isOne: (row: Row) => boolean) =>
    of(engine, isOne).flatMap(({ work, ratio }) => (ratio === null ? [] : [[work, ratio] as const]));
  const anyRow = (): boolean => true;
  const memory = of(stepNames.ours, anyRow).flatMap(({ work, peakBytes }) => {
    const jax = of(stepNames.jax, (row) => row.work === work)[0]?.peakBytes;
    return peakBytes !== null && typeof jax === 'number' ? [[work, peakBytes / jax] as const] : [];
  });
  return [
    {
      what: 'small models: speed against JAX',
      atLeast: 0.9,
      measured: speeds(stepNames.ours, (row) => !isBlock(row)),
    },
    { what: 'full-size blocks: speed against JAX', atLeast: 0.5, measured: speeds(stepNames.ours, isBlock) },
    { what: 'compiled: speed against JAX', atLeast: 1, measured: speeds(stepNames.compiled, anyRow) },
    {
      what: 'small models: GFLOP/s',
      atLeast: 60,
      measured: of(stepNames.ours, (row) => !isBlock(row)).flatMap(({ work, gflops }) =>
        gflops === null ? [] : [[work, gflops] as const],
      ),
    },
    { what: 'peak memory against JAX’s', atMost: 1.5, measured: memory },
  ];
};

const aims = (rows: readonly Row[]): string =>
  tableOf(
    ['aim', 'figure', 'measured', 'reached', 'where it is furthest'],
    stepAims(rows).map(({ what, atLeast, atMost, measured }) => {
      const figure = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
      const sorted = [...measured].sort(([, a], [, b]) => a - b);
      const worst = atLeast === undefined ? sorted[sorted.length - 1] : sorted[0];
      if (!worst) return [what, figure, '—', '—', 'not measured'];
      const isReached = atLeast === undefined ? worst[1] <= (atMost as number) : worst[1] >= atLeast;
      return [what, figure, worst[1].toPrecision(3), isReached ? 'yes' : 'no', worst[0]];
    }),
  );

const timeOf = (row: Row): string =>
  row.ratio === null || row.engine === stepNames.jax
    ? showSeconds(row.seconds)
    : `${showSeconds(row.seconds)} (${showRatio(row.ratio)})`;

/** Everything between the page's marks. */
export const stepsMarkdown = (results: Results): string => {
  const { rows, machine, versions } = results;
  return [
    showMachine(machine, versions).replace(/\n/g, '  \n'),
    `## Aims\n\n${aims(rows)}`,
    `## Times\n\nMedians of interleaved rounds. In brackets: the speed in multiples of JAX’s. After each engine: its threads.\n\n${sideBySide(rows, timeOf)}`,
    `## GFLOP/s\n\nOf products, attention and convolutions; a step counts as three forward passes.\n\n${sideBySide(rows, ({ gflops }) => (gflops === null ? '—' : gflops.toFixed(1)))}`,
    `## Memory\n\nLargest resident memory of the process from its first step on, runtime included.\n\n${sideBySide(rows, ({ peakBytes }) => (peakBytes === null ? '—' : showBytes(peakBytes)))}`,
    profiles(results),
    refusals(results),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
};
