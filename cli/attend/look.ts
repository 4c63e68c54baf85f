/**
 * Attention maps for the command `attend`, computed on the library's engine, which alone shows attention.
 */
import { sizeOf } from '../../lib/data/array.js';
import {
  type AttentionMap,
  attentionMap,
  type AttentionMapOptions,
  type Looked,
} from '../../presets/attentionMap.js';
import type { AnyModel, Model } from '../../presets/preset.js';
import { showInputError } from '../../lib/data/inputError.js';
import { runOrFail } from '../failure.js';
import { loadWeights, type ModelOptions, startEngine, tellUntrained } from '../load.js';
import { withProgress } from '../progress.js';

/** Options of a map, and of the model's weights. */
export interface LookOptions extends ModelOptions {
  readonly map: AttentionMapOptions;
}

/** Computes a model's output, and the maps of its attention. */
export const look = async <C, A extends readonly unknown[], B, Raw, Out>(
  model: Model<C, A, B, Raw, Out>,
  raw: Raw,
  { map, ...options }: LookOptions,
): Promise<Looked<Out>> => {
  await startEngine();
  const weights = await loadWeights(model as AnyModel, options);
  const looked = await withProgress(`running ${model.name}`, () =>
    runOrFail(showInputError, attentionMap(model, weights, raw, map)),
  );
  tellUntrained(options);
  return looked;
};

/** The weights of one query. */
export const rowOf = ({ weights: { shape, data } }: AttentionMap, row: number): Float32Array => {
  const size = sizeOf(shape.slice(1));
  return (data as Float32Array).subarray(row * size, (row + 1) * size);
};

/** The largest weight as a multiple of the even share; 1 for even attention. */
export const mostOf = (weights: Float32Array, count = weights.length): number =>
  count * weights.reduce((a, b) => Math.max(a, b), 0);
