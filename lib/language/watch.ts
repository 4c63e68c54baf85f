/**
 * Watching: named intermediates that layers show and that cost nothing unless somebody asks. A watcher asks by path, and
 * chooses how many rows are made at a time.
 */
import { type Span, spansOf } from '../data/spans.js';
import type { Tensor } from '@tensorflow/tfjs-core';
import { sizeOf } from '../data/array.js';
import { joinPath, type Selection, selects } from '../data/tree.js';
import { tidy, unrecorded } from '../engine/index.js';

/** An intermediate result that a module shows. */
export interface Shown {
  /** The module's path. */
  readonly path: string;
  readonly name: string;
  /** The number of rows, which are the last axis but one: [..., rows, width]. */
  readonly rows: number;
  /** Makes some of the rows, [..., n, width]; the tensors of a watcher live until it returns. */
  readonly make: (span: Span) => Tensor;
}

/** Receives named intermediates. */
export interface Watcher {
  /**
   * The intermediates asked for, by `path/name`. A list of paths leaves all other modules their memory-bounded way of
   * computing; with a test or an expression every module computes whole arrays, since any of them might be asked for.
   */
  readonly of: Selection;
  readonly see: (shown: Shown) => void;
}

/** Tells of a module whether the selection names paths inside of it: always, unless the selection is a list. */
export const isWithin = (selection: Selection): ((module: string) => boolean) => {
  if (!Array.isArray(selection)) return () => true;
  const listed = selection as readonly string[];
  return (module) => module === '~' || listed.some((path) => `${path}/`.startsWith(`${module}/`));
};

/** Shows an intermediate to a watcher, if it is asked for. */
export const showTo = ({ of, see }: Watcher, shown: Shown): void => {
  if (selects(of)(joinPath(shown.path, shown.name))) unrecorded(() => tidy(() => see(shown)));
};

/** Numbers of a part, at most; 4 M of them are 16 MB. */
const partSize = 2 ** 22;

/** Makes the rows of an intermediate part by part; each part is freed when `see` returns. */
export const eachPart = ({ rows, make }: Shown, see: (part: Tensor, start: number) => void): void => {
  const row = rows > 1 ? tidy(() => sizeOf(make([0, 1]).shape)) : 1;
  const step = Math.max(1, Math.floor(partSize / Math.max(1, row)));
  for (const span of spansOf(rows, step)) tidy(() => see(make(span), span[0]));
};
