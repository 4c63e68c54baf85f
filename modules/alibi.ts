/**
 * ALiBi, attention with linear biases: scores fall with the distance between query and key, in each head at a rate of its
 * own. No parameters, and one number for each distance.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Layer } from '../lib/language/scope.js';
import type { AttentionSizes } from './attention.js';

/** 2^(−8/n), 2^(−16/n), … 2^(−8). */
const powers = (n: number): readonly number[] =>
  Array.from({ length: n }, (_, i) => 2 ** ((-8 * (i + 1)) / n));

/**
 * The slope of each head: a geometric sequence down to 2⁻⁸. Where the number of heads is no power of two, heads beyond
 * the next lower power take every other slope of the sequence for twice as many.
 * Source: arXiv:2108.12409, section 3, and the authors' `get_slopes`.
 */
export const alibiSlopes = (numHeads: number): readonly number[] => {
  const lower = 2 ** Math.floor(Math.log2(numHeads));
  const others = powers(2 * lower).filter((_, i) => i % 2 === 0);
  return [...powers(lower), ...others].slice(0, numHeads);
};

/**
 * The bias by distance that `attention` takes: −slope · |distance|, [H, T + S − 1].
 * @example attention({ causal: true, relativeBias: alibi() })
 * Source: arXiv:2108.12409.
 */
export const alibi =
  (): Layer<[sizes: AttentionSizes], tf.Tensor> =>
  (_s, { heads, queries, keys }) => {
    const distances = tf.abs(tf.range(1 - keys, queries)); // [T + S − 1]
    const slopes = tf.tensor2d([...alibiSlopes(heads)], [heads, 1]);
    return tf.mul(tf.neg(slopes), tf.expandDims(distances, 0));
  };
