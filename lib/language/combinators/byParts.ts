/**
 * Long inputs, part by part: layers that treat each row on its own, or gather from rows one after the other, run on some
 * rows at a time, so that intermediate results are never held for all rows.
 */
import { type Span, spansOf } from '../../data/spans.js';
import * as tf from '@tensorflow/tfjs-core';
import { isRecording, isWithoutData, ofParts } from '../../engine/index.js';
import { passesOf } from '../program.js';
import type { Scope } from '../scope.js';

/** Numbers of a part, at most; 4 M of them are 16 MB. */
const partSize = 2 ** 22;

/**
 * The rows of [B, N, C] in parts; one part for a gradient, which keeps all rows; in training, where random numbers are
 * drawn for all rows; and where somebody looks at modules in this one or changes them.
 */
export const partsOfRows = (s: Scope, { shape }: Pick<tf.Tensor, 'shape'>): readonly Span[] => {
  const [batch, rows, channels] = shape as [number, number, number];
  const isWhole = passesOf(s).isWhole || isRecording() || isWithoutData();
  const step = Math.max(1, Math.floor(partSize / Math.max(1, batch * channels)));
  return isWhole || step >= rows ? [[0, rows]] : spansOf(rows, step);
};

/** Some rows of [B, N, C]. */
export const rowsOf = <T extends tf.Tensor | undefined>(x: T, [start, rows]: Span): T =>
  (x && tf.slice(x, [0, start, 0], [-1, rows, -1])) as T;

/** An array [B, N, C] whose rows are made on demand. */
export interface Rows {
  readonly shape: number[];
  readonly spans: readonly Span[];
  readonly of: (span: Span) => tf.Tensor;
}

/** The rows of a tensor, or of rows that are made on demand. */
export const rowsIn = (s: Scope, x: tf.Tensor | Rows): Rows =>
  'spans' in x ? x : { shape: x.shape, spans: partsOfRows(s, x), of: (span) => rowsOf(x, span) };

/**
 * The outputs of a declared layer that treats each row on its own and keeps the width: all rows now if they are one part,
 * otherwise each part on demand.
 * @param x [B, N, C]
 */
export const whenAsked = (
  s: Scope,
  x: tf.Tensor,
  layer: (rows: tf.Tensor) => tf.Tensor,
): tf.Tensor | Rows => {
  const { shape, spans, of } = rowsIn(s, x);
  return spans.length === 1 ? layer(x) : { shape, spans, of: (span) => layer(of(span)) };
};

/** All rows of several, one after the other: [B, N + …, C]. */
export const concatRows = (several: readonly Rows[]): tf.Tensor => {
  const parts = several.flatMap(({ spans, of }) => spans.map((span) => ({ span, of })));
  let end = 0;
  const places = parts.map(({ span: [, rows] }): Span => [(end += rows) - rows, rows]);
  return ofParts(places, (_place, i) => parts[i].of(parts[i].span));
};

/**
 * A layer of rows, each on its own, part by part; every part sees the same parameters.
 * @param x [B, N, C]
 * @param layer  makes rows [B, n, D] of rows [B, n, C]
 * @returns [B, N, D]
 */
export const byParts = (
  s: Scope,
  x: tf.Tensor,
  layer: (rows: tf.Tensor, span: Span) => tf.Tensor,
): tf.Tensor => {
  const spans = partsOfRows(s, x);
  if (spans.length === 1) return layer(x, spans[0]);
  const pass = passesOf(s).replay();
  return ofParts(spans, (span) => pass(() => layer(rowsOf(x, span), span)));
};
