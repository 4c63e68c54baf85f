/** perceiver.py's attention: arguments of `attend`, `Attention`, `MLP`, `SelfAttention`, `CrossAttention`. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { config, probability, withDefault } from '../../lib/data/config.js';
import type { Scope } from '../../lib/language/scope.js';
import { attend, type Mask } from '../attend.js';
import { attention, attentionConfig } from '../attention.js';
import { crossAttention, crossAttentionConfig } from '../crossAttention.js';
import { keepMask } from '../dropout.js';
import { mlp, mlpConfig } from '../mlp.js';
import { selfAttention, selfAttentionConfig } from '../selfAttention.js';
import { renamed } from './arguments.js';
import { haikuClass, haikuFunction } from './haikuClass.js';

const attendConfig = config('attend', 'Scaled dot-product attention.', {
  dropoutRate: withDefault(probability, 0, {
    doc: 'Rate at which weights are dropped, in training or not.',
    source: 'perceiver.py `attend`',
  }),
});

/** The original drops whatever the mode: its callers pass 0 where nothing is to be dropped. */
const attendLayer = (rate: number) => (s: Scope, q: Tensor, k: Tensor, v: Tensor, mask?: Mask) => {
  const [batch, queries, heads] = q.shape;
  const keep = rate > 0 ? keepMask(s.key(), rate, [batch, heads, queries, k.shape[1] as number]) : undefined;
  return attend(q, k, v, { mask, keep });
};

/** Arguments of both self- and cross-attention blocks. */
const block = {
  widening_factor: 'wideningFactor',
  dropout_prob: 'dropoutRate',
  dropout_attn_prob: 'attentionDropoutRate',
  num_heads: 'numHeads',
  att_init_scale: 'attentionInitScale',
  dense_init_scale: 'mlpInitScale',
  qk_channels: 'qkChannels',
  v_channels: 'vChannels',
};

export const attentionClasses = {
  'perceiver.attend': haikuFunction(
    'attend',
    attendConfig,
    [renamed({ dropout_prob: 'dropoutRate' })],
    ({ dropoutRate }) => attendLayer(dropoutRate),
  ),
  'perceiver.Attention': haikuClass(
    'attention',
    attentionConfig,
    [
      renamed({
        num_heads: 'numHeads',
        init_scale: 'initScale',
        with_final_bias: 'withFinalBias',
        final_init_scale_multiplier: 'finalInitScale',
        dropout_prob: 'dropoutRate',
        qk_channels: 'qkChannels',
        v_channels: 'vChannels',
        output_channels: 'outputChannels',
      }),
    ],
    attention,
  ),
  'perceiver.MLP': haikuClass(
    'mlp',
    mlpConfig,
    [renamed({ widening_factor: 'wideningFactor', dropout_prob: 'dropoutRate', init_scale: 'initScale' })],
    mlp,
  ),
  'perceiver.SelfAttention': haikuClass(
    'selfAttention',
    selfAttentionConfig,
    [renamed(block)],
    selfAttention,
  ),
  'perceiver.CrossAttention': haikuClass(
    'crossAttention',
    crossAttentionConfig,
    [renamed({ ...block, shape_for_attn: 'widthFrom', use_query_residual: 'useQueryResidual' })],
    crossAttention,
  ),
};
