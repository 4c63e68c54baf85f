/** Verdicts counted: how many of each outcome, and the worst that happened. */
import type { Verdict } from './judge.js';

/** The limits that the library promises to keep. */
export const limits = {
  /** Of a small file. */
  milliseconds: 1000,
  /** Beside the file itself, so that both together are four times the file and the constant. */
  timesFile: 3,
  constantBytes: 1 << 20,
} as const;

/** A mutant that came to what must not be. */
export interface Failure {
  readonly number: number;
  readonly problem: string;
}

export interface Tally {
  count: number;
  readonly outcomes: Record<string, number>;
  slowest: number;
  /** The most bytes of buffers for one mutant. */
  mostAllocated: number;
  readonly failures: Failure[];
}

export const emptyTally = (): Tally => ({
  count: 0,
  outcomes: {},
  slowest: 0,
  mostAllocated: 0,
  failures: [],
});

const mostFailures = 20;

/** Counts a verdict on the mutant of a number and a length. */
export const count = (tally: Tally, number: number, length: number, verdict: Verdict): void => {
  const { outcome, milliseconds, allocated } = verdict;
  const beyond = allocated - limits.timesFile * length;
  const problem = outcome === 'crash' ? verdict.told : beyondLimits(milliseconds, beyond);
  const told = problem === undefined ? outcome : 'crash';
  tally.count++;
  tally.outcomes[told] = (tally.outcomes[told] ?? 0) + 1;
  tally.slowest = Math.max(tally.slowest, milliseconds);
  tally.mostAllocated = Math.max(tally.mostAllocated, allocated);
  if (problem !== undefined && tally.failures.length < mostFailures) tally.failures.push({ number, problem });
};

const beyondLimits = (milliseconds: number, beyond: number): string | undefined => {
  if (milliseconds > limits.milliseconds) return `${Math.round(milliseconds)} ms`;
  if (beyond > limits.constantBytes) {
    return `${beyond} bytes more than ${limits.timesFile} times the file were allocated`;
  }
  return undefined;
};

/** Two tallies of one format as one. */
export const merged = (a: Tally, b: Tally): Tally => {
  const outcomes = { ...a.outcomes };
  for (const [outcome, n] of Object.entries(b.outcomes)) outcomes[outcome] = (outcomes[outcome] ?? 0) + n;
  return {
    count: a.count + b.count,
    outcomes,
    slowest: Math.max(a.slowest, b.slowest),
    mostAllocated: Math.max(a.mostAllocated, b.mostAllocated),
    failures: [...a.failures, ...b.failures].slice(0, mostFailures),
  };
};
