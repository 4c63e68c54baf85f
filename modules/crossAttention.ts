/**
 * The cross-attention block: queries attend to another sequence, then an MLP, each behind layer norms.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, flag, oneOf, optional, type OptionsFor, withDefault } from '../lib/data/config.js';
import { byParts, whenAsked } from '../lib/language/combinators/byParts.js';
import { module } from '../lib/language/module.js';
import { expectShape } from '../lib/data/shape.js';
import type { Span } from '../lib/data/spans.js';
import type { Mask } from './attend.js';
import type { AttentionParts } from './attention.js';
import { attentionOf, blockFields, mlpOf } from './block.js';
import { dropoutLayer } from './dropout.js';
import { layerNorm } from './layerNorm.js';

const source = 'perceiver.py `CrossAttention`';

export const crossAttentionConfig = config(
  'crossAttention',
  'Cross-attention with an MLP, pre-norm and residual.',
  {
    ...blockFields(source, 1),
    widthFrom: withDefault(oneOf('kv', 'q'), 'kv', {
      doc: 'Default width of queries and keys: the width of the keys-values (kv) or of the queries (q).',
      source: `${source}, shape_for_attn`,
    }),
    useQueryResidual: withDefault(flag, true, {
      doc: 'True to add the queries to the attended values; false where queries and outputs differ in meaning.',
      source,
    }),
    qkChannels: optional(count, { doc: 'Width of queries and keys over all heads; see widthFrom.', source }),
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
  return module(
    name,
    (s) => (q: tf.Tensor, kv: tf.Tensor, mask?: Mask) => {
      const { T, Cq } = expectShape('q', q.shape, ['B', 'T', 'Cq']);
      const { Ckv } = expectShape('kv', kv.shape, ['B', 'S', 'Ckv']);
      const widthFrom = config.widthFrom === 'q' ? Cq : Ckv;
      const qkChannels =
        config.headChannels === undefined ? (config.qkChannels ?? widthFrom) : config.qkChannels;
      const widths = { qkChannels, outputChannels: Cq };
      const attends = attentionOf(config, widths, { onHeads, bias, relativeBias });
      const widen = mlpOf(config);
      const normOfQueries = s.declare(layerNorm());
      const keysAndValues = whenAsked(s, kv, s.declare(layerNorm()));
      const attend = (rows: tf.Tensor, span: Span) => {
        const attended = attends(s, normOfQueries(rows), keysAndValues, maskOf(mask, span));
        const dropped = dropoutLayer(config.dropoutRate)(s, attended);
        const x = config.useQueryResidual ? tf.add(rows, dropped) : dropped;
        return tf.add(x, widen(s, layerNorm()(s, x)));
      };
      return (isByRows ? byParts(s, q, attend) : attend(q, [0, T])) as tf.Tensor3D;
    },
    { kind: 'crossAttention', config },
  );
};
