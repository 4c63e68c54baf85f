/** Haiku's other layers, and JAX's activations. */
import * as tf from '@tensorflow/tfjs-core';
import { config } from '../../lib/data/config.js';
import { bias, biasConfig } from '../bias.js';
import { embed, embedConfig } from '../embed.js';
import { linear, linearConfig } from '../linear.js';
import { gelu } from '../mlp.js';
import { flatten, flattenConfig, reshape, reshapeConfig } from '../reshape.js';
import { byDefault, only, renamed, unread } from './arguments.js';
import { haikuClass, haikuFunction } from './haikuClass.js';

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
