/**
 * Attention to rows that are projected to keys and values: all rows at once, or part by part where the keys and values of
 * all rows would take too much memory. One head may attend to the rows themselves.
 */
import type { Span } from '../lib/data/spans.js';
import * as tf from '@tensorflow/tfjs-core';
import { attentionInParts, projectedFirst, projectedLast, type Sides } from '../lib/engine/index.js';
import type { Rows } from '../lib/language/combinators/byParts.js';
import { attend, type AttendOptions, attentionWeights } from './attend.js';

/** A declared linear layer. */
interface Projection {
  (x: tf.Tensor): tf.Tensor;
  readonly transposed: (y: tf.Tensor, inputChannels: number) => tf.Tensor;
}

/** Projections of rows [B, s, C] to keys [B, s, G, D] and values [B, s, G, E]. */
export interface KeysAndValues {
  readonly keys: Projection;
  readonly values: Projection;
  /** G, heads of keys and values. */
  readonly numHeads: number;
  /** E, width of the values of one head. */
  readonly valueWidth: number;
}

/** Changes queries [B, T, H, D] and keys [B, S, G, D] before they meet. */
export type HeadHook = (q: tf.Tensor, k: tf.Tensor) => readonly [q: tf.Tensor, k: tf.Tensor];

export interface AttendToRowsOptions extends Omit<AttendOptions, 'keep'> {
  readonly onHeads?: HeadHook;
  /** Draws the factors that dropout multiplies the weights by, after keys and values are made. */
  readonly keep?: () => tf.Tensor | undefined;
  /** Receives a function that makes the attention weights [B, H, t, S] of some queries. */
  readonly show?: (weights: (queries: Span) => tf.Tensor4D) => void;
}

/** [B, N, C] to [B, N, H, C / H]. */
export const splitHeads = (x: tf.Tensor, numHeads: number): tf.Tensor4D => {
  const [B, N, C] = x.shape as [number, number, number];
  return tf.reshape(x, [B, N, numHeads, C / numHeads]);
};

/** Keys and values of all rows at once. */
const attendToAll = (
  q: tf.Tensor,
  { of, shape }: Rows,
  { keys, values, numHeads }: KeysAndValues,
  { onHeads, keep, show, ...options }: AttendToRowsOptions,
): tf.Tensor3D => {
  const rows = of([0, shape[1]]); // [B, S, C]
  const [k, v] = [splitHeads(keys(rows), numHeads), splitHeads(values(rows), numHeads)];
  const [queries, asked] = onHeads ? onHeads(q, k) : [q, k];
  show?.((span) => attentionWeights(queries, asked, options, span));
  return attend(queries, asked, v, { ...options, keep: keep?.() });
};

/** Keys and values part by part; undefined where the backend that runs has no kernel for it. */
const attendToParts = (
  q: tf.Tensor,
  { of, spans }: Rows,
  { keys, values, numHeads, valueWidth }: KeysAndValues,
  { mask, scale }: AttendToRowsOptions,
): tf.Tensor | undefined => {
  const masks = mask && tf.notEqual(mask.rank === 4 ? mask : tf.expandDims(mask, 1), 0); // [B|1, H|1, T|1, S]
  const parts = spans.map((span) => () => {
    const rows = of(span);
    const seen = masks && tf.slice(masks, [0, 0, 0, span[0]], [-1, -1, -1, span[1]]);
    return { k: splitHeads(keys(rows), numHeads), v: splitHeads(values(rows), numHeads), mask: seen };
  });
  const [B, T, H] = q.shape as [number, number, number];
  const attended = attentionInParts(q, valueWidth, parts, { scale });
  return attended && tf.reshape(attended, [B, T, H * valueWidth]);
};

/** One head attends to rows that are not projected: queries are, before, and the result, after. */
const attendUnprojected = (
  q: tf.Tensor,
  rows: Rows,
  { keys, values }: KeysAndValues,
): tf.Tensor | undefined => {
  const [B, T, , D] = q.shape as [number, number, number, number];
  const [, , C] = rows.shape;
  const asked = keys.transposed(tf.reshape(q, [B, T, D]), C); // [B, T, C]; what a bias adds is the same for all keys
  const asIs = Object.assign((x: tf.Tensor) => x, { transposed: (x: tf.Tensor) => x });
  const plain = { keys: asIs, values: asIs, numHeads: 1, valueWidth: C };
  const found = attendToParts(splitHeads(asked, 1), rows, plain, { scale: 1 / Math.sqrt(D) });
  return found && values(found); // weights sum to 1, so that the bias stays what it is
};

/** True where one head takes fewer products when its rows are not projected. */
const isLessUnprojected = (q: tf.Tensor, { shape: [, rows, from] }: Rows, valueWidth: number): boolean => {
  const [, others, heads, keyWidth] = q.shape as [number, number, number, number];
  const products = (count: (sides: Sides) => number): number =>
    [keyWidth, valueWidth].reduce((sum, to) => sum + count({ rows, others, from, to }), 0);
  return heads === 1 && products(projectedLast) < products(projectedFirst);
};

/** True where options say nothing that only whole arrays of keys can answer. */
const isByParts = ({
  bias,
  relativeBias,
  causal,
  withoutKeys,
  onHeads,
  mask,
}: AttendToRowsOptions): boolean =>
  !bias && !relativeBias && !causal && !onHeads && !(mask && withoutKeys === 'mean');

/**
 * `attend`, to keys and values that are made of rows.
 *
 * Shapes: B batch, T queries, S rows, C channels of a row, H heads, G heads of keys and values.
 * @param q [B, T, H, D]
 * @param rows [B, S, C]; where they come in several parts nothing is recorded for a gradient
 * @returns [B, T, H·E]
 * @throws ShapeError when the shapes do not fit each other
 */
export const attendToRows = (
  q: tf.Tensor,
  rows: Rows,
  projections: KeysAndValues,
  options: AttendToRowsOptions = {},
): tf.Tensor3D => {
  const isInParts = rows.spans.length > 1 && isByParts(options);
  const isPlain = isInParts && !options.mask && isLessUnprojected(q, rows, projections.valueWidth);
  const attended =
    (isPlain ? attendUnprojected(q, rows, projections) : undefined) ??
    (isInParts ? attendToParts(q, rows, projections, options) : undefined);
  return (attended as tf.Tensor3D | undefined) ?? attendToAll(q, rows, projections, options);
};
