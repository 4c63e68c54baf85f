/**
 * The library's compiled models beside their peers, as a page: times, first outputs, memory, and what was to be reached.
 */
import { showBytes, showRatio, showSeconds } from '../../lib/data/quantities.js';
import type { Results } from '../results.js';
import { showMachine } from '../show.js';
import { names } from '../withPeers/field.js';
import { atLeast, coldRatio } from '../withPeers/ratios.js';
import type { Row } from '../work.js';
import { refusals, sideBySide, tableOf } from './markdown.js';

const isOurs = ({ engine }: Row): boolean => engine === names.ours;

const timeOf = (row: Row): string =>
  row.ratio === null || isOurs(row)
    ? showSeconds(row.seconds)
    : `${showSeconds(row.seconds)} (${showRatio(row.ratio)})`;

const coldOf = ({ coldSeconds }: Row): string => (coldSeconds === undefined ? '—' : showSeconds(coldSeconds));

const memoryOf = (row: Row): string =>
  [row.openingPeakBytes, row.peakBytes, row.residentBytes]
    .map((bytes) => (typeof bytes === 'number' ? showBytes(bytes) : '—'))
    .join(', ');

interface Aim {
  readonly what: string;
  readonly atLeast: number;
  /** By work. */
  readonly measured: readonly (readonly [where: string, ratio: number])[];
}

/** The library's aims against each peer and for first outputs, with the rows that show them. */
export const peerAims = (rows: readonly Row[]): readonly Aim[] => [
  ...[...new Set(rows.filter((row) => !isOurs(row)).map(({ engine }) => engine))].map((engine): Aim => ({
    what: `any model, against ${engine}`,
    atLeast: atLeast(engine),
    measured: rows.flatMap((row) =>
      row.engine === engine && row.ratio !== null ? [[row.work, row.ratio] as const] : [],
    ),
  })),
  {
    what: 'first outputs, against reading the file and three warm runs',
    atLeast: 1,
    measured: rows.filter(isOurs).flatMap((row) => {
      const ratio = coldRatio(row);
      return ratio === null ? [] : [[row.work, ratio] as const];
    }),
  },
];

const aims = (rows: readonly Row[]): string =>
  tableOf(
    ['aim', 'at least', 'measured', 'reached', 'where it is lowest'],
    peerAims(rows).map(({ what, atLeast, measured }) => {
      const [lowest] = [...measured].sort(([, a], [, b]) => a - b);
      if (!lowest) return [what, `${atLeast} ×`, '—', '—', 'not measured'];
      const [where, ratio] = lowest;
      return [what, `${atLeast} ×`, showRatio(ratio), ratio >= atLeast ? 'yes' : 'no', where];
    }),
  );

const section = (title: string, doc: string, table: string): string => `## ${title}\n\n${doc}\n\n${table}`;

/** Everything between the page's marks. */
export const peersMarkdown = (results: Results): string => {
  const { rows, machine, versions } = results;
  return [
    showMachine(machine, versions).replace(/\n/g, '  \n'),
    `## Aims\n\n${aims(rows)}`,
    section(
      'Times',
      'Medians of interleaved rounds. In brackets: that time over the library’s. After each engine: its threads.',
      sideBySide(rows, timeOf),
    ),
    section(
      'First outputs',
      'From opening the weights’ file to the first outputs; programs and packages are loaded before.',
      sideBySide(rows, coldOf),
    ),
    section(
      'Memory',
      'Resident memory of the process, runtime included: the largest until the first outputs; the largest from the first run on; after the last run.',
      sideBySide(rows, memoryOf),
    ),
    refusals(results),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
};
