/**
 * Attention of Perceiver AR: rotary positions, keys and values remembered from earlier calls, and the random keys that
 * the original draws for groups of heads and chunks.
 *
 * Shapes: B batch, T queries, S keys, H heads, D width of a head.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  config,
  count,
  finite,
  flag,
  natural,
  oneOf,
  optional,
  type OptionsFor,
  positive,
  probability,
  withDefault,
} from '../lib/data/config.js';
import { expectDivisible, expectShape, ShapeError } from '../lib/data/shape.js';
import { bernoulliTensor } from '../lib/engine/index.js';
import { exampleKeys } from '../lib/language/combinators/exampleKeys.js';
import { module } from '../lib/language/module.js';
import type { Scope } from '../lib/language/scope.js';
import { stopGradient } from '../lib/language/valueAndGrad.js';
import type { LazyKey } from '../lib/random/index.js';
import { attend, type Mask } from './attend.js';
import { projection } from './attention.js';
import { splitHeads } from './attendToRows.js';
import { keepMask } from './dropout.js';
import { rotary } from './rotary.js';

const source = 'perceiver_ar_model.py `Attention`';

/** Fields that tell how positions enter attention, and in which chunks the original computes it. */
export const arAttendingFields = {
  position: withDefault(oneOf('absolute', 'rotary'), 'rotary', {
    doc: 'Rotary: queries and keys are turned by their positions. Absolute: positions were added to the inputs.',
    source: `${source}, position_encoding_type`,
  }),
  fractionToRotate: withDefault(probability, 0.25, {
    doc: 'Share of the channels of a head that are turned.',
    source,
  }),
  fractionHeadsToRotate: withDefault(probability, 1, { doc: 'Share of the heads that are turned.', source }),
  maxWavelength: withDefault(positive, 8192, {
    doc: 'Positions per radian of the slowest pair of channels.',
    source,
  }),
  headGroupSize: withDefault(natural, 0, {
    doc: 'Heads that are computed together, 0 for all. The share of heads that are turned counts within each group.',
    source,
  }),
  chunked: withDefault(flag, false, {
    doc: "True to draw random keys as the original's chunks do. Outputs are the same: attention here never holds all scores.",
    source,
  }),
  queryChunkSize: withDefault(count, 1024, { doc: 'Queries of a chunk; divides their number.', source }),
  keyChunkSize: withDefault(count, 4096, { doc: 'Keys of a chunk; divides their number.', source }),
} as const;

export const arAttentionConfig = config('arAttention', 'Attention with positions and a memory.', {
  numHeads: withDefault(count, 8, { doc: 'Number of heads.', source }),
  qkChannels: optional(count, {
    doc: "Width of queries, keys and values; the queries' own if not given.",
    source,
  }),
  outputChannels: optional(count, { doc: 'Width of the output; qkChannels if not given.', source }),
  dropoutRate: withDefault(probability, 0, { doc: 'Rate at which weights are dropped in training.', source }),
  initScale: withDefault(finite, 1, { doc: "Scale of the projections' initial variance.", source }),
  finalInitScale: withDefault(finite, 1, { doc: 'Further scale of the last projection.', source }),
  withFinalBias: withDefault(flag, true, { doc: 'True if the last projection has a bias.', source }),
  ...arAttendingFields,
});
export type ArAttentionOptions = OptionsFor<typeof arAttentionConfig>;
type Config = ReturnType<typeof arAttentionConfig.make>;

/** Keys and values of earlier calls. */
export interface ArMemory {
  /** [B, S, H, D], before they are turned. */
  readonly k: tf.Tensor;
  /** [B, S, H, D] */
  readonly v: tf.Tensor;
  /** [B, S], of rotary attention. */
  readonly positions?: tf.Tensor;
  /** [B, S], 1 where something is remembered; all of it where there is none. */
  readonly mask?: tf.Tensor;
}

/** ArMemory that grows with each call, or of a fixed size, whose oldest entries are forgotten. */
export type ArMemoryKind = 'growing' | 'fixed';

/** The mask, the positions and the memory of a call. */
export interface ArAttending {
  /** [B, 1|H, T|1, S] */
  readonly mask?: Mask | undefined;
  /** [B, T] */
  readonly queryPositions?: tf.Tensor | undefined;
  /** [B, S] */
  readonly keyPositions?: tf.Tensor | undefined;
  readonly memory?: { readonly kind: ArMemoryKind; readonly before?: ArMemory | undefined } | undefined;
}

