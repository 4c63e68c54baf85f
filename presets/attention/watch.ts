/**
 * A model that is watched while it runs: weights with which the engine computes, and what its attention layers attended
 * to, reduced as it comes.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Compute } from '../../lib/run/hosts.js';
import { toHostSync } from '../../lib/data/leaf.js';
import { eachPart, type Watcher } from '../../lib/language/watch.js';
import type { InputError } from '../../lib/data/inputError.js';
import type { Weights } from '../preset.js';
import { applyOnEngine } from '../run.js';

/** What is kept of a layer's weights [H, T, S]. */
export interface Keep {
  /** One head's; the mean of all if not given. */
  readonly head?: number;
  /** All queries', one's, or the mean of all. */
  readonly queries: 'all' | 'mean' | number;
}

/** Weights of one call of a layer: one row for each query that is kept, [rows.length, S]. */
export interface Seen {
  readonly path: string;
  readonly rows: readonly Float32Array[];
}

/** Something was asked for that the layer does not have. */
export class Missing extends Error {
  override readonly name = 'Missing';
  constructor(readonly problem: InputError) {
    super(problem.where);
  }
}

const missing = (where: string, found: number, count: number): Missing =>
  new Missing({ kind: 'input', where, found: `${found}`, expected: `0 to ${count - 1}` });

/** One call under way. */
interface Call {
  readonly path: string;
  readonly keep: Keep;
  readonly parts: Float32Array[];
  readonly queries: number;
}

/** Weights [1, H, t, S] of some queries to [t, S] of one head or of the mean. */
const ofHeads = (weights: tf.Tensor4D, head: number | undefined): tf.Tensor2D => {
  const [, numHeads, queries, keys] = weights.shape;
  if (head === undefined) return tf.reshape(tf.mean(weights, 1), [queries, keys]);
  if (head >= numHeads) throw missing('the head', head, numHeads);
  return tf.reshape(tf.slice(weights, [0, head, 0, 0], [1, 1, -1, -1]), [queries, keys]);
};

const reduced = (rows: tf.Tensor2D, queries: Keep['queries'], start: number): tf.Tensor2D | undefined => {
  if (queries === 'all') return rows;
  if (queries === 'mean') return tf.sum<tf.Tensor2D>(rows, 0, true);
  const at = queries - start;
  return at >= 0 && at < rows.shape[0] ? tf.slice(rows, [at, 0], [1, -1]) : undefined;
};

/** The rows of a call that has ended. */
const rowsOf = ({ keep, parts, queries }: Call): readonly Float32Array[] => {
  if (keep.queries !== 'mean') return parts;
  return [parts[0].map((_, i) => parts.reduce((sum, part) => sum + part[i], 0) / queries)];
};

/** Rows of [n, S] as arrays of their own. */
const split = (rows: tf.Tensor2D): Float32Array[] => {
  const data = toHostSync(rows).data as Float32Array;
  const [count, width] = rows.shape;
  return Array.from({ length: count }, (_, i) => data.subarray(i * width, (i + 1) * width));
};

/**
 * What computes with weights, and tells what layers attended to.
 * @param keeps  what is kept of each layer that is watched, by its path
 * @returns `seen`: calls in their order, when all is computed; throws `Missing` for a query that a layer does not have
 */
export const watch = (
  weights: Weights,
  keeps: ReadonlyMap<string, Keep>,
): { readonly compute: Compute; readonly seen: () => readonly Seen[] } => {
  const calls: Call[] = [];
  const watcher: Watcher = {
    of: [...keeps.keys()].map((path) => `${path}/weights`),
    see: (shown) => {
      const keep = keeps.get(shown.path) as Keep;
      const call: Call = { path: shown.path, keep, parts: [], queries: shown.rows };
      calls.push(call);
      eachPart(shown, (part, start) => {
        const kept = reduced(ofHeads(part as tf.Tensor4D, keep.head), keep.queries, start);
        if (kept) call.parts.push(...split(kept));
      });
    },
  };
  const seen = () =>
    calls.map((call) => {
      if (call.parts.length === 0) throw missing('the query', call.keep.queries as number, call.queries);
      return { path: call.path, rows: rowsOf(call) };
    });
  return { compute: (layer, inputs) => applyOnEngine(weights, layer, inputs, { watch: watcher }), seen };
};
