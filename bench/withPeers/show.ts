/** The measurements of a model, for people at a terminal. */
import { table } from '../../cli/print.js';
import { showBytes, showRatio, showSeconds } from '../../lib/data/quantities.js';
import type { Measured } from '../measure.js';
import { showRefusal } from '../show.js';
import type { Row } from '../work.js';

const heads = [
  'engine',
  'threads',
  'time',
  'spread',
  'rounds',
  'it / renga',
  'cold',
  'peak, opening',
  'peak, running',
  'after',
  'differs',
];

const cellsOf = (row: Row): readonly string[] => [
  row.engine,
  `${row.threads}`,
  showSeconds(row.seconds),
  `${(100 * row.spread).toFixed(0)} %`,
  `${row.rounds}`,
  showRatio(row.ratio),
  row.coldSeconds === undefined ? '' : showSeconds(row.coldSeconds),
  ...[row.openingPeakBytes, row.peakBytes, row.residentBytes].map((bytes) =>
    typeof bytes === 'number' ? showBytes(bytes) : '',
  ),
  row.difference === null ? '' : row.difference.toExponential(0),
];

/** A table of the engines, and why others are not in it. */
export const showPeers = (work: string, { rows, refusals }: Pick<Measured, 'rows' | 'refusals'>): string =>
  [`\n${work}`, table(heads, rows.map(cellsOf)), ...refusals.map((each) => `  ${showRefusal(each)}`)].join(
    '\n',
  );