export interface ArAttended {
  /** [B, T, outputChannels] */
  readonly output: tf.Tensor3D;
  /** The memory after this call, where one was asked for. */
  readonly memory?: ArMemory;
}

/** The axis of places with new values at its end; as long as it was, or longer by the new values. */
const remembered = (kind: ArMemoryKind, before: tf.Tensor, added: tf.Tensor): tf.Tensor => {
  if (kind === 'growing') return tf.concat([before, added], 1);
  const [size, news] = [before.shape[1] as number, added.shape[1] as number];
  if (news > size) throw new ShapeError(`${news} new keys do not fit into a memory of ${size}`);
  if (news === size) return tf.clone(added);
  const start = before.shape.map((_, axis) => (axis === 1 ? news : 0));
  return tf.concat([tf.slice(before, start), added], 1);
};

/** The memory with the keys of this call. */
const extended = (kind: ArMemoryKind, { k, v, positions, mask }: ArMemory, added: ArMemory): ArMemory => {
  if (kind === 'fixed' && !mask) throw new Error('a memory of fixed size has no mask, expected one');
  const after = { k: remembered(kind, k, added.k), v: remembered(kind, v, added.v) };
  const [B, S] = added.k.shape as [number, number];
  return {
    ...after,
    ...(positions && added.positions && { positions: remembered(kind, positions, added.positions) }),
    ...(mask && { mask: remembered(kind, mask, tf.ones([B, S])) }),
  };
};

/** Both masks as one, through which no gradient flows. */
const both = (given: Mask | undefined, there: tf.Tensor | undefined): Mask | undefined => {
  const mask = given && stopGradient(given);
  if (!there) return mask;
  const seen = tf.reshape(there, [there.shape[0], 1, 1, there.shape[1] as number]);
  return mask ? tf.mul(tf.cast(tf.notEqual(mask, 0), 'float32'), seen) : seen;
};

/** Queries, keys and values by head. */
interface Heads {
  readonly q: tf.Tensor;
  readonly k: tf.Tensor;
  readonly v: tf.Tensor;
}

/** Turns queries and keys of some heads by their positions. */
const turned = (
  { q, k }: Pick<Heads, 'q' | 'k'>,
  config: Config,
  { queryPositions, keyPositions }: ArAttending,
): readonly [tf.Tensor, tf.Tensor] => {
  const { position, fractionToRotate: fraction, fractionHeadsToRotate, maxWavelength } = config;
  if (position === 'absolute') return [q, k];
  if (!queryPositions || !keyPositions)
    throw new Error('rotary attention has no positions, expected those of queries and of keys');
  const numRotatedHeads = Math.floor(fractionHeadsToRotate * (q.shape[2] as number));
  if (numRotatedHeads === 0) return [q, k];
  const turn = rotary({ fraction, maxWavelength, numRotatedHeads });
  const none = undefined as unknown as Scope; // rotary has no parameters
  return [turn(none, q, queryPositions), turn(none, k, keyPositions)];
};

/** Attention of groups of heads, one random key for each group in training. */
const byGroups = (s: Scope, heads: Heads, config: Config, asked: ArAttending): tf.Tensor => {
  const H = heads.q.shape[2] as number;
  const size = config.headGroupSize || H;
  expectDivisible('numHeads', H, size, 'headGroupSize');
  const groups = Array.from({ length: H / size }, (_, i) => {
    const part = (x: tf.Tensor) => (size === H ? x : tf.slice(x, [0, 0, i * size, 0], [-1, -1, size, -1]));
    const [q, k] = turned({ q: part(heads.q), k: part(heads.k) }, config, asked);
    const key = s.isTraining ? s.key() : undefined;
    const { dropoutRate } = config;
    const shape = [q.shape[0], q.shape[1], size, k.shape[1]] as [number, number, number, number];
    const keep =
      key && dropoutRate > 0 ? keepMask(key, dropoutRate, [shape[0], size, shape[1], shape[3]]) : undefined;
    return attend(q, k, part(heads.v), { mask: asked.mask, withoutKeys: 'mean', keep });
  });
  return groups.length === 1 ? groups[0] : tf.concat(groups, 2);
};

