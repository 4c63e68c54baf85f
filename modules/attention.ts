/**
 * Multi-head attention: the layer that projects into and out of `attend`. Nothing here knows of latents, output queries
 * or Perceiver.
 */
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import {
  config,
  type ConfigOf,
  count,
  finite,
  flag,
  oneOf,
  optional,
  type OptionsFor,
  probability,
  withDefault,
} from '../lib/data/config.js';
import { type Rows, rowsIn } from '../lib/language/combinators/byParts.js';
import { varianceScaling } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';
import type { Layer, Scope } from '../lib/language/scope.js';
import { expectDivisible, expectShape, ShapeError } from '../lib/data/shape.js';
import type { Mask } from './attend.js';
import { attendToRows, splitHeads } from './attendToRows.js';
import { keepMask } from './dropout.js';
import { linear } from './linear.js';

const source = 'perceiver.py `Attention`';

/** Fields of every layer that attends. */
export const attendingFields = {
  numKeyValueHeads: optional(count, {
    doc: 'Number of heads of keys and values; divides numHeads, which is used if not given. With 1, all heads share them.',
    source: 'arXiv:2305.13245',
  }),
  headChannels: optional(count, {
    doc: 'Width of one head, in place of qkChannels and vChannels, which are numHeads times as wide.',
  }),
  causal: optional(flag, {
    doc: 'True for queries that see no key after their own place; the last query is at the place of the last key. False if not given.',
  }),
  window: optional(count, {
    doc: 'Number of keys that a causal query sees at most: its own place and those before it.',
  }),
  withoutKeys: optional(oneOf('zeros', 'mean'), {
    doc: "Output of a query that has no key to attend to: zeros (Perceiver IO; used if not given) or the mean of all values (Haiku's MultiHeadAttention, Perceiver AR).",
  }),
} as const;

/** The values of `attendingFields`. */
export type Attending = Pick<ConfigOf<typeof attentionConfig>, keyof typeof attendingFields>;

/** Takes the values of `attendingFields` out of a config, to be handed on. */
export const attendingOf = (config: Attending): Attending => {
  const { numKeyValueHeads, headChannels, causal, window, withoutKeys } = config;
  return { numKeyValueHeads, headChannels, causal, window, withoutKeys };
};

export const attentionConfig = config('attention', 'Multi-head attention.', {
  numHeads: withDefault(count, 8, { doc: 'Number of heads; divides qkChannels and vChannels.', source }),
  qkChannels: optional(count, {
    doc: "Width of queries and keys over all heads; the queries' own if not given.",
    source,
  }),
  vChannels: optional(count, { doc: 'Width of values over all heads; qkChannels if not given.', source }),
  outputChannels: optional(count, { doc: 'Width of the output; vChannels if not given.', source }),
  dropoutRate: withDefault(probability, 0, {
    doc: 'Rate at which attention weights are dropped in training.',
    source,
  }),
  initScale: withDefault(finite, 1, { doc: "Scale of the projections' initial variance.", source }),
  finalInitScale: withDefault(finite, 1, { doc: 'Further scale of the last projection.', source }),
  withFinalBias: withDefault(flag, true, { doc: 'True if the last projection has a bias.', source }),
  ...attendingFields,
});
export type AttentionConfig = ConfigOf<typeof attentionConfig>;

/** Sizes of one call: H heads, T queries, S keys. */
export interface AttentionSizes {
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
}

/** Layers that take part in attention; their parameters are the attention module's. */
export interface AttentionParts {
  /** Changes queries [B, T, H, D] and keys [B, S, G, D] before they meet: rotary positions, norms. */
  readonly onHeads?: Layer<[q: Tensor, k: Tensor], readonly [q: Tensor, k: Tensor]>;
  /** Makes numbers that are added to the scores, [B|1, H|1, T|1, S]. */
  readonly bias?: Layer<[sizes: AttentionSizes], Tensor>;
  /** Makes numbers that are added to the scores by distance, [H|1, T + S − 1], as `attend` takes them: `alibi()`. */
  readonly relativeBias?: Layer<[sizes: AttentionSizes], Tensor>;
}

export type AttentionOptions = OptionsFor<typeof attentionConfig> &
  AttentionParts & {
    /** The module's name; `attention` if not given. */
    readonly name?: string;
  };

