/**
 * Multi-head attention: the layer that projects into and out of `attend`. Nothing here knows of latents, output queries
 * or Perceiver.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  config,
  type ConfigOf,
  count,
  finite,
  flag,
  optional,
  type OptionsFor,
  probability,
  withDefault,
} from '../lib/data/config.js';
import { type Rows, rowsIn } from '../lib/language/combinators/byParts.js';
import { varianceScaling } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';
import type { Layer, Scope } from '../lib/language/scope.js';
import { expectDivisible, expectShape } from '../lib/data/shape.js';
import { attendInParts, type Mask } from './attend.js';
import { keepMask } from './dropout.js';
import { linear } from './linear.js';
import type { Span } from '../lib/engine/index.js';

const source = 'perceiver.py `Attention`';

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
  withFinalBias: withDefault(flag, true, { doc: 'Whether the last projection has a bias.', source }),
});
export type AttentionConfig = ConfigOf<typeof attentionConfig>;
export type AttentionOptions = OptionsFor<typeof attentionConfig>;

/** A linear layer as attention and MLPs use it: VarianceScaling by fan-in. Source: perceiver.py `conv_1d`. */
export const projection = (outputChannels: number, initScale = 1, withBias = true) =>
  linear(outputChannels, { withBias, wInit: varianceScaling({ scale: initScale }) });

/** Every width, with what is not given worked out from the queries. */
const widths = ({ numHeads, ...config }: AttentionConfig, queries: number) => {
  const qk = config.qkChannels ?? queries;
  const v = config.vChannels ?? qk;
  expectDivisible('qkChannels', qk, numHeads, 'numHeads');
  expectDivisible('vChannels', v, numHeads, 'numHeads');
  return { qk, v, output: config.outputChannels ?? v };
};

const attentionDropout = (s: Scope, { dropoutRate, numHeads }: AttentionConfig, shape: readonly number[]) => {
  if (!s.isTraining || dropoutRate === 0) return undefined;
  const [batch, queries, keys] = shape;
  return keepMask(s.key(), dropoutRate, [batch, numHeads, queries, keys]);
};

/**
 * Is it less work to project what queries look for and what they find than each row that they attend to? With one head
 * the two are the same: q·(x·w + b)ᵀ = (q·wᵀ)·xᵀ + q·b, where the softmax does not see q·b; and weights that sum to 1
 * make Σ weight·(x·w + b) of (Σ weight·x)·w + b.
 * @param width of a key and a value together
 */
const isLessByRows = (queries: number, channels: number, width: number): boolean =>
  2 * queries * channels < (queries + channels) * width;

/**
 * Projects queries and keys-values, attends, projects the result.
 *
 * Shapes: B batch, T queries, S keys. In: q [B, T, Cq], kv [B, S, Ckv] or its rows, mask [B, T, S]; out:
 * [B, T, outputChannels].
 * Leaves: `linear`, `linear_1`, `linear_2`, `linear_3` are the projections of queries, keys, values and the output.
 * Keys: one, in training, when weights are dropped.
 * @throws ShapeError when numHeads does not divide a width
 * Source: perceiver.py `Attention`.
 */
export const attention = (options: AttentionOptions & { readonly name?: string } = {}) => {
  const { name = 'attention', ...rest } = options;
  const config = attentionConfig.make(rest);
  return module(
    name,
    (s) =>
      (q: tf.Tensor, kv: tf.Tensor | Rows, mask?: Mask): tf.Tensor3D => {
        const { B, T, Cq } = expectShape('q', q.shape, ['B', 'T', 'Cq']);
        const { S, Ckv } = expectShape('kv', kv.shape, ['B', 'S', 'Ckv'], { B });
        const { qk, v, output } = widths(config, Cq);
        const heads = (x: tf.Tensor) => tf.reshape(x, [B, x.shape[1] as number, config.numHeads, -1]); // [B, N, H, C / H]
        const queries = projection(qk, config.initScale)(s, q);
        const keyOf = s.declare(projection(qk, config.initScale));
        const valueOf = s.declare(projection(v, config.initScale));
        const keep = attentionDropout(s, config, [B, T, S]);
        const { spans, of } = rowsIn(s, kv);
        const attending = {
          mask,
          keep,
          show: (make: (span: Span) => tf.Tensor) => s.show('weights', T, make),
        };
        const attendToRows = () => {
          const asked = tf.mul(keyOf.transposed(queries, Ckv), Math.sqrt(Ckv / qk)); // [B, T, Ckv]
          const given = attendInParts(spans, { ...attending, queries: heads(asked), width: Ckv }, (span) => {
            const rows = heads(of(span));
            return [rows, rows];
          });
          return valueOf(given); // [B, T, v]
        };
        const attendToProjections = () =>
          attendInParts(spans, { ...attending, queries: heads(queries), width: v }, (span) => {
            const rows = of(span);
            return [heads(keyOf(rows)), heads(valueOf(rows))];
          });
        const isOneHead = spans.length > 1 && config.numHeads === 1 && !mask;
        const attended = isOneHead && isLessByRows(T, Ckv, qk + v) ? attendToRows() : attendToProjections();
        return projection(
          output,
          config.initScale * config.finalInitScale,
          config.withFinalBias,
        )(s, attended) as tf.Tensor3D;
      },
    { kind: 'attention', config },
  );
};

/** Attention of a sequence to itself, [B, T, C] to [B, T, outputChannels], without norms, residual or MLP. */
export const selfAttend = (
  options: AttentionOptions = {},
): Layer<[x: tf.Tensor, mask?: Mask], tf.Tensor3D> => {
  const attends = attention(options);
  return (s, x, mask) => attends(s, x, x, mask);
};
