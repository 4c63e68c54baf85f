/**
 * An engine as the benchmark sees it: it prepares a work, then runs it as often as it is told. Each engine is a small
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
  /** Seconds for reading the bytes of the weights' file alone, if there is one. */
  readonly readSeconds?: () => number;
  /** Largest sum of live tensors in bytes during the last run, beside weights and inputs; where the engine can tell. */
  readonly live?: () => number;
  /** The time of one run by kernel, if the engine can tell; called last. */
  readonly profile?: () => Promise<readonly KernelTime[]>;
}

export interface Engine {
  /** @throws Error where it has fewer threads */
  readonly start: (threads: number) => Promise<void>;
  /** @throws Error saying what it lacks, where it cannot do the work */
  readonly prepare: (work: Work) => Promise<Prepared>;
}
