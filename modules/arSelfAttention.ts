/** Self-attention of Perceiver AR: latents attend to those that end no later; a dense block follows. */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, type OptionsFor, probability, withDefault } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import { arAttention, arAttendingFields, type ArAttended, type ArAttending } from './arAttention.js';
import { arDense, arDenseFields } from './arDense.js';
import { dropoutLayer } from './dropout.js';
import { layerNorm } from './layerNorm.js';

const source = 'perceiver_ar_model.py';

/** Fields of blocks: attention, then a dense block. */
export const arBlockFields = {
  numHeads: withDefault(count, 8, { doc: 'Number of heads.', source }),
  ...arDenseFields,
  attentionDropoutRate: withDefault(probability, 0, {
    doc: 'Dropout of attention weights, in training.',
    source,
  }),
  dropoutRate: withDefault(probability, 0, {
    doc: 'Dropout after attention and after the dense block, in training.',
    source,
  }),
  ...arAttendingFields,
};

export const arSelfAttentionConfig = config(
  'arSelfAttention',
  'Latents attend to each other.',
  arBlockFields,
);

/** The options of a block's attention and of its dense block. */
export const arPartsOf = (block: ReturnType<typeof arSelfAttentionConfig.make>) => {
  const { wideningFactor, activation, attentionDropoutRate, dropoutRate, ...attending } = block;
  const { initScale } = block;
  return {
    attending: { ...attending, dropoutRate: attentionDropoutRate },
    dense: { wideningFactor, dropoutRate, initScale, activation },
  };
};

/** [B, L, C] to the same, and its memory. Declares `layer_norm`, `attention`, `layer_norm_1`, `dense`. Source: `SelfAttention`. */
export const arSelfAttention = (options: OptionsFor<typeof arSelfAttentionConfig> = {}) => {
  const config = arSelfAttentionConfig.make(options);
  const { attending, dense } = arPartsOf(config);
  return module(
    'self_attention',
    (s) =>
      (x: tf.Tensor, asked: ArAttending = {}): ArAttended => {
        const normed = layerNorm()(s, x);
        const { output, memory } = arAttention(attending)(s, normed, normed, asked);
        const residual = tf.add(x, dropoutLayer(config.dropoutRate)(s, output));
        const block = arDense(dense);
        const after = tf.add(residual, block(s, layerNorm()(s, residual))) as tf.Tensor3D;
        return { output: after, ...(memory && { memory }) };
      },
    { kind: 'selfAttention', config },
  );
};
