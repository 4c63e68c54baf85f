/**
 * What an engine is to the benchmark: it prepares a work, and then runs it as often as it is told. Each one is a small
 * file of its own and runs in a process of its own.
 */
import type { KernelTime } from './profile.js';
import type { Work } from './work.js';

/** A work with its weights and inputs in place. */
export interface Prepared {
  /** Once, to the end; what it made is freed. */
  readonly run: () => void | Promise<void>;
  /** The outputs' values, one after the other. */
  readonly outputs: () => Promise<readonly Float32Array[]>;
  /** What reading the bytes of the weights' file alone takes, where there is one. */
  readonly readSeconds?: () => number;
  /** Largest sum of live tensors in bytes during the last run, beside weights and inputs; where the engine can tell. */
  readonly live?: () => number;
  /** Where the time of one run goes, where the engine can tell. The last thing that is asked for. */
  readonly profile?: () => Promise<readonly KernelTime[]>;
}

export interface Engine {
  /** @throws Error where it has fewer threads */
  readonly start: (threads: number) => Promise<void>;
  /** @throws Error saying what it lacks, where it cannot do the work */
  readonly prepare: (work: Work) => Promise<Prepared>;
}
