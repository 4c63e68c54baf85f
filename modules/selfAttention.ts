/**
 * The self-attention block: attention and an MLP, each behind a layer norm and added to what came in.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  config,
  count,
  finite,
  optional,
  type OptionsFor,
  probability,
  withDefault,
} from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import { expectShape } from '../lib/data/shape.js';
import type { Mask } from './attend.js';
import { attendingFields, attendingOf, attention, type AttentionParts } from './attention.js';
import { dropoutLayer } from './dropout.js';
import { layerNorm } from './layerNorm.js';
import { activation, mlp } from './mlp.js';

const source = 'perceiver.py `SelfAttention`';

export const selfAttentionConfig = config(
  'selfAttention',
  'Self-attention with an MLP, pre-norm and residual.',
  {
    numHeads: withDefault(count, 8, { doc: 'Number of attention heads.', source }),
    wideningFactor: withDefault(count, 4, {
      doc: "Width of the MLP's hidden layer, in widths of the input.",
      source,
    }),
    qkChannels: optional(count, {
      doc: "Width of queries and keys over all heads; the input's if not given.",
      source,
    }),
    vChannels: optional(count, {
      doc: 'Width of values over all heads; qkChannels if not given.',
      source,
    }),
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
  const { numHeads, qkChannels, vChannels, wideningFactor, dropoutRate } = config;
  return module(
    name,
    (s) => (x: tf.Tensor, mask?: Mask) => {
      const { C } = expectShape('x', x.shape, ['B', 'T', 'C']);
      const normed = layerNorm()(s, x);
      const attended = attention({
        numHeads,
        qkChannels,
        vChannels,
        outputChannels: C,
        dropoutRate: config.attentionDropoutRate,
        initScale: config.attentionInitScale,
        ...attendingOf(config),
        ...{ onHeads, bias, relativeBias },
      })(s, normed, normed, mask);
      const residual = tf.add(x, dropoutLayer(dropoutRate)(s, attended));
      const block = mlp({
        wideningFactor,
        dropoutRate,
        initScale: config.mlpInitScale,
        activation: config.activation,
      });
      return tf.add(residual, block(s, layerNorm()(s, residual))) as tf.Tensor3D;
    },
    { kind: 'selfAttention', config },
  );
};
