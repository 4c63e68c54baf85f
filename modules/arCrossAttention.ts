/** Cross-attention of Perceiver AR: latents attend to the inputs up to their own last steps; a dense block follows. */
import * as tf from '@tensorflow/tfjs-core';
import { config, flag, oneOf, type OptionsFor, withDefault } from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import { arAttention, type ArAttended, type ArAttending } from './arAttention.js';
import { arDense } from './arDense.js';
import { arBlockFields, arPartsOf } from './arSelfAttention.js';
import { dropoutLayer } from './dropout.js';
import { layerNorm } from './layerNorm.js';

const source = 'perceiver_ar_model.py';

export const arCrossAttentionConfig = config('arCrossAttention', 'Latents attend to inputs.', {
  ...arBlockFields,
  widthFrom: withDefault(oneOf('q', 'kv'), 'kv', {
    doc: 'Width of queries and keys: that of the queries or the inputs.',
    source,
  }),
  useQueryResidual: withDefault(flag, true, {
    doc: 'True to add the queries to the attended values.',
    source,
  }),
});

/**
 * q [B, L, C], kv [B, N, E] to [B, L, C], and its memory. Declares `layer_norm` (queries), `layer_norm_1` (inputs),
 * `attention`, `layer_norm_2`, `dense`. Source: `CrossAttention`.
 */
export const arCrossAttention = (options: OptionsFor<typeof arCrossAttentionConfig> = {}) => {
  const { widthFrom, useQueryResidual, ...config } = arCrossAttentionConfig.make(options);
  const { attending, dense } = arPartsOf(config);
  return module(
    'cross_attention',
    (s) =>
      (q: tf.Tensor, kv: tf.Tensor, asked: ArAttending = {}): ArAttended => {
        const [outputChannels, inputs] = [q, kv].map(({ shape }) => shape[2] as number);
        const qkChannels = widthFrom === 'q' ? outputChannels : inputs;
        const attends = arAttention({ ...attending, qkChannels, outputChannels });
        const normed = layerNorm()(s, q);
        const { output, memory } = attends(s, normed, layerNorm()(s, kv), asked);
        const dropped = dropoutLayer(config.dropoutRate)(s, output);
        const x = useQueryResidual ? tf.add(q, dropped) : dropped;
        const block = arDense(dense);
        const after = tf.add(x, block(s, layerNorm()(s, x))) as tf.Tensor3D;
        return { output: after, ...(memory && { memory }) };
      },
    { kind: 'crossAttention', config: { ...config, widthFrom, useQueryResidual } },
  );
};
