/** Haiku's other layers, and JAX's activations. */
import * as tf from '@tensorflow/tfjs-core';
import { config } from '../../lib/data/config.js';
import { bias, biasConfig } from '../bias.js';
import { embed, embedConfig } from '../embed.js';
import { gru, gruConfig } from '../gru.js';
import { linear, linearConfig } from '../linear.js';
import { lstm, lstmConfig } from '../lstm.js';
import { gelu } from '../mlp.js';
import { multiHeadAttention, multiHeadAttentionConfig } from '../multiHeadAttention.js';
import { netsMlp, netsMlpConfig } from '../netsMlp.js';
import { flatten, flattenConfig, reshape, reshapeConfig } from '../reshape.js';
import { vanillaRnn, vanillaRnnConfig } from '../vanillaRnn.js';
import { vectorQuantizer, vectorQuantizerConfig } from '../vectorQuantizer.js';
import { vectorQuantizerEma, vectorQuantizerEmaConfig } from '../vectorQuantizerEma.js';
import { type Arguments, byDefault, only, renamed, unread } from './arguments.js';
import { haikuClass, haikuFunction } from './haikuClass.js';

const quantizer: readonly Arguments[] = [
  renamed({
    embedding_dim: 'embeddingDim',
    num_embeddings: 'numEmbeddings',
    commitment_cost: 'commitmentCost',
  }),
  byDefault('cross_replica_axis'),
];

const nothingToSay = config('activation', 'A function without options.', {});

export const netClasses = {
  'hk.Linear': haikuClass(
    'linear',
    linearConfig,
    [renamed({ output_size: 'outputChannels', with_bias: 'withBias' }), byDefault('w_init', 'b_init')],
    ({ outputChannels, ...options }) => linear(outputChannels, options),
  ),
  'hk.Embed': haikuClass(
    'embed',
    embedConfig,
    [
      renamed({ vocab_size: 'vocabSize', embed_dim: 'numChannels' }),
      byDefault('embedding_matrix', 'w_init'),
      // The way of looking up rows changes speed alone.
      unread('lookup_style', 'precision'),
    ],
    embed,
  ),
  'hk.Bias': haikuClass(
    'bias',
    biasConfig,
    [renamed({ bias_dims: 'biasDims' }), byDefault('output_size', 'b_init')],
    bias,
  ),
  'hk.Flatten': haikuClass('flatten', flattenConfig, [renamed({ preserve_dims: 'preserveDims' })], flatten),
  'hk.Reshape': haikuClass(
    'reshape',
    reshapeConfig,
    [renamed({ output_shape: 'outputShape', preserve_dims: 'preserveDims' })],
    reshape,
  ),
  'hk.MultiHeadAttention': haikuClass(
    'multiHeadAttention',
    multiHeadAttentionConfig,
    [
      renamed({
        num_heads: 'numHeads',
        key_size: 'keySize',
        value_size: 'valueSize',
        model_size: 'modelSize',
        with_bias: 'withBias',
        w_init_scale: 'initScale',
      }),
      byDefault('w_init', 'b_init'),
    ],
    multiHeadAttention,
  ),
  'hk.nets.MLP': haikuClass(
    'netsMlp',
    netsMlpConfig,
    [
      renamed({ output_sizes: 'outputSizes', with_bias: 'withBias', activate_final: 'activateFinal' }),
      byDefault('w_init', 'b_init', 'activation'),
    ],
    netsMlp,
  ),
  'hk.LSTM': haikuClass('lstm', lstmConfig, [renamed({ hidden_size: 'hiddenSize' })], lstm),
  'hk.GRU': haikuClass(
    'gru',
    gruConfig,
    [renamed({ hidden_size: 'hiddenSize' }), byDefault('w_i_init', 'w_h_init', 'b_init')],
    gru,
  ),
  'hk.VanillaRNN': haikuClass(
    'vanillaRnn',
    vanillaRnnConfig,
    [renamed({ hidden_size: 'hiddenSize', double_bias: 'doubleBias' })],
    vanillaRnn,
  ),
  'hk.nets.VectorQuantizer': haikuClass(
    'vectorQuantizer',
    vectorQuantizerConfig,
    [...quantizer, byDefault('dtype')],
    vectorQuantizer,
  ),
  'hk.nets.VectorQuantizerEMA': haikuClass(
    'vectorQuantizerEma',
    vectorQuantizerEmaConfig,
    [...quantizer, renamed({ decay: 'decayRate', epsilon: 'epsilon' }), byDefault('dtype')],
    vectorQuantizerEma,
  ),
  'jax.nn.gelu': haikuFunction(
    'gelu',
    nothingToSay,
    [only({ approximate: true })],
    () => (_s, x: tf.Tensor) => gelu(x),
  ),
  'jax.nn.softmax': haikuFunction(
    'softmax',
    nothingToSay,
    [only({ axis: -1 })],
    () => (_s, x: tf.Tensor) => tf.softmax(x),
  ),
};
