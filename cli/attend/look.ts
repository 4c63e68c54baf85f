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
import type { Weights } from '../../lib/data/leaf.js';
import type { Model } from '../../presets/preset.js';
import { showInputError } from '../../lib/data/inputError.js';
import { runOrFail } from '../failure.js';
import { expectFinite } from '../finiteRunner.js';

/** Options of a map, and the model's weights. */
export interface LookOptions {
  readonly map: AttentionMapOptions;
  readonly weights: Weights;
}

/**
 * Computes a model's output, and the maps of its attention.
 * @throws Failure for attention that is not finite
 */
export const look = async <C, A extends readonly unknown[], B, Raw, Out>(
  model: Model<C, A, B, Raw, Out>,
  raw: Raw,
  { map, weights }: LookOptions,
): Promise<Looked<Out>> => {
  const looked = await runOrFail(showInputError, attentionMap(model, weights, raw, map));
  for (const { layer, weights: shown } of looked.maps) expectFinite(`the attention of ${layer.path}`, shown);
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
