/**
 * Attention maps: the attention weights of a layer on the grid of the model's own input, kept while the model computes
 * its output on the library's engine, and read after it.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { float32, type HostArray, sizeOf } from '../lib/data/array.js';
import { type InputError, inputError } from '../lib/data/inputError.js';
import { toHost, type Weights } from '../lib/data/leaf.js';
import type { ModuleKind } from '../lib/data/moduleKind.js';
import { eachPart, type Watcher } from '../lib/language/watch.js';
import { engineRunner } from '../lib/run/runner.js';
import type { AnyModel, InputGrid, Model, RunOptions } from './preset.js';

export interface AttentionMapOptions extends Omit<RunOptions, 'runner'> {
  /** The layer's path, or a part of it. Default: the encoder's cross-attention. */
  readonly layer?: string;
  /** One of its heads, from 0. Default: the mean of all heads. */
  readonly head?: number;
  /** One of its queries, from 0. Default: the mean over the encoder's queries, which are latents; each of the decoder's. */
  readonly query?: number;
}

/** The attention weights of one call of a layer. */
export interface AttentionMap {
  readonly layer: ShownLayer;
  /**
   * [Q, …grid], Q queries; of each the weights sum to one over the whole input, which for a film has sound and a label
   * beside the grid.
   */
  readonly weights: HostArray<'float32'>;
}

/** A model's output, and a map for each forward pass: a flow has one for each tile. */
export interface Looked<Out> {
  readonly output: Out;
  readonly maps: readonly AttentionMap[];
}

/** An attention layer that can be shown on the input. */
export interface ShownLayer {
  readonly path: string;
  /** The layer by which its latents attended to the input; undefined if it attends to the input itself. */
  readonly by?: string;
}

type Outlined = Pick<AnyModel, 'outline'>;

/** Paths of all attention layers, in the order in which they are declared. */
const attentionPaths = ({ outline: { kinds } }: Outlined): readonly string[] =>
  Object.keys(kinds).filter((path) => kinds[path] === 'attention');

/** Tells if a module of a kind is around the module at a path. */
const isWithin = ({ outline: { kinds } }: Outlined, kind: ModuleKind, path: string): boolean =>
  Object.keys(kinds).some((outer) => kinds[outer] === kind && path.startsWith(`${outer}/`));

/**
 * The layers of a model that can be shown, the encoder's first. The decoder's is left out for models that decode in parts,
 * since their queries are too many.
 */
const shownLayers = (model: AnyModel): readonly ShownLayer[] => {
  const crossing = attentionPaths(model).filter((path) => isWithin(model, 'crossAttention', path));
  const [encoding] = crossing.filter((path) => isWithin(model, 'encoder', path));
  const decoding = crossing.filter((path) => !model.decodesInParts && isWithin(model, 'decoder', path));
  return [{ path: encoding }, ...decoding.map((path) => ({ path, by: encoding }))];
};

/** The layer of a path, or of a part of one; the encoder's cross-attention by default. */
const layerNamed = (model: AnyModel, name?: string): E.Either<InputError, ShownLayer> => {
  const shown = shownLayers(model);
  if (name === undefined) return E.right(shown[0]);
  const exact = shown.filter(({ path }) => path === name);
  const [layer, ...others] = exact.length ? exact : shown.filter(({ path }) => path.includes(name));
  if (layer && others.length === 0) return E.right(layer);
  const isThere = attentionPaths(model).some((path) => path.includes(name));
  const isLatents = !layer && isThere;
  return inputError(
    'the layer',
    isLatents ? `'${name}', which ${latentsOnly(name)}` : `'${name}'`,
    `one that can be shown on the input: ${shown.map(({ path }) => path).join(' or ')}`,
  );
};

const latentsOnly = (name: string): string =>
  name.includes('decoder') ? 'has a query for each of very many outputs' : 'attends to latents alone';

