/** Haiku's own layers, as far as the Perceivers use them, and JAX's activations. */
import * as tf from '@tensorflow/tfjs-core';
import { config, count, flag, positive, required, withDefault } from '../../lib/data/config.js';
import { batchNorm, batchNormConfig } from '../batchNorm.js';
import { conv2d, conv2dConfig } from '../conv2d.js';
import { conv2dTranspose, conv3dTranspose, convTransposeConfig } from '../convTranspose.js';
import { embed, embedConfig } from '../embed.js';
import { exponentialMovingAverage, exponentialMovingAverageConfig } from '../exponentialMovingAverage.js';
import { layerNorm } from '../layerNorm.js';
import { linear } from '../linear.js';
import { maxPool } from '../maxPool.js';
import { gelu } from '../mlp.js';
import { paddingCodec, perDimensionCodec } from '../window.js';
import { type Arguments, demanded, onAxes, only, renamed, unread } from './arguments.js';
import { haikuClass, haikuFunction } from './haikuClass.js';

const linearConfig = config('linear', 'A product with a matrix, and a bias.', {
  outputChannels: required(count, { doc: 'Width of the output.' }),
  withBias: withDefault(flag, true, { doc: 'True to add a bias.' }),
});

const layerNormConfig = config('layerNorm', 'Layer normalisation over the last axis.', {
  withScale: withDefault(flag, true, { doc: 'True to scale each channel by a parameter.' }),
  withOffset: withDefault(flag, true, { doc: 'True to add a parameter to each channel.' }),
  epsilon: withDefault(positive, 1e-5, { doc: 'Added to the variance.' }),
});

const maxPoolConfig = config('maxPool', 'The largest value of each window.', {
  windowShape: required(perDimensionCodec, { doc: 'Rows and columns of a window.' }),
  strides: required(perDimensionCodec, { doc: 'Rows and columns from one window to the next.' }),
  padding: required(paddingCodec, { doc: 'SAME or VALID.' }),
});

const nothingToSay = config('activation', 'A function without options.', {});

/** Initialisers are functions in Python and no JSON; only the default ones can be asked for. */
const byDefault = (...names: readonly string[]): Arguments =>
  only(Object.fromEntries(names.map((name) => [name, null])));

const convolution: readonly Arguments[] = [
  renamed({
    output_channels: 'outputChannels',
    kernel_shape: 'kernelShape',
    stride: 'stride',
    padding: 'padding',
    with_bias: 'withBias',
  }),
  byDefault('w_init', 'b_init', 'mask'),
];
const transposed = [...convolution, byDefault('output_shape')];

const normalization: readonly Arguments[] = [
  demanded({ create_scale: 'withScale', create_offset: 'withOffset' }),
  renamed({ eps: 'epsilon' }),
  byDefault('scale_init', 'offset_init'),
];

export const netClasses = {
  'hk.Linear': haikuClass(
    'linear',
    linearConfig,
    [renamed({ output_size: 'outputChannels', with_bias: 'withBias' }), byDefault('w_init', 'b_init')],
    ({ outputChannels, ...options }) => linear(outputChannels, options),
  ),
  'hk.LayerNorm': haikuClass(
    'layerNorm',
    layerNormConfig,
    [only({ axis: -1 }, ['axis']), ...normalization, byDefault('param_axis'), unread('use_fast_variance')],
    layerNorm,
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
  'hk.Conv2D': haikuClass(
    'conv2d',
    conv2dConfig,
    [...convolution, renamed({ rate: 'rate' }), only({ data_format: 'NHWC', feature_group_count: 1 })],
    conv2d,
  ),
  'hk.Conv2DTranspose': haikuClass(
    'conv2dTranspose',
    convTransposeConfig,
    [...transposed, only({ data_format: 'NHWC' })],
    conv2dTranspose,
  ),
  'hk.Conv3DTranspose': haikuClass(
    'conv3dTranspose',
    convTransposeConfig,
    [...transposed, only({ data_format: 'NDHWC' })],
    conv3dTranspose,
  ),
  'hk.BatchNorm': haikuClass(
    'batchNorm',
    batchNormConfig,
    [
      ...normalization,
      renamed({ decay_rate: 'decayRate' }),
      only({ data_format: 'channels_last' }),
      byDefault('axis', 'cross_replica_axis', 'cross_replica_axis_index_groups'),
    ],
    batchNorm,
  ),
  'hk.ExponentialMovingAverage': haikuClass(
    'exponentialMovingAverage',
    exponentialMovingAverageConfig,
    [renamed({ decay: 'decayRate', zero_debias: 'zeroDebias', warmup_length: 'warmupLength' })],
    exponentialMovingAverage,
  ),
  'hk.max_pool': haikuFunction(
    'maxPool',
    maxPoolConfig,
    [
      onAxes('window_shape', 'windowShape'),
      onAxes('strides', 'strides'),
      renamed({ padding: 'padding' }),
      only({ channel_axis: -1 }),
    ],
    (options) => (_s, x: tf.Tensor) => maxPool(x, options),
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
