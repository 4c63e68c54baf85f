/** The summary of a run, as the table that `docs/security.md` has. */
import type { Tally } from './tally.js';

const number = (n: number): string => Math.round(n).toLocaleString('en-US');

/** Refusals by kind, the commonest first. */
const refusals = ({ outcomes }: Tally): string =>
  Object.entries(outcomes)
    .filter(([outcome]) => outcome !== 'read' && outcome !== 'crash')
    .toSorted(([, a], [, b]) => b - a)
    .map(([outcome, n]) => `${outcome} ${number(n)}`)
    .join(', ');

const row = ([format, tally]: readonly [string, Tally]): readonly string[] => [
  format,
  number(tally.count),
  number(tally.outcomes.read ?? 0),
  refusals(tally),
  number(tally.outcomes.crash ?? 0),
  `${tally.slowest.toFixed(0)} ms`,
  `${number(tally.mostAllocated / 1024)} KiB`,
];

const heads = ['format', 'mutants', 'read', 'refused, by kind', 'crashes', 'slowest', 'most allocated'];

/** The table of tallies by format, in Markdown. */
export const tableOf = (tallies: readonly (readonly [format: string, tally: Tally])[]): string =>
  [heads, heads.map((_, i) => (i === 0 || i === 3 ? '---' : '--:')), ...tallies.map(row)]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
