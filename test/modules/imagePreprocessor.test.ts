import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../lib/engine/index.js';
import type { Params } from '../../lib/data/leaf.js';
import { outline } from '../../lib/language/outline.js';
import { key } from '../../lib/random/index.js';
import { transform } from '../../lib/language/transform.js';
import { imagePreprocessor, type ImagePreprocessorOptions } from '../../modules/imagePreprocessor.js';

await engine();

const noParams = {} as Params;
const fourier = { kind: 'fourier', numBands: 64, maxResolution: [224, 224] } as const;
const learned = { kind: 'trainable', numChannels: 4 } as const;

/** The output's shape for an input's shape. */
const read = (options: ImagePreprocessorOptions, shape: number[]) => {
  const { outputs, params } = outline(imagePreprocessor(options), [{ shape }]);
  return {
    inputs: outputs.inputs.shape,
    params: Object.fromEntries(
      Object.entries(params).flatMap(([path, leaves]) =>
        Object.entries(leaves).map(([name, { shape }]) => [`${path}/${name}`, shape]),
      ),
    ),
  };
};

t.test('the published models see inputs of the published sizes', async (t) => {
  const image = [1, 224, 224, 3];
  const pixels = { kind: 'pixels', spatialDownsample: 1 } as const;
  t.same(read({ features: pixels, position: fourier }, image).inputs, [1, 50176, 261]);
  const conv = { kind: 'conv' } as const;
  t.same(
    read({ features: conv, position: { ...fourier, maxResolution: [56, 56] } }, image).inputs,
    [1, 3136, 322],
  );
  const conv1x1 = { kind: 'conv1x1', spatialDownsample: 1, numChannels: 256 } as const;
  const trained = { kind: 'trainable', numChannels: 256, projectTo: 256 } as const;
  t.same(read({ features: conv1x1, position: trained }, image), {
    inputs: [1, 50176, 512],
    params: {
      'image_preprocessor/~/conv2_d/w': [1, 1, 3, 256],
      'image_preprocessor/~/conv2_d/b': [256],
      'image_preprocessor/~_build_network_inputs/trainable_position_encoding/pos_embs': [50176, 256],
      'image_preprocessor/~_build_network_inputs/position_encoding_projector/linear/w': [256, 256],
      'image_preprocessor/~_build_network_inputs/position_encoding_projector/linear/b': [256],
    },
  });
  const flow = { kind: 'patches', spatialDownsample: 1, temporalDownsample: 2, linearChannels: 64 } as const;
  t.same(
    read({ features: flow, position: { ...fourier, maxResolution: [368, 496] } }, [1, 2, 368, 496, 27]),
    {
      inputs: [1, 182528, 322],
      params: {
        'image_preprocessor/patches_linear/w': [54, 64],
        'image_preprocessor/patches_linear/b': [64],
      },
    },
  );
});

t.test('patches come with what they are and where they are', async (t) => {
  const layer = imagePreprocessor({
    features: { kind: 'patches', spatialDownsample: 2 },
    position: { kind: 'fourier', numBands: 1, sineOnly: true },
  });
  const image = tf.reshape(tf.range(0, 8), [1, 2, 4, 1]);
  const { inputs, withoutPositions } = transform(layer).apply(noParams, {}, image);
  t.same(inputs.shape, [1, 2, 4 + 2 + 2]);
  t.same([...(withoutPositions as tf.Tensor).dataSync()], [0, 1, 4, 5, 2, 3, 6, 7]);
  const [first] = inputs.arraySync() as number[][][];
  t.same(
    first.map((element) => element.slice(0, 6)),
    [
      [0, 1, 4, 5, -1, -1],
      [2, 3, 6, 7, -1, 1],
    ],
  );
});

