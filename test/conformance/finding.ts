/** Findings: one line of the table for each operation done on one side and checked on the other. */
import type { HostArray } from '../../lib/data/array.js';
import { toFloat32 } from '../../lib/data/array.js';
import { type Check, compare, failing, largest, passes } from '../golden/compare.js';

export interface Finding {
  /** The operation, and the compared values. */
  readonly what: string;
  readonly checks: readonly Check[];
  /** The same checks by the column of the table that shows their largest difference; one column if not given. */
  readonly cells?: Cells;
}

export type Cells = Readonly<Record<string, readonly Check[]>>;

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

/** The largest difference among checks, and the most that is allowed there. */
export const worst = (checks: readonly Check[]): Check =>
  checks.reduce((a, b) =>
    b.error / (b.tolerance || Number.MIN_VALUE) > a.error / (a.tolerance || Number.MIN_VALUE) ? b : a,
  );

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Runs what makes a finding; an error is a finding too. */
export const finding = async (
  what: string,
  make: () => readonly Check[] | Promise<readonly Check[]>,
): Promise<Finding> => {
  try {
    return { what, checks: await make() };
  } catch (error) {
    return failed(what, messageOf(error));
  }
};

/** Runs what makes the cells of a finding; an error is a finding too. */
export const findingOf = async (what: string, make: () => Promise<Cells>): Promise<Finding> => {
  try {
    const cells = await make();
    return { what, checks: Object.values(cells).flat(), cells };
  } catch (error) {
    return failed(what, messageOf(error));
  }
};

/** The tolerance of outputs as a share of the largest: float32 sums in another order. */
export const share = 1e-5;

const largestOf = (array: HostArray): number => largest(toFloat32(array));

/** Holds outputs to the other side's: |a − b| ≤ share · max|b|. */
export const compareOutputs = (name: string, found: HostArray, stored: HostArray, most = share): Check => {
  const size = largestOf(stored);
  const { error, problem, ...check } = compare(name, found, stored, 0);
  const relative = size === 0 ? error : (error * (1 + size)) / size;
  return { ...check, error: relative, tolerance: most, ...(problem !== undefined && { problem }) };
};

/**
 * Holds gradients to the other side's: |a − b| ≤ `most` · max|b|. A gradient that is small beside the largest of all is
 * zero but for rounding; there the share is that of a hundredth of the largest.
 */
export const compareGradients = (
  found: readonly HostArray[],
  stored: readonly HostArray[],
  most = 1e-4,
): Check[] => {
  const sizes = stored.map(largestOf);
  const least = 0.01 * Math.max(...sizes);
  return stored.map((own, i) => {
    const { error, ...check } = compare(`gradient ${i}`, found[i], own, 0);
    const share = error === 0 ? 0 : (error * (1 + sizes[i])) / Math.max(sizes[i], least);
    return { ...check, error: share, tolerance: most };
  });
};
