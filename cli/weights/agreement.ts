/** The distance of outputs from those of the whole weights: the largest difference, and the likeliest of each row. */
import type { HostArray } from '../../lib/data/array.js';

/** The number of rows of an output, each along its last axis. */
export const rowsOf = ({ shape, data }: HostArray): number => data.length / (shape.at(-1) ?? 1);

/** The place of the largest of each row of the last axis; NaN for a row that has a NaN. */
const likeliest = ({ shape, data }: HostArray): number[] => {
  const classes = shape.at(-1) ?? 1;
  return Array.from({ length: data.length / classes }, (_, row) => {
    const scores = (data as Float32Array).subarray(row * classes, (row + 1) * classes);
    let place = 0;
    for (let i = 0; i < classes; i++) {
      if (Number.isNaN(scores[i])) return NaN;
      if (scores[i] > scores[place]) place = i;
    }
    return place;
  });
};

/** The difference of one output from the expected one. */
export interface Agreement {
  /** Relative to the largest expected value; NaN where one of the outputs has a NaN. */
  readonly difference: number;
  /** The share of rows whose likeliest is the expected one. A row with a NaN agrees with none. */
  readonly agreement: number;
}

/**
 * Compares an output with the expected one of the same shape.
 * @param isCounted  tells for which rows the likeliest is compared; all of them if not given
 */
export const agreementOf = (
  found: HostArray,
  expected: HostArray,
  isCounted: (row: number) => boolean = () => true,
): Agreement => {
  const [values, wanted] = [found.data as Float32Array, expected.data as Float32Array];
  let [difference, largest] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    difference = Math.max(difference, Math.abs(values[i] - wanted[i]));
    largest = Math.max(largest, Math.abs(wanted[i]));
  }
  const [ours, theirs] = [likeliest(found), likeliest(expected)];
  const rows = theirs.map((_, row) => row).filter(isCounted);
  const agreement = rows.filter((row) => ours[row] === theirs[row]).length / rows.length;
  return { difference: difference / (largest || 1), agreement };
};