t.test('every n-th pixel of every n-th frame is kept', async (t) => {
  const layer = imagePreprocessor({
    features: { kind: 'pixels', spatialDownsample: 2, temporalDownsample: 3 },
    position: learned,
  });
  const video = tf.reshape(tf.range(0, 4 * 3 * 3), [1, 4, 3, 3, 1]);
  const model = transform(layer);
  const { withoutPositions } = model.apply(model.init(key(1), video), {}, video);
  t.same([...(withoutPositions as tf.Tensor).dataSync()], [0, 2, 6, 8, 27, 29, 33, 35]);
});

t.test('a grid can stay a grid', async (t) => {
  const layer = imagePreprocessor({
    features: { kind: 'patches', spatialDownsample: 2 },
    position: { kind: 'fourier', numBands: 1 },
  });
  const { inputs, withoutPositions } = outline(
    (s, x: tf.Tensor) => layer(s, x, { is1d: false }),
    [{ shape: [2, 4, 6, 3] }],
  ).outputs;
  t.same(
    [inputs.shape, withoutPositions.shape],
    [
      [2, 2, 3, 12 + 6],
      [2, 2, 3, 12],
    ],
  );
});

t.test('positions can be added, and refined by linear layers', async (t) => {
  const options = {
    features: { kind: 'conv1x1', spatialDownsample: 2, numChannels: 4 },
    position: learned,
    combine: 'add',
    numPositionLayers: 2,
  } as const;
  const { inputs, params } = read(options, [1, 3, 3, 5]);
  t.same(inputs, [1, 4, 4]);
  t.same(
    Object.keys(params).filter((path) => path.endsWith('/w')),
    [
      'image_preprocessor/~/conv2_d/w',
      'image_preprocessor/~_build_network_inputs/linear/w',
      'image_preprocessor/~_build_network_inputs/linear_1/w',
    ],
  );
  t.throws(() => read({ ...options, position: { kind: 'trainable', numChannels: 5 } }, [1, 3, 3, 5]), {
    name: 'ShapeError',
    message:
      'image_preprocessor: positions have shape [1, 4, 5], which cannot be added to features [1, 4, 4]',
  });
});

t.test('positions can be given in place of the grid', async (t) => {
  const layer = imagePreprocessor({
    features: { kind: 'pixels', spatialDownsample: 1 },
    position: { kind: 'fourier', numBands: 1, maxResolution: [2, 2] },
  });
  const image = tf.zeros([1, 1, 2, 1]);
  const pos = tf.tensor3d([0.5, 0.25, -0.5, 0.75], [1, 2, 2]);
  const { inputs } = transform(layer).apply(noParams, {}, image, { pos });
  const [elements] = inputs.arraySync() as number[][][];
  t.same(
    elements.map((element) => element.slice(0, 3)),
    [
      [0, 0.5, 0.25],
      [0, -0.5, 0.75],
    ],
  );
});

t.test('videos are convolved frame by frame', async (t) => {
  const { inputs, params } = read({ position: { kind: 'fourier', numBands: 2 } }, [1, 3, 16, 16, 3]);
  t.same(inputs, [1, 3 * 4 * 4, 64 + 3 + 2 * 3 * 2]);
  t.same(params['image_preprocessor/~/conv2_d_downsample/~/conv/w'], [7, 7, 3, 64]);
});

t.test('inputs that do not fit are errors', async (t) => {
  const patches = { features: { kind: 'patches', spatialDownsample: 2 }, position: learned } as const;
  t.throws(() => read(patches, [4, 4, 3]), {
    name: 'ShapeError',
    message: 'image_preprocessor: x has shape [4, 4, 3], expected [B, H, W, C] or [B, T, H, W, C]',
  });
  t.throws(() => read(patches, [1, 4, 5, 3]), {
    message: 'image_preprocessor: the width is 5, which the spatial block (2) does not divide',
  });
});

t.test('every problem of a config is told at once', async (t) => {
  const wrong = { features: { kind: 'patches', spatialDownsample: 0.5, numLayers: 2 }, combine: 'mul' };
  t.throws(() => imagePreprocessor(wrong as never), {
    name: 'ConfigError',
    message: /features\.numLayers.*features\.spatialDownsample.*position.*combine/s,
  });
});
