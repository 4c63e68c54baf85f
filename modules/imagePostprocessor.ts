/**
 * Decoded elements as images or videos: as they are, unfolded from patches, or convolved.
 */
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../lib/data/array.js';
import {
  config,
  type ConfigOf,
  count,
  optional,
  type OptionsFor,
  required,
  sizes,
  union,
  withDefault,
} from '../lib/data/config.js';
import { module } from '../lib/language/module.js';
import type { Scope } from '../lib/language/scope.js';
import { ShapeError, showShape } from '../lib/data/shape.js';
import { batchApply } from './batchApply.js';
import { conv2d } from './conv.js';
import { conv2dUpsample, conv2dUpsampleConfig } from './conv2dUpsample.js';
import { conv3dUpsample, conv3dUpsampleConfig } from './conv3dUpsample.js';
import { depthToSpace } from './spaceToDepth.js';

const source = 'io_processors.py `ImagePostprocessor`';

/** Ways from decoded channels to pixels. */
const imagePixelsConfig = union('imagePixels', {
  pixels: config('pixels', 'Channels are pixels already.', {}),
  patches: config('patches', 'Channels are blocks of pixels.', {
    spatialUpsample: withDefault(count, 1, { doc: 'Rows and columns of a block.', source }),
    temporalUpsample: withDefault(count, 1, { doc: 'Frames of a block.', source }),
  }),
  conv1x1: config('conv1x1', 'One linear map of each position.', {
    outputChannels: required(count, { doc: 'Number of output channels.', source: `${source}, n_outputs` }),
    stride: withDefault(count, 1, {
      doc: 'Only every n-th row and column is mapped.',
      source: `${source}, which calls it spatial_upsample`,
    }),
  }),
  conv2d: config(
    'conv2d',
    'Transposed convolutions, frame by frame, 4 times larger.',
    conv2dUpsampleConfig.fields,
  ),
  conv3d: config('conv3d', 'Transposed convolutions of videos.', conv3dUpsampleConfig.fields),
});
type ImagePixels = ConfigOf<typeof imagePixelsConfig>;

export const imagePostprocessorConfig = config(
  'imagePostprocessor',
  'Decoded elements as images or videos.',
  {
    pixels: withDefault(
      imagePixelsConfig,
      { kind: 'pixels' },
      { doc: 'Way from channels to pixels.', source },
    ),
    inputShape: optional(sizes, {
      doc: 'The grid of a sequence of elements: height and width, or frames, height and width. Inputs are grids already if not given.',
      source: `${source}, input_reshape_size`,
    }),
  },
);
export type ImagePostprocessorOptions = OptionsFor<typeof imagePostprocessorConfig>;

const declarePixels = (s: Scope, how: ImagePixels): ((x: tf.Tensor) => tf.Tensor) => {
  switch (how.kind) {
    case 'pixels':
      return (x) => x;
    case 'patches':
      return (x) => depthToSpace(x, { spatial: how.spatialUpsample, temporal: how.temporalUpsample });
    case 'conv1x1':
      return s.declare(conv2d({ outputChannels: how.outputChannels, kernelShape: 1, stride: how.stride }));
    case 'conv2d': {
      const upsample = s.declare(conv2dUpsample({ outputChannels: how.outputChannels }));
      return (x) => (x.rank === 5 ? batchApply((_s, frames) => upsample(frames))(s, x) : upsample(x));
    }
    case 'conv3d': {
      const { kind: _kind, ...options } = how;
      return s.declare(conv3dUpsample(options));
    }
  }
};

/**
 * Elements [B, N…, C], or [B, N, C] with `inputShape`, to [B, H, W, channels] or [B, T, H, W, channels]. Declares
 * `~/conv2_d`, `~/conv2_d_upsample` or `~/conv3_d_upsample`.
 * @throws ShapeError when elements do not fill inputShape, or channels do not make whole blocks
 * Source: io_processors.py `ImagePostprocessor`.
 */
export const imagePostprocessor = (options: ImagePostprocessorOptions = {}) => {
  const config = imagePostprocessorConfig.make(options);
  const { inputShape } = config;
  const asGrid = (x: tf.Tensor): tf.Tensor => {
    if (!inputShape) return x;
    const channels = x.shape[x.rank - 1];
    if (x.size !== x.shape[0] * sizeOf(inputShape) * channels) {
      const expected = showShape(['B', sizeOf(inputShape), 'C']);
      throw new ShapeError(
        `x has shape ${showShape(x.shape)}, expected ${expected} for inputShape ${showShape(inputShape)}`,
      );
    }
    return tf.reshape(x, [x.shape[0], ...inputShape, channels]);
  };
  return module(
    'image_postprocessor',
    (s) => {
      const pixelsOf = declarePixels(s, config.pixels);
      return (x: tf.Tensor) => pixelsOf(asGrid(x));
    },
    { kind: 'postprocessor', config },
  );
};
