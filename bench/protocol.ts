/** Messages between the benchmark and the processes that it measures. */
import type { KernelTime } from './profile.js';
import type { Sample } from './sample.js';

export type Request =
  | { readonly kind: 'prepare'; readonly work: string; readonly threads: number }
  | { readonly kind: 'run'; readonly atLeast: number }
  | { readonly kind: 'measure' }
  | { readonly kind: 'profile' };

export interface PreparedAnswer {
  readonly kind: 'prepared';
  /** One for each output. */
  readonly samples: readonly Sample[];
  /** Seconds of the first run, outputs read and compared included: a first guess at the time of a run. */
  readonly firstSeconds: number;
  /** From opening the weights to the first outputs. */
  readonly coldSeconds: number;
  /** Seconds for reading the bytes of the weights' file alone, if there is one. */
  readonly readSeconds?: number;
  /** Resident memory before anything was prepared. */
  readonly idleBytes: number | null;
  /** Largest resident memory from opening the weights to the first outputs. */
  readonly openingPeakBytes: number | null;
}

export interface RanAnswer {
  readonly kind: 'ran';
  /** Mean of the runs. */
  readonly seconds: number;
  readonly runs: number;
}

export interface MeasuredAnswer {
  readonly kind: 'measured';
  readonly peakBytes: number | null;
  /** Resident memory now. */
  readonly residentBytes: number | null;
  readonly liveBytes: number | null;
}

export interface ProfiledAnswer {
  readonly kind: 'profiled';
  readonly kernels: readonly KernelTime[];
}

export type Answer =
  | PreparedAnswer
  | RanAnswer
  | MeasuredAnswer
  | ProfiledAnswer
  | { readonly kind: 'failed'; readonly reason: string };
