/** Rows of peers against the library's own. */
import type { Measured } from '../measure.js';
import type { Row } from '../work.js';
import { names } from './field.js';

/** The least speed-up of the library over an engine. */
export const atLeast = (engine: string): number => (engine === names.eager ? 1.2 : 1);

/** The time of three warm runs and reading the file, over that of opening and the first run. */
export const coldRatio = ({ coldSeconds, readSeconds, seconds }: Row): number | null =>
  coldSeconds === undefined || readSeconds === undefined ? null : (readSeconds + 3 * seconds) / coldSeconds;

/** The same rows; `ratio` is the row's seconds over the library's. */
export const withRatios = <M extends Pick<Measured, 'rows'>>(measured: M): M => {
  const ours = measured.rows.find(({ engine }) => engine === names.ours);
  return {
    ...measured,
    rows: measured.rows.map((row) => ({ ...row, ratio: ours ? row.seconds / ours.seconds : null })),
  };
};
