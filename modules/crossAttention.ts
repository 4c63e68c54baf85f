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
import { byParts, whenAsked } from '../lib/language/combinators/byParts.js';
import { module } from '../lib/language/module.js';
import { expectShape } from '../lib/data/shape.js';
import type { Span } from '../lib/engine/index.js';
import type { Mask } from './attend.js';
import { attendingFields, attendingOf, attention, type AttentionParts } from './attention.js';
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
      doc: 'The input whose width queries and keys take when qkChannels is not given: the keys-values or the queries.',
      source: `${source}, shape_for_attn`,
    }),
    useQueryResidual: withDefault(flag, true, {
      doc: 'True if the queries are added to the output of attention; false where queries and outputs differ in meaning.',
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
    ...attendingFields,
  },
);
export type CrossAttentionOptions = OptionsFor<typeof crossAttentionConfig> &
  AttentionParts & {
    /** The module's name; `cross_attention` if not given. */
    readonly name?: string;
  };

/** The mask of some queries. */
const maskOf = (mask: Mask | undefined, [start, size]: Span): Mask | undefined => {
  const axis = mask ? mask.rank - 2 : 0;
  if (!mask || mask.shape[axis] === 1) return mask;
  const sizes = mask.shape.map((_, i) => (i === axis ? size : -1));
  return tf.slice(
    mask,
    sizes.map((n) => (n === -1 ? 0 : start)),
    sizes,
  );
};

/**
 * q [B, T, Cq], kv [B, S, Ckv], mask [B|1, T|1, S] or [B|1, H|1, T|1, S] to [B, T, Cq]. Declares `layer_norm` (queries),
 * `layer_norm_1` (keys-values), `attention`, `layer_norm_2`, `mlp`. Keys: dropped weights' in training, then two a call.
 * Source: perceiver.py `CrossAttention`; arXiv:2107.14795, appendix E.
 */
export const crossAttention = ({
  name = 'cross_attention',
  onHeads,
  bias,
  relativeBias,
  ...options
}: CrossAttentionOptions = {}) => {
  const config = crossAttentionConfig.make(options);
  // Each query is attended with on its own, unless its place among all of them matters.
  const isByRows = !config.causal && !onHeads && !bias && !relativeBias;
  const { numHeads, vChannels, wideningFactor, dropoutRate } = config;
  return module(
    name,
    (s) => (q: tf.Tensor, kv: tf.Tensor, mask?: Mask) => {
      const { T, Cq } = expectShape('q', q.shape, ['B', 'T', 'Cq']);
      const { Ckv } = expectShape('kv', kv.shape, ['B', 'S', 'Ckv']);
      const widthFrom = config.widthFrom === 'q' ? Cq : Ckv;
      const qkChannels =
        config.headChannels === undefined ? (config.qkChannels ?? widthFrom) : config.qkChannels;
      const attends = attention({
        numHeads,
        vChannels,
        qkChannels,
        outputChannels: Cq,
        dropoutRate: config.attentionDropoutRate,
        initScale: config.attentionInitScale,
        ...attendingOf(config),
        ...{ onHeads, bias, relativeBias },
      });
      const widen = mlp({
        wideningFactor,
        dropoutRate,
        initScale: config.mlpInitScale,
        activation: config.activation,
      });
      const normOfQueries = s.declare(layerNorm());
      const keysAndValues = whenAsked(s, kv, s.declare(layerNorm()));
      const attend = (rows: tf.Tensor, span: Span) => {
        const attended = attends(s, normOfQueries(rows), keysAndValues, maskOf(mask, span));
        const dropped = dropoutLayer(dropoutRate)(s, attended);
        const x = config.useQueryResidual ? tf.add(rows, dropped) : dropped;
        return tf.add(x, widen(s, layerNorm()(s, x)));
      };
      return (isByRows ? byParts(s, q, attend) : attend(q, [0, T])) as tf.Tensor3D;
    },
    { kind: 'crossAttention', config },
  );
};