/** The part of a layer's weights [H, T, S] to keep. */
interface Keep {
  /** One head. Default: the mean of all. */
  readonly head?: number;
  /** All queries, one, or the mean of all. */
  readonly queries: 'all' | 'mean' | number;
}

/** Weights of one call of a layer: one row for each query that is kept, [rows.length, S]. */
interface Seen {
  readonly path: string;
  readonly rows: readonly Float32Array[];
}

/** A head or query that the layer does not have. */
class Missing extends Error {
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
  /** Rows [n, S] that are kept, in the order of the queries. */
  readonly parts: tf.Tensor2D[];
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

/** Rows of [n, S] as arrays of their own. */
const split = async (rows: tf.Tensor2D): Promise<readonly Float32Array[]> => {
  const data = (await toHost(rows)).data as Float32Array;
  const [count, width] = rows.shape;
  return Array.from({ length: count }, (_, i) => data.subarray(i * width, (i + 1) * width));
};

/** The rows of a call that has ended. */
const rowsOf = async ({ keep, parts, queries }: Call): Promise<readonly Float32Array[]> => {
  const rows = (await Promise.all(parts.map(split))).flat();
  if (keep.queries !== 'mean') return rows;
  return [rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / queries)];
};

/**
 * Collects the attention weights of layers, reduced as they come.
 * @param keeps  the parts of the weights to keep, by the layer's path
 * @returns the watcher for the engine; `seen` reads the calls in their order, and throws `Missing` for a query out of
 * range; `free` frees what was kept
 */
const watch = (
  keeps: ReadonlyMap<string, Keep>,
): {
  readonly watcher: Watcher;
  readonly seen: () => Promise<readonly Seen[]>;
  readonly free: () => void;
} => {
  const calls: Call[] = [];
  const watcher: Watcher = {
    of: [...keeps.keys()].map((path) => `${path}/weights`),
    see: (shown) => {
      const keep = keeps.get(shown.path) as Keep;
      const call: Call = { path: shown.path, keep, parts: [], queries: shown.rows };
      calls.push(call);
      eachPart(shown, (part, start) => {
        const kept = reduced(ofHeads(part as tf.Tensor4D, keep.head), keep.queries, start);
        if (kept) call.parts.push(tf.keep(tf.clone(kept)));
      });
    },
  };
  const seen = () =>
    Promise.all(
      calls.map(async (call) => {
        if (call.parts.length === 0) throw missing('the query', call.keep.queries as number, call.queries);
        return { path: call.path, rows: await rowsOf(call) };
      }),
    );
  const free = (): void => tf.dispose(calls.flatMap(({ parts }) => parts));
  return { watcher, seen, free };
};

/** Weights over latents, and each latent's weights over the input, to weights over the input: [latents] and [latents][S] to [S]. */
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

/** Calls to maps. A decoder's weights over latents are combined with the latents' weights over the input. */
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
 * Runs a preset's model as `run` does, on the library's engine, and gives a layer's attention weights beside the output.
 *
 * The encoder's cross-attention attends to the input itself. The decoder's attends to latents: its map is the sum of the
 * latents' own maps, weighted by the decoder's attention. Self-attention between latents is left out.
 * @returns a left for a layer, head or query that cannot be shown, with those that can
 * @example
 * const { output, maps } = await attentionMap(words(), weights, { text: 'a sm_ll plant' }, { layer: 'decoder' })();
 */
export const attentionMap =
  <C, A extends readonly unknown[], B, Raw, Out>(
    model: Model<C, A, B, Raw, Out>,
    weights: Weights,
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
    const { watcher, seen, free } = watch(keepsOf(layer, options));
    const runner = engineRunner(weights, { watch: watcher });
    try {
      const output = await model.run(weights, raw, { ...options, runner })();
      if (E.isLeft(output)) return output;
      return E.right({ output: output.right, maps: mapsOf(grid, layer, await seen()) });
    } catch (error) {
      if (error instanceof Missing) return E.left(error.problem);
      throw error;
    } finally {
      free();
      await runner.dispose();
    }
  };
