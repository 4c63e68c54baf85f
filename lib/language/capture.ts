/**
 * Where attention layers look: their weights, while everything else is computed as it is otherwise.
 */
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray, type Shape, sizeOf } from '../data/array.js';
import { tidy } from '../engine/index.js';
import { toHostSync } from '../data/leaf.js';
import type { ApplyOptions, TransformedWithState } from './transform.js';

export interface CaptureOptions {
  /** Weights of each head; their mean over the heads if not given. */
  readonly byHead?: boolean;
  /**
   * How the input lies whose elements are attended to: `[height, width]` of an image. Layers with as many keys have
   * their weights laid out so; for others, and if not given, keys are one row.
   */
  readonly grid?: Shape;
}

/** What one call of an attention layer attended to. */
export interface Attention {
  /** The layer's path; shared layers are called again and again, and come as often. */
  readonly path: string;
  /** [B, T, S], or [B, H, T, S] by head, or with the grid in the place of S; over the keys they sum to one. */
  readonly weights: HostArray<'float32'>;
}

/** The parts of one call, as they come. */
interface Call {
  readonly path: string;
  readonly parts: HostArray[];
}

/** Parts [..., t, S] one after the other along their queries, which are the last axis but one. */
const joined = (parts: readonly HostArray[], grid: Shape | undefined): HostArray<'float32'> => {
  const [{ shape }] = parts;
  const leading = shape.slice(0, -2);
  const keys = shape[shape.length - 1];
  const queries = parts.reduce((sum, part) => sum + (part.shape.at(-2) as number), 0);
  const all = new Float32Array(sizeOf(leading) * queries * keys);
  let offset = 0;
  for (const { shape, data } of parts) {
    const size = (shape.at(-2) as number) * keys;
    for (let outer = 0; outer < sizeOf(leading); outer++)
      all.set(
        (data as Float32Array).subarray(outer * size, (outer + 1) * size),
        outer * queries * keys + offset,
      );
    offset += size;
  }
  const layout = grid && sizeOf(grid) === keys ? grid : [keys];
  return float32([...leading, queries, ...layout], all);
};

/**
 * A model's `apply` that also gives the attention weights of the layers whose path matches. Outputs are what they are
 * without; the chosen layers alone hold their weights, some queries at a time.
 * @param pattern  of paths: `/cross_attention/`, say, or `/./` for all
 * @returns attention in the order in which layers were called, [B, T, S] each; the tensors of output and state are the
 * caller's
 * @throws Error where no attention layer's path matches
 * @example
 * const look = capture(model, /encoder.*cross_attention/, { grid: [8, 8] });
 * const { output, attention } = look(params, state, {}, images); // attention[0].weights: [B, N, 8, 8]
 */
export const capture =
  <A extends readonly unknown[], B>(
    { apply }: Pick<TransformedWithState<A, B>, 'apply'>,
    pattern: RegExp,
    { byHead = false, grid }: CaptureOptions = {},
  ) =>
  (
    ...[params, state, options, ...inputs]: Parameters<TransformedWithState<A, B>['apply']>
  ): ReturnType<TransformedWithState<A, B>['apply']> & { readonly attention: readonly Attention[] } => {
    const calls: Call[] = [];
    const paths = new Set<string>();
    const see = (path: string, weights: tf.Tensor4D, start: number): void => {
      if (start === 0) calls.push({ path, parts: [] });
      calls[calls.length - 1].parts.push(tidy(() => toHostSync(byHead ? weights : tf.mean(weights, 1))));
    };
    const of = (path: string): boolean => {
      paths.add(path);
      return pattern.test(path);
    };
    const watched: ApplyOptions = { ...options, attentionWeights: { of, see } };
    const { output, state: after } = apply(params, state, watched, ...(inputs as unknown as A));
    if (calls.length === 0)
      throw new Error(`no attention layer matches ${pattern}; there are ${[...paths].join(', ')}`);
    return {
      output,
      state: after,
      attention: calls.map(({ path, parts }) => ({ path, weights: joined(parts, grid) })),
    };
  };
