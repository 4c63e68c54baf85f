/** A measured work, and a row of the results. */
import type { KernelTime } from './profile.js';
import type { Program, Shape } from './ops.js';

export type Group = 'kernel' | 'layer' | 'model' | 'training' | 'initialisation';

/** An input whose values follow from its name. */
export interface InputSpec {
  readonly name: string;
  readonly shape: Shape;
  /** A causal mask [1, T, S] lets each query attend to the keys up to its own place, the last query at the last key. */
  readonly kind: 'normal' | 'ids' | 'mask' | 'causalMask';
  /** Values are within ±radius (3 if not given); ids are below it. */
  readonly range?: number;
}

/** The preset or layer by which the library does the work. */
export type LibraryCall =
  | { readonly kind: 'operations' }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'layer'; readonly constructor: string; readonly options: readonly unknown[] }
  | { readonly kind: 'preset'; readonly name: string; readonly changes?: object; readonly points?: Points };

/** The points that a multimodal model decodes. */
export interface Points {
  readonly image: Span;
  readonly audio: Span;
}

export interface Span {
  readonly first: number;
  readonly count: number;
}

export interface Work {
  readonly name: string;
  readonly group: Group;
  readonly inputs: readonly InputSpec[];
  /**
   * The computation, for the engines that the library is compared with. In training, logits of all inputs but the last,
   * which is their labels.
   */
  readonly program: Program;
  readonly library: LibraryCall;
  /** The loss of a training step with an optimizer; the last input is its labels or targets. */
  readonly loss?: 'crossEntropy' | 'squares';
  /** The tolerance of outputs against the library's, relative to their largest value. */
  readonly tolerance: number;
  /** True for works of everyday use, which `--quick` runs. */
  readonly isQuick?: boolean;
}

/** One line of the results. */
export interface Row {
  readonly work: string;
  readonly group: Group;
  readonly engine: string;
  readonly threads: number;
  /** Median over the rounds. */
  readonly seconds: number;
  /** (slowest − fastest) / median. */
  readonly spread: number;
  readonly rounds: number;
  /** Of the products alone, multiplications and additions counted apart; null where there are none. */
  readonly gflops: number | null;
  /** Largest resident memory of the process while it ran, weights and runtime included. */
  readonly peakBytes: number | null;
  /** Largest resident memory from opening the weights to the first outputs, where they come from a file. */
  readonly openingPeakBytes?: number | null;
  /** Resident memory after the last run, in the same works. */
  readonly residentBytes?: number | null;
  /** Resident memory of the process with the engine started and nothing prepared. */
  readonly idleBytes: number | null;
  /** Largest sum of live tensors beside the weights, where the engine tells. */
  readonly liveBytes: number | null;
  readonly weightBytes: number;
  /** The baseline's seconds over this row's; null where the baseline did not run. */
  readonly ratio: number | null;
  /** From opening the weights' file to the first outputs, where they come from one. */
  readonly coldSeconds?: number;
  /** Seconds for reading the bytes of that file alone. */
  readonly readSeconds?: number;
  /** Largest difference from the library's output, relative to its largest value; null for the library's own. */
  readonly difference: number | null;
}

/** The library's time by kernel in a work. */
export interface Profile {
  readonly work: string;
  readonly engine: string;
  readonly threads: number;
  /** The longest first. */
  readonly kernels: readonly KernelTime[];
}

/** An engine that could not do a work, and why. */
export interface Refusal {
  readonly work: string;
  readonly engine: string;
  readonly threads: number;
  readonly reason: string;
}
