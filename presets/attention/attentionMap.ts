/**
 * Where a model looks, on the grid of its own input, while it computes what it computes anyway.
 */
import { either as E } from 'fp-ts';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { float32, type HostArray, sizeOf } from '../../lib/data/array.js';
import { place } from '../../lib/data/leaf.js';
import type { AnyModel } from '../any.js';
import { type InputError, inputError } from '../../lib/data/inputError.js';
import { type InputGrid, type Model, type Weights } from '../preset.js';
import { layerNamed, type ShownLayer } from './layers.js';
import { type Keep, Missing, type Seen, watch } from './watch.js';

export interface AttentionMapOptions {
  /** The layer's path, or a part of it; the encoder's cross-attention if not given. */
  readonly layer?: string;
  /** One of its heads, from 0; their mean if not given. */
  readonly head?: number;
  /** One of its queries, from 0. If not given: the mean over the encoder's, which are latents; each of the decoder's. */
  readonly query?: number;
}

/** What one call of a layer attended to. */
export interface AttentionMap {
  readonly layer: ShownLayer;
  /**
   * [Q, …grid], Q queries; of each the weights sum to one over the whole input, which for a film has sound and a label
   * beside the grid.
   */
  readonly weights: HostArray<'float32'>;
}

/** A model's output, and a map for each time that it ran: for each tile of a flow. */
export interface Looked<Out> {
  readonly output: Out;
  readonly maps: readonly AttentionMap[];
}

/** What attends to latents attends to the input by way of them: [latents] and [latents][S] to [S]. */
const byWayOf = (latents: readonly Float32Array[], row: Float32Array): Float32Array => {
  const sums = new Float64Array(latents[0].length);
  latents.forEach((latent, n) => {
    for (let i = 0; i < sums.length; i++) sums[i] += row[n] * latent[i];
  });
  return Float32Array.from(sums);
};

const keepsOf = ({ path, by }: ShownLayer, { head, query }: AttentionMapOptions): ReadonlyMap<string, Keep> =>
  new Map<string, Keep>(
    by === undefined
      ? [[path, { head, queries: query ?? 'mean' }]]
      : [
          [by, { queries: 'all' }],
          [path, { head, queries: query ?? 'all' }],
        ],
  );

const mapOf = (grid: InputGrid, layer: ShownLayer, rows: readonly Float32Array[]): AttentionMap => {
  const size = sizeOf(grid.shape);
  const [{ length }] = rows;
  if (length < grid.start + size)
    throw new RangeError(`${layer.path} attends to ${length} elements, its input has ${grid.start + size}`);
  const weights = new Float32Array(rows.length * size);
  rows.forEach((row, i) => weights.set(row.subarray(grid.start, grid.start + size), i * size));
  return { layer, weights: float32([rows.length, ...grid.shape], weights) };
};

/** Calls to maps; what a decoder saw is put together with what its latents saw. */
const mapsOf = (grid: InputGrid, layer: ShownLayer, seen: readonly Seen[]): readonly AttentionMap[] =>
  seen
    .filter(({ path }) => path === layer.path)
    .map(({ rows }, i) => {
      if (layer.by === undefined) return mapOf(grid, layer, rows);
      const latents = seen.filter(({ path }) => path === layer.by)[i].rows;
      return mapOf(
        grid,
        layer,
        rows.map((row) => byWayOf(latents, row)),
      );
    });

/**
 * Runs a preset's model as `run` does, on the library's engine, and gives what a layer attended to beside the output.
 *
 * The encoder's cross-attention attends to the input itself. The decoder's attends to latents: shown is what these
 * attended to, as much of each as the decoder took of it, without what latents told each other in between.
 * @returns a left for what cannot be shown, with the layers that can
 * @example
 * const { output, maps } = await attentionMap(words(), weights, { text: 'a sm_ll plant' }, { layer: 'decoder' })();
 */
export const attentionMap =
  <C, A extends readonly unknown[], B, Raw, Out>(
    model: Model<C, A, B, Raw, Out>,
    { params, state }: Weights,
    raw: Raw,
    options: AttentionMapOptions = {},
  ): TaskEither<InputError, Looked<Out>> =>
  async () => {
    const asked = pipe(
      E.Do,
      E.bind('grid', () => {
        const { inputGrid } = model;
        return inputGrid
          ? E.right(inputGrid)
          : inputError('the model', model.card.name, 'one whose input lies on a grid');
      }),
      E.bind('layer', () => layerNamed(model as AnyModel, options.layer)),
    );
    if (E.isLeft(asked)) return asked;
    const { grid, layer } = asked.right;
    const placed = place(params);
    try {
      const { compute, seen } = watch({ params: placed, state }, keepsOf(layer, options));
      const output = await model.run({ params: placed, state, compute }, raw)();
      return E.map((found: Out): Looked<Out> => ({ output: found, maps: mapsOf(grid, layer, seen()) }))(
        output,
      );
    } catch (error) {
      if (error instanceof Missing) return E.left(error.problem);
      throw error;
    } finally {
      placed[Symbol.dispose]();
    }
  };
