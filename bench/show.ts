/**
 * Results as people read them at a terminal.
 */
import { showBytes, showRatio, showSeconds } from '../lib/data/quantities.js';
import { table } from '../cli/print.js';
import type { Machine } from './machine.js';
import type { Target } from './targets.js';
import type { Profile, Refusal, Row } from './work.js';

export const heads = [
  'engine',
  'threads',
  'time',
  'spread',
  'rounds',
  'GFLOP/s',
  'peak memory',
  'live tensors',
  'baseline / it',
  'difference',
] as const;

/** A row's cells, in the order of `heads`. */
export const cellsOf = (row: Row): readonly string[] => [
  row.engine,
  `${row.threads}`,
  showSeconds(row.seconds),
  `${(100 * row.spread).toFixed(0)} %`,
  `${row.rounds}`,
  row.gflops === null ? '' : row.gflops.toFixed(1),
  row.peakBytes === null ? '' : showBytes(row.peakBytes),
  row.liveBytes === null ? '' : showBytes(row.liveBytes),
  showRatio(row.ratio),
  row.difference === null ? '' : row.difference.toExponential(0),
];

export const showRefusal = ({ engine, threads, reason }: Refusal): string =>
  `${engine} with ${threads} thread${threads === 1 ? '' : 's'}: ${reason}`;

/** Everything that was measured of one work. */
export const showWork = (
  work: string,
  rows: readonly Row[],
  refusals: readonly Refusal[],
  reference = 'baseline',
): string =>
  [
    `\n${work}`,
    table(
      heads.map((head) => head.replace('baseline', reference)),
      rows.map(cellsOf),
    ),
    ...refusals.map((refusal) => `  ${showRefusal(refusal)}`),
  ].join('\n');

/** Kernels that take less than this share of the time are not shown. */
const negligible = 0.005;

/** The kernels that matter, with their shares of the whole. */
export const sharesOf = ({ kernels }: Profile): readonly (readonly [string, string, string, string])[] => {
  const whole = kernels.reduce((sum, { seconds }) => sum + seconds, 0);
  return kernels
    .filter(({ seconds }) => seconds > negligible * whole)
    .map(({ kernel, calls, seconds }) => [
      kernel,
      `${calls}`,
      showSeconds(seconds),
      `${((100 * seconds) / whole).toFixed(1)} %`,
    ]);
};

export const showProfile = (profile: Profile): string =>
  table([`${profile.engine}, ${profile.threads}`, 'calls', 'own time', 'share'], sharesOf(profile));

/** The library's aims and results, for the rows that were measured. */
export const showTargets = (targets: readonly Target[]): string =>
  table(
    ['at least', 'measured', 'reached', 'aim', 'where it is lowest'],
    targets.map(({ what, atLeast, measured, where }) => [
      `${atLeast} ×`,
      showRatio(measured),
      measured !== null && measured >= atLeast ? 'yes' : 'no',
      what,
      where,
    ]),
  );

export const showMachine = (
  { processor, cores, memoryBytes, system, load, date }: Machine,
  versions: Readonly<Record<string, string>>,
): string =>
  [
    `${cores} × ${processor}, ${showBytes(memoryBytes)}, ${system}, ${date}`,
    load === null ? '' : `load in the minute before: ${load.toFixed(2)}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  ]
    .filter((line) => line !== '')
    .join('\n');
