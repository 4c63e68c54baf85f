/**
 * Images and videos as sequences for an encoder: convolved, cut into patches or taken pixel by pixel, with positions.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  config,
  type ConfigOf,
  count,
  optional,
  type OptionsFor,
  union,
  withDefault,
} from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import type { Scope } from '../lib/language/scope.js';
import { ShapeError, showShape } from '../lib/data/shape.js';
import { batchApply } from './batchApply.js';
import { conv2d } from './conv.js';
import { conv2dDownsample, conv2dDownsampleConfig } from './conv2dDownsample.js';
import { linear } from './linear.js';
import { positionedInputs, positionFields } from './positionedInputs.js';
import type { Preprocessed, PreprocessOptions } from './processor.js';
import { spaceToDepth } from './spaceToDepth.js';
import { subsample } from './window.js';

const source = 'io_processors.py `ImagePreprocessor`';

const spatialDownsample = withDefault(count, 4, {
  doc: 'Factor by which height and width shrink.',
  source,
});
const temporalDownsample = withDefault(count, 1, {
  doc: 'Factor by which the number of frames shrinks.',
  source,
});

/** Ways from pixels to features. */
export const imageFeaturesConfig = union('imageFeatures', {
  conv: config('conv', 'Convolutions and max pooling, frame by frame.', conv2dDownsampleConfig.fields),
  conv1x1: config('conv1x1', 'One linear map of each pixel that is kept, frame by frame.', {
    numChannels: withDefault(count, 64, { doc: 'Number of output channels.', source }),
    spatialDownsample,
  }),
  patches: config('patches', 'Blocks of pixels, all their values as channels.', {
    spatialDownsample,
    temporalDownsample,
    linearChannels: optional(count, {
      doc: 'Width that a linear layer projects patches to; not projected if not given.',
      source: `${source}, conv_after_patching with num_channels`,
    }),
  }),
  pixels: config('pixels', 'Every n-th pixel as it is.', { spatialDownsample, temporalDownsample }),
});
export type ImageFeatures = ConfigOf<typeof imageFeaturesConfig>;

export const imagePreprocessorConfig = config('imagePreprocessor', 'Images or videos as a sequence.', {
  features: withDefault(
    imageFeaturesConfig,
    { kind: 'conv' },
    { doc: 'Way from pixels to features.', source },
  ),
  ...positionFields,
});
export type ImagePreprocessorOptions = OptionsFor<typeof imagePreprocessorConfig>;

/** A function of images, run on images or on every frame of videos. */
const frameByFrame =
  (s: Scope, image: (x: tf.Tensor) => tf.Tensor) =>
  (x: tf.Tensor): tf.Tensor =>
    x.rank === 5 ? batchApply((_s, frames) => image(frames))(s, x) : image(x);

/** Patches of images or videos; a video with one frame left becomes an image, as the flow model expects. */
const patchesOf = (x: tf.Tensor, spatial: number, temporal: number): tf.Tensor => {
  const patches = spaceToDepth(x, { spatial, temporal });
  return patches.rank === 5 && patches.shape[1] === 1 ? tf.squeeze(patches, [1]) : patches;
};

/** Declares the layer that makes features of pixels: [B, H, W, C] or [B, T, H, W, C] to the same axes with other sizes. */
const declareFeatures = (s: Scope, how: ImageFeatures): ((x: tf.Tensor) => tf.Tensor) => {
  switch (how.kind) {
    case 'conv': {
      const { kind: _kind, ...options } = how;
      return frameByFrame(s, s.declare(conv2dDownsample(options)));
    }
    case 'conv1x1': {
      const { numChannels, spatialDownsample: stride } = how;
      return frameByFrame(s, s.declare(conv2d({ outputChannels: numChannels, kernelShape: 1, stride })));
    }
    case 'patches': {
      const { linearChannels } = how;
      const project =
        linearChannels === undefined ? undefined : linear(linearChannels, { name: 'patches_linear' });
      return (x) => {
        const patches = patchesOf(x, how.spatialDownsample, how.temporalDownsample);
        return project ? project(s, patches) : patches;
      };
    }
    case 'pixels': {
      const { spatialDownsample: space, temporalDownsample: time } = how;
      return (x) => (x.rank === 4 ? subsample(x, 1, [space, space]) : subsample(x, 1, [time, space, space]));
    }
  }
};

/**
 * Images [B, H, W, C] or videos [B, T, H, W, C] to inputs [B, M, channels]. Declares `~/conv2_d_downsample`,
 * `~/conv2_d` or `patches_linear`, and positions under `~_build_network_inputs`.
 * @throws ShapeError for another rank, or when patches do not divide the image
 * @example
 * imagePreprocessor({
 *   features: { kind: 'patches', spatialDownsample: 4 },
 *   position: { kind: 'fourier', numBands: 32, maxResolution: [16, 56, 56] },
 * })
 * Source: io_processors.py `ImagePreprocessor`.
 */
export const imagePreprocessor = (options: ImagePreprocessorOptions) => {
  const config = imagePreprocessorConfig.make(options);
  return module(
    'image_preprocessor',
    (s) => {
      const featuresOf = declareFeatures(s, config.features);
      const build = s.method('_buildNetworkInputs', (features: tf.Tensor, how?: PreprocessOptions) =>
        positionedInputs(s, config, features, how),
      );
      return (x: tf.Tensor, how?: PreprocessOptions): Preprocessed => {
        if (x.rank !== 4 && x.rank !== 5) {
          const found = showShape(x.shape);
          throw new ShapeError(`x has shape ${found}, expected [B, H, W, C] or [B, T, H, W, C]`);
        }
        return build(featuresOf(x), how);
      };
    },
    { kind: 'preprocessor', config },
  );
};
