/**
 * Running a preset's model and looking where it looks, as the command does: on the library's engine, which alone shows
 * attention.
 */
import { sizeOf } from '../../lib/data/array.js';
import {
  type AttentionMap,
  attentionMap,
  type AttentionMapOptions,
} from '../../presets/attention/attentionMap.js';
import type { AnyModel } from '../../presets/any.js';
import { type InputError, showInputError } from '../../lib/data/inputError.js';
import { runOrFail } from '../failure.js';
import { loadWeights, type ModelOptions, startEngine } from '../load.js';

/** What is looked at, and with which weights. */
export interface LookOptions extends ModelOptions {
  readonly map: AttentionMapOptions;
}

/** A model's output of an input, and the maps of what it attended to. */
export const look = async <Raw, Out>(
  model: AnyModel,
  raw: Raw,
  { map, ...options }: LookOptions,
): Promise<{ readonly output: Out; readonly maps: readonly AttentionMap[] }> => {
  await startEngine();
  const weights = await loadWeights(model, options);
  return runOrFail<InputError, { readonly output: Out; readonly maps: readonly AttentionMap[] }>(
    showInputError,
    attentionMap(model, weights, raw, map),
  );
};

/** One query's weights. */
export const rowOf = ({ weights: { shape, data } }: AttentionMap, row: number): Float32Array => {
  const size = sizeOf(shape.slice(1));
  return (data as Float32Array).subarray(row * size, (row + 1) * size);
};

/** The largest weight in even shares: 1 where all is attended to alike. */
export const mostOf = (weights: Float32Array, count = weights.length): number =>
  count * weights.reduce((a, b) => Math.max(a, b), 0);