/** Weights that dropout leaves, chunk by chunk: [B, H, T, S], 1 = kept. */
const keptByChunks = (
  keys: readonly (readonly LazyKey[])[],
  rate: number,
  { H, T, S, queries, keysOf }: Record<'H' | 'T' | 'S' | 'queries' | 'keysOf', number>,
): tf.Tensor => {
  const across = S / keysOf;
  const examples = keys.map((own) => {
    const chunks = own.map((key) => {
      const kept = bernoulliTensor(key, 1 - rate, [queries, H, keysOf]);
      return tf.transpose(tf.cast(kept, 'float32'), [1, 0, 2]);
    });
    const rows = Array.from({ length: T / queries }, (_, i) =>
      tf.concat(chunks.slice(i * across, (i + 1) * across), 2),
    );
    return tf.concat(rows, 1); // [H, T, S]
  });
  return tf.stack(examples);
};

/** The mask with dropped weights left out; queries without keys attend to all that dropout keeps. */
const withDropped = (mask: Mask | undefined, kept: tf.Tensor): Mask => {
  if (!mask) return kept;
  const allowed = tf.notEqual(mask, 0);
  const none = tf.logicalNot(tf.any(allowed, 3, true));
  return tf.mul(kept, tf.cast(tf.logicalOr(allowed, none), 'float32'));
};

/** Attention with the random keys of chunks: one for each pair of them and each example. */
const byChunks = (s: Scope, heads: Heads, config: Config, asked: ArAttending): tf.Tensor => {
  const [q, k] = turned(heads, config, asked);
  const [B, T, H] = q.shape as [number, number, number];
  const S = k.shape[1] as number;
  const queries = Math.min(config.queryChunkSize, T);
  const keysOf = Math.min(config.keyChunkSize, S);
  expectDivisible('the number of queries', T, queries, 'queryChunkSize');
  expectDivisible('the number of keys', S, keysOf, 'keyChunkSize');
  const keys = exampleKeys(s, B, (T / queries) * (S / keysOf));
  const { dropoutRate: rate } = config;
  const isDropped = s.isTraining && rate > 0;
  const mask = isDropped
    ? withDropped(asked.mask, keptByChunks(keys, rate, { H, T, S, queries, keysOf }))
    : asked.mask;
  return attend(q, k, heads.v, { mask, withoutKeys: 'mean' });
};

/**
 * Attention, with what it remembers: q [B, T, Cq], kv [B, S, Ckv]. A query without any key gets the mean of all values.
 * Leaves: `linear`, `linear_1`, `linear_2`, `linear_3` as those of `attention`. Keys: one for each group of heads, in
 * training; with chunks one for each pair of them, always.
 * Source: perceiver_ar_model.py `Attention`.
 */
export const arAttention = (options: ArAttentionOptions = {}) => {
  const config = arAttentionConfig.make(options);
  const { numHeads, initScale, withFinalBias } = config;
  return module(
    'attention',
    (s) =>
      (q: tf.Tensor, kv: tf.Tensor, asked: ArAttending = {}): ArAttended => {
        const { Cq } = expectShape('q', q.shape, ['B', 'T', 'Cq']);
        const width = config.qkChannels ?? Cq;
        expectDivisible('qkChannels', width, numHeads, 'numHeads');
        const projected = (x: tf.Tensor) => splitHeads(projection(width, initScale)(s, x), numHeads);
        const queries = projected(q);
        const [k, v] = [projected(kv), projected(kv)];
        const { memory, keyPositions: positions } = asked;
        const own: ArMemory = { k, v, ...(positions && { positions }) };
        const all = memory?.before ? extended(memory.kind, memory.before, own) : own;
        const told: ArAttending = { ...asked, keyPositions: all.positions, mask: both(asked.mask, all.mask) };
        const heads = { q: queries, k: all.k, v: all.v };
        const attended = (config.chunked ? byChunks : byGroups)(s, heads, config, told);
        const last = projection(
          config.outputChannels ?? width,
          initScale * config.finalInitScale,
          withFinalBias,
        );
        return { output: last(s, attended) as tf.Tensor3D, ...(memory && { memory: all }) };
      },
    { kind: 'attention', config },
  );
};
