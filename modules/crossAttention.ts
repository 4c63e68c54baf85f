/**
 * The cross-attention block: queries attend to another sequence, then an MLP, each behind layer norms.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  config,
  count,
  finite,
  flag,
  oneOf,
  optional,
  type OptionsFor,
  probability,
  withDefault,
} from '../lib/data/config.js';
import { byParts, rowsOf, whenAsked } from '../lib/language/combinators/byParts.js';
import { module } from '../lib/language/module.js';
import { expectShape } from '../lib/data/shape.js';
import type { Mask } from './attend.js';
import { attention } from './attention.js';
import { dropoutLayer } from './dropout.js';
import { layerNorm } from './layerNorm.js';
import { activation, mlp } from './mlp.js';

const source = 'perceiver.py `CrossAttention`';

export const crossAttentionConfig = config(
  'crossAttention',
  'Cross-attention with an MLP, pre-norm and residual.',
  {
    numHeads: withDefault(count, 8, { doc: 'Number of attention heads.', source }),
    wideningFactor: withDefault(count, 1, {
      doc: "Width of the MLP's hidden layer, in widths of the queries.",
      source,
    }),
    widthFrom: withDefault(oneOf('kv', 'q'), 'kv', {
      doc: 'Whose width queries and keys take when qkChannels is not given: the keys-values or the queries.',
      source: `${source}, shape_for_attn`,
    }),
    useQueryResidual: withDefault(flag, true, {
      doc: 'Whether queries are added to what they attended to; false where queries and outputs differ in meaning.',
      source,
    }),
    qkChannels: optional(count, { doc: 'Width of queries and keys over all heads; see widthFrom.', source }),
    vChannels: optional(count, { doc: 'Width of values over all heads; qkChannels if not given.', source }),
    dropoutRate: withDefault(probability, 0, {
      doc: 'Dropout after attention and in the MLP, in training.',
      source,
    }),
    attentionDropoutRate: withDefault(probability, 0, {
      doc: 'Dropout of attention weights in training.',
      source,
    }),
    attentionInitScale: withDefault(finite, 1, { doc: "Scale of attention's initial variances.", source }),
    mlpInitScale: withDefault(finite, 1, { doc: "Scale of the MLP's initial variances.", source }),
    activation,
  },
);
export type CrossAttentionOptions = OptionsFor<typeof crossAttentionConfig>;

/**
 * q [B, T, Cq], kv [B, S, Ckv], mask [B, T, S] to [B, T, Cq]. Declares `layer_norm` (queries), `layer_norm_1`
 * (keys-values), `attention`, `layer_norm_2`, `mlp`. Keys: dropped weights' in training, then two a call.
 * Source: perceiver.py `CrossAttention`; arXiv:2107.14795, appendix E.
 */
export const crossAttention = (options: CrossAttentionOptions = {}) => {
  const config = crossAttentionConfig.make(options);
  const { numHeads, vChannels, wideningFactor, dropoutRate } = config;
  return module(
    'cross_attention',
    (s) => (q: tf.Tensor, kv: tf.Tensor, mask?: Mask) => {
      const { Cq } = expectShape('q', q.shape, ['B', 'T', 'Cq']);
      const { Ckv } = expectShape('kv', kv.shape, ['B', 'S', 'Ckv']);
      const attends = attention({
        numHeads,
        vChannels,
        qkChannels: config.qkChannels ?? (config.widthFrom === 'q' ? Cq : Ckv),
        outputChannels: Cq,
        dropoutRate: config.attentionDropoutRate,
        initScale: config.attentionInitScale,
      });
      const block = mlp({
        wideningFactor,
        dropoutRate,
        initScale: config.mlpInitScale,
        activation: config.activation,
      });
      const normOfQueries = s.declare(layerNorm());
      const keysAndValues = whenAsked(s, kv, s.declare(layerNorm()));
      return byParts(s, q, (rows, span) => {
        const attended = attends(s, normOfQueries(rows), keysAndValues, mask && rowsOf(mask, span));
        const dropped = dropoutLayer(dropoutRate)(s, attended);
        const x = config.useQueryResidual ? tf.add(rows, dropped) : dropped;
        return tf.add(x, block(s, layerNorm()(s, x)));
      }) as tf.Tensor3D;
    },
    { kind: 'crossAttention', config },
  );
};
