/**
 * Blocks of Perceiver AR: attention and a dense block of two layers, each with a norm before and the input added.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  config,
  count,
  finite,
  flag,
  oneOf,
  type OptionsFor,
  probability,
  withDefault,
} from '../../../lib/data/config.js';
import { relu, silu } from '../../../lib/language/activations.js';
import { module } from '../../../lib/language/module.js';
import { projection } from '../../../modules/attention.js';
import { dropoutLayer } from '../../../modules/dropout.js';
import { layerNorm } from '../../../modules/layerNorm.js';
import { gelu } from '../../../modules/mlp.js';
import { arAttention, arAttendingFields, type Attended, type Attending } from './attention.js';

const source = 'perceiver_ar_model.py';

/** Activations by their names; squared ReLU is the model's own. */
export const activations = {
  squaredRelu: (x: tf.Tensor): tf.Tensor => tf.square(tf.relu(x)),
  gelu,
  silu,
  relu,
} as const;

export const activationCodec = oneOf('squaredRelu', 'gelu', 'silu', 'relu');

const blockFields = {
  numHeads: withDefault(count, 8, { doc: 'Number of heads.', source }),
  wideningFactor: withDefault(count, 1, {
    doc: "Width of the dense block's hidden layer, in widths of its input.",
    source,
  }),
  dropoutRate: withDefault(probability, 0, {
    doc: 'Dropout after attention and after the dense block, in training.',
    source,
  }),
  attentionDropoutRate: withDefault(probability, 0, {
    doc: 'Dropout of attention weights, in training.',
    source,
  }),
  initScale: withDefault(finite, 1, { doc: 'Scale of all initial variances.', source }),
  activation: withDefault(activationCodec, 'squaredRelu', { doc: "The dense block's activation.", source }),
  ...arAttendingFields,
};

const { numHeads: _heads, attentionDropoutRate: _dropped, ...denseFields } = blockFields;

export const denseConfig = config('dense', 'Two linear layers with an activation between them.', {
  wideningFactor: denseFields.wideningFactor,
  dropoutRate: denseFields.dropoutRate,
  initScale: denseFields.initScale,
  activation: denseFields.activation,
});

/** [..., C] to [..., C]. Leaves: `linear` widens, `linear_1` narrows. Keys: one a call. Source: `Dense`. */
export const dense = (options: OptionsFor<typeof denseConfig> = {}) => {
  const config = denseConfig.make(options);
  const { wideningFactor, dropoutRate, initScale, activation } = config;
  return module(
    'dense',
    (s) => (x: tf.Tensor) => {
      const C = x.shape[x.rank - 1] as number;
      const hidden = activations[activation](projection(wideningFactor * C, initScale)(s, x));
      return dropoutLayer(dropoutRate)(s, projection(C, initScale)(s, hidden));
    },
    { kind: 'mlp', config },
  );
};

export const arSelfAttentionConfig = config('arSelfAttention', 'Latents attend to each other.', blockFields);
export const arCrossAttentionConfig = config('arCrossAttention', 'Latents attend to inputs.', {
  ...blockFields,
  widthFrom: withDefault(oneOf('q', 'kv'), 'kv', {
    doc: 'Width of queries and keys: that of the queries or the inputs.',
    source,
  }),
  useQueryResidual: withDefault(flag, true, {
    doc: 'Whether the queries are added to what attention gives.',
    source,
  }),
});

type Block = ReturnType<typeof arSelfAttentionConfig.make>;

const attentionOf = ({ attentionDropoutRate: dropoutRate, ...config }: Block) => {
  const { wideningFactor: _widening, activation: _activation, ...attending } = config;
  return { ...attending, dropoutRate };
};

const denseOf = ({ wideningFactor, dropoutRate, initScale, activation }: Block) =>
  dense({ wideningFactor, dropoutRate, initScale, activation });

/** [B, L, C] to the same, and its memory. Declares `layer_norm`, `attention`, `layer_norm_1`, `dense`. Source: `SelfAttention`. */
export const arSelfAttention = (options: OptionsFor<typeof arSelfAttentionConfig> = {}) => {
  const config = arSelfAttentionConfig.make(options);
  return module(
    'self_attention',
    (s) =>
      (x: tf.Tensor, asked: Attending = {}): Attended => {
        const normed = layerNorm()(s, x);
        const { output, memory } = arAttention(attentionOf(config))(s, normed, normed, asked);
        const residual = tf.add(x, dropoutLayer(config.dropoutRate)(s, output));
        const block = denseOf(config);
        const after = tf.add(residual, block(s, layerNorm()(s, residual))) as tf.Tensor3D;
        return { output: after, ...(memory && { memory }) };
      },
    { kind: 'selfAttention', config },
  );
};

/**
 * q [B, L, C], kv [B, N, E] to [B, L, C], and its memory. Declares `layer_norm` (queries), `layer_norm_1` (inputs),
 * `attention`, `layer_norm_2`, `dense`. Source: `CrossAttention`.
 */
export const arCrossAttention = (options: OptionsFor<typeof arCrossAttentionConfig> = {}) => {
  const { widthFrom, useQueryResidual, ...config } = arCrossAttentionConfig.make(options);
  return module(
    'cross_attention',
    (s) =>
      (q: tf.Tensor, kv: tf.Tensor, asked: Attending = {}): Attended => {
        const [outputChannels, inputs] = [q, kv].map(({ shape }) => shape[2] as number);
        const qkChannels = widthFrom === 'q' ? outputChannels : inputs;
        const attends = arAttention({ ...attentionOf(config), qkChannels, outputChannels });
        const normed = layerNorm()(s, q);
        const { output, memory } = attends(s, normed, layerNorm()(s, kv), asked);
        const dropped = dropoutLayer(config.dropoutRate)(s, output);
        const x = useQueryResidual ? tf.add(q, dropped) : dropped;
        const block = denseOf(config);
        const after = tf.add(x, block(s, layerNorm()(s, x))) as tf.Tensor3D;
        return { output: after, ...(memory && { memory }) };
      },
    { kind: 'crossAttention', config: { ...config, widthFrom, useQueryResidual } },
  );
};
