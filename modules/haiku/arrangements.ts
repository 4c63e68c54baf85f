/** io_processors.py's functions on pixels, and its up- and downsampling. */
import type * as tf from '@tensorflow/tfjs-core';
import { config, count, required, withDefault } from '../../lib/data/config.js';
import { conv2dDownsample, conv2dDownsampleConfig } from '../conv2dDownsample.js';
import { conv2dUpsample, conv2dUpsampleConfig } from '../conv2dUpsample.js';
import { conv3dUpsample, conv3dUpsampleConfig } from '../conv3dUpsample.js';
import { extractPatches, patchesForFlow } from '../patches.js';
import { depthToSpace, spaceToDepth } from '../spaceToDepth.js';
import { paddingCodec, perDimensionCodec } from '../window.js';
import { bag, only, onAxes, renamed } from './arguments.js';
import { haikuClass, haikuFunction } from './haikuClass.js';

const blockConfig = config('block', 'The size of a block of pixels.', {
  temporal: withDefault(count, 1, { doc: 'Frames.' }),
  spatial: withDefault(count, 1, { doc: 'Pixels along height and along width.' }),
});
const block = [renamed({ temporal_block_size: 'temporal', spatial_block_size: 'spatial' })];

const patchConfig = config('patches', 'Where patches are.', {
  sizes: required(perDimensionCodec, { doc: 'Rows and columns of a patch.' }),
  strides: required(perDimensionCodec, { doc: 'Rows and columns from one patch to the next.' }),
  rates: required(perDimensionCodec, { doc: "Rows and columns from one of a patch's pixels to the next." }),
  padding: withDefault(paddingCodec, 'VALID', { doc: 'SAME or VALID.' }),
});

const flowConfig = config('patchesForFlow', '3 × 3 neighbourhoods.', {});

export const arrangementClasses = {
  'io_processors.space_to_depth': haikuFunction(
    'spaceToDepth',
    blockConfig,
    block,
    (size) => (_s, x: tf.Tensor) => spaceToDepth(x, size),
  ),
  'io_processors.reverse_space_to_depth': haikuFunction(
    'depthToSpace',
    blockConfig,
    block,
    (size) => (_s, x: tf.Tensor) => depthToSpace(x, size),
  ),
  'io_processors.extract_patches': haikuFunction(
    'extractPatches',
    patchConfig,
    [
      onAxes('sizes', 'sizes'),
      onAxes('strides', 'strides'),
      onAxes('rates', 'rates'),
      renamed({ padding: 'padding' }),
    ],
    (options) => (_s, x: tf.Tensor) => extractPatches(x, options),
  ),
  'io_processors.patches_for_flow': haikuFunction(
    'patchesForFlow',
    flowConfig,
    [],
    () => (_s, x: tf.Tensor) => patchesForFlow(x),
  ),
  'io_processors.Conv2DDownsample': haikuClass(
    'conv2dDownsample',
    conv2dDownsampleConfig,
    [
      renamed({ num_layers: 'numLayers', num_channels: 'numChannels', use_batchnorm: 'withBatchNorm' }),
      bag('bn_config', [
        renamed({ decay_rate: 'decayRate', eps: 'epsilon' }),
        only({ create_scale: true, create_offset: true }),
      ]),
    ],
    conv2dDownsample,
  ),
  'io_processors.Conv2DUpsample': haikuClass(
    'conv2dUpsample',
    conv2dUpsampleConfig,
    [renamed({ n_outputs: 'outputChannels' })],
    conv2dUpsample,
  ),
  'io_processors.Conv3DUpsample': haikuClass(
    'conv3dUpsample',
    conv3dUpsampleConfig,
    [
      renamed({
        n_outputs: 'outputChannels',
        n_time_upsamples: 'numTimeUpsamples',
        n_space_upsamples: 'numSpaceUpsamples',
      }),
    ],
    conv3dUpsample,
  ),
};
