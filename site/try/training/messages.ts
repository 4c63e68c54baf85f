/** Messages between the page that trains and its worker. */
import type { Chosen } from './fastest.js';
import type { TrainEvent } from '../../../lib/train/train.js';

/** A digit that somebody drew and named. */
export interface Drawing {
  readonly label: number;
  /** [8, 8] in sixteenths, row by row. */
  readonly sixteenths: readonly number[];
}

/** The settings of a run; the same ones give the same weights, to the bit. */
export interface Settings {
  readonly numSteps: number;
  /** Digits that are trained on beside those of the package. */
  readonly drawings: readonly Drawing[];
}

/** The page's requests. */
export type Request =
  /** Begins a run; a kept one is removed. */
  | { readonly kind: 'start'; readonly settings: Settings }
  /** Goes on with the kept run. */
  | { readonly kind: 'goOn' }
  /** Ends the loop after its step, and saves, so that the run can be gone on with. */
  | { readonly kind: 'pause' }
  /** Ends the run as it is. */
  | { readonly kind: 'stop' }
  /** Saves after the step that is computed. */
  | { readonly kind: 'save' }
  /** Keeps drawings for later visits. */
  | { readonly kind: 'keep'; readonly drawings: readonly Drawing[] };

/** A run of an earlier visit. */
export interface KeptRun {
  readonly settings: Settings;
  /** Updates so far. */
  readonly step: number;
  readonly isEnded: boolean;
  /** Lines of JSON up to that step. */
  readonly log: string;
}

type Ended = Extract<TrainEvent, { kind: 'ended' }>;

/** An event of the loop, without weights. */
export type PlainEvent = Exclude<TrainEvent, Ended> | Omit<Ended, 'weights' | 'averaged'>;

/** The worker's news. */
export type News =
  /** A few steps are measured on both backends. */
  | { readonly kind: 'measuring' }
  | {
      readonly kind: 'ready';
      /** The engine of the worker. */
      readonly engine: Chosen;
      /** The reason why nothing is kept for later visits. */
      readonly notKept?: string;
      readonly run?: KeptRun;
      readonly drawings: readonly Drawing[];
    }
  | { readonly kind: 'event'; readonly event: PlainEvent }
  /** The weights after a step, as the bytes of a safetensors file. */
  | { readonly kind: 'weights'; readonly step: number; readonly bytes: Uint8Array }
  | { readonly kind: 'failed'; readonly message: string };
