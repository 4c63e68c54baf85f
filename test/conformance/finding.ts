/** Findings: one line of the table for each operation done on one side and checked on the other. */
import type { HostArray } from '../../lib/data/array.js';
import { toFloat32 } from '../../lib/data/array.js';
import { type Check, compare, failing, passes } from '../golden/compare.js';

export interface Finding {
  /** The operation, and the compared values. */
  readonly what: string;
  readonly checks: readonly Check[];
}

/** The findings of one road between the two sides. */
export interface Group {
  readonly title: string;
  /** A sentence on what is done. */
  readonly doc: string;
  readonly findings: readonly Finding[];
}

export const isPassed = ({ checks }: Finding): boolean => checks.length > 0 && checks.every(passes);

/** A finding that could not be made, with the reason. */
export const failed = (what: string, problem: string): Finding => ({
  what,
  checks: [failing(what, problem)],
});

/** The largest difference among a finding's checks, and the most that is allowed there. */
export const worst = ({ checks }: Finding): Check =>
  checks.reduce((a, b) =>
    b.error / (b.tolerance || Number.MIN_VALUE) > a.error / (a.tolerance || Number.MIN_VALUE) ? b : a,
  );

/** Runs what makes a finding; an error is a finding too. */
export const finding = async (
  what: string,
  make: () => readonly Check[] | Promise<readonly Check[]>,
): Promise<Finding> => {
  try {
    return { what, checks: await make() };
  } catch (error) {
    return failed(what, error instanceof Error ? error.message : String(error));
  }
};

/** The tolerance of outputs as a share of the largest: float32 sums in another order. */
export const share = 1e-5;

/** Holds outputs to the other side's: |a − b| ≤ share · max|b|. */
export const compareOutputs = (name: string, found: HostArray, stored: HostArray, most = share): Check => {
  const largest = toFloat32(stored).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const { error, problem, ...check } = compare(name, found, stored, 0);
  const relative = largest === 0 ? error : (error * (1 + largest)) / largest;
  return { ...check, error: relative, tolerance: most, ...(problem !== undefined && { problem }) };
};
