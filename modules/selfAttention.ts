/**
 * The self-attention block: attention and an MLP, each behind a layer norm and added to what came in.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, optional, type OptionsFor } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import { expectShape } from '../lib/data/shape.js';
import type { Mask } from './attend.js';
import type { AttentionParts } from './attention.js';
import { attentionOf, blockFields, mlpOf } from './block.js';
import { dropoutLayer } from './dropout.js';
import { layerNorm } from './layerNorm.js';

const source = 'perceiver.py `SelfAttention`';

export const selfAttentionConfig = config(
  'selfAttention',
  'Self-attention with an MLP, pre-norm and residual.',
  {
    ...blockFields(source, 4),
    qkChannels: optional(count, {
      doc: "Width of queries and keys over all heads; the input's if not given.",
      source,
    }),
  },
);
export type SelfAttentionOptions = OptionsFor<typeof selfAttentionConfig> &
  AttentionParts & {
    /** The module's name; `self_attention` if not given. */
    readonly name?: string;
  };

/**
 * [B, T, C] to [B, T, C], mask [B|1, T|1, T] or [B|1, H|1, T|1, T]. Declares `layer_norm`, `attention`,
 * `layer_norm_1`, `mlp`. Keys: dropped weights' in training, then two a call.
 * @example selfAttention({ numHeads: 8, causal: true, relativeBias: alibi() })
 * Source: perceiver.py `SelfAttention`.
 */
export const selfAttention = ({
  name = 'self_attention',
  onHeads,
  bias,
  relativeBias,
  ...options
}: SelfAttentionOptions = {}) => {
  const config = selfAttentionConfig.make(options);
  return module(
    name,
    (s) => (x: tf.Tensor, mask?: Mask) => {
      const { C } = expectShape('x', x.shape, ['B', 'T', 'C']);
      const normed = layerNorm()(s, x);
      const widths = { qkChannels: config.qkChannels, outputChannels: C };
      const attended = attentionOf(config, widths, { onHeads, bias, relativeBias })(s, normed, normed, mask);
      const residual = tf.add(x, dropoutLayer(config.dropoutRate)(s, attended));
      const widen = mlpOf(config);
      return tf.add(residual, widen(s, layerNorm()(s, residual))) as tf.Tensor3D;
    },
    { kind: 'selfAttention', config },
  );
};