/** A linear layer as attention and MLPs use it: VarianceScaling by fan-in. Source: perceiver.py `conv_1d`. */
export const projection = (outputChannels: number, initScale = 1, withBias = true) =>
  linear(outputChannels, { withBias, wInit: varianceScaling({ scale: initScale }) });

/** Numbers of heads and widths of one head, those that are not given worked out from the queries' width. */
const widthsOf = ({ numHeads: H, ...config }: AttentionConfig, queries: number) => {
  const { headChannels, numKeyValueHeads: G = H, qkChannels, vChannels } = config;
  if (headChannels !== undefined && (qkChannels ?? vChannels) !== undefined)
    throw new ShapeError(
      `headChannels is ${headChannels} beside qkChannels or vChannels, expected one or the others`,
    );
  const qk = headChannels === undefined ? (qkChannels ?? queries) : headChannels * H;
  const v = vChannels ?? qk;
  expectDivisible('qkChannels', qk, H, 'numHeads');
  expectDivisible('vChannels', v, H, 'numHeads');
  expectDivisible('numHeads', H, G, 'numKeyValueHeads');
  return { H, G, D: qk / H, E: v / H, output: config.outputChannels ?? v };
};

/** Factors of the weights [B, H, T, S] in training, where some are dropped. */
const dropWeights = (s: Scope, rate: number, shape: readonly number[]): Tensor | undefined =>
  s.isTraining && rate > 0 ? keepMask(s.key(), rate, shape) : undefined;

/**
 * Projects queries and keys-values, attends, projects the result.
 *
 * Shapes: B batch, T queries, S keys, H heads, G heads of keys and values, D and E widths of one head. In:
 * q [B, T, Cq], kv [B, S, Ckv] or its rows, mask [B|1, T|1, S] or [B|1, H|1, T|1, S]; out: [B, T, outputChannels].
 * Leaves: `linear`, `linear_1`, `linear_2`, `linear_3` are the projections of queries, keys, values and the output.
 * Keys: one, in training, when weights are dropped.
 * @throws ShapeError when numHeads does not divide a width
 * @example attention({ numHeads: 8, causal: true, relativeBias: alibi() })
 * Source: perceiver.py `Attention`.
 */
export const attention = ({
  name = 'attention',
  onHeads,
  bias,
  relativeBias,
  ...options
}: AttentionOptions = {}) => {
  const config = attentionConfig.make(options);
  const { initScale, finalInitScale, withFinalBias, dropoutRate, causal, window, withoutKeys } = config;
  return module(
    name,
    (s) =>
      (q: Tensor, kv: Tensor | Rows, mask?: Mask): Tensor3D => {
        const { B, T, Cq } = expectShape('q', q.shape, ['B', 'T', 'Cq']);
        const { S } = expectShape('kv', kv.shape, ['B', 'S', 'Ckv'], { B });
        const { H, G, D, E, output } = widthsOf(config, Cq);
        const sizes = { heads: H, queries: T, keys: S };
        const queries = splitHeads(projection(H * D, initScale)(s, q), H); // [B, T, H, D]
        const keys = s.declare(projection(G * D, initScale)); // [B, S, Ckv] -> [B, S, G·D]
        const values = s.declare(projection(G * E, initScale)); // [B, S, Ckv] -> [B, S, G·E]
        const attended = attendToRows(
          queries,
          rowsIn(s, kv),
          { keys, values, numHeads: G, valueWidth: E },
          {
            ...{ mask, causal, window, withoutKeys },
            bias: bias?.(s, sizes), // [B|1, H|1, T|1, S]
            relativeBias: relativeBias?.(s, sizes), // [H|1, T + S − 1]
            onHeads: onHeads && ((q, k) => onHeads(s, q, k)),
            keep: () => dropWeights(s, dropoutRate, [B, H, T, S]),
            show: (weights) => s.show('weights', T, weights),
          },
        ); // [B, T, H·E]
        return projection(output, initScale * finalInitScale, withFinalBias)(s, attended) as Tensor3D;
      },
    { kind: 'attention', config },
  );
};

/** Attention of a sequence to itself, [B, T, C] to [B, T, outputChannels], without norms, residual or MLP. */
export const selfAttend = (options: AttentionOptions = {}): Layer<[x: Tensor, mask?: Mask], Tensor3D> => {
  const attends = attention(options);
  return (s, x, mask) => attends(s, x, x, mask);
};
