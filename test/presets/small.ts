/**
 * Every preset at a size that runs in milliseconds, with parameters that all matter, and inputs for it.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../../lib/data/array.js';
import { closeSizes } from '../../lib/graph/openSizes.js';
import type { Sizes } from '../../lib/graph/size.js';
import { mapNest } from '../../lib/data/nest.js';
import { isSpec } from '../../lib/language/outline.js';
import { foldIn, key, normal } from '../../lib/random/index.js';
import type { Tree } from '../../lib/data/tree.js';
import type { AnyModel, AnyPreset } from '../../presets/any.js';
import { presets } from '../../presets/index.js';

const encoder = {
  numLatents: 4,
  numLatentChannels: 16,
  numBlocks: 2,
  numSelfAttendsPerBlock: 2,
  numSelfAttendHeads: 4,
};
const classes = { numClasses: 10, encoder, decoder: { position: { kind: 'trainable', numChannels: 16 } } };
const textEncoder = { ...encoder, numBlocks: 1, numCrossAttendHeads: 4, qkChannels: 16, vChannels: 16 };

const changes: Readonly<Record<keyof typeof presets, object>> = {
  language: {
    maxLength: 32,
    modelChannels: 16,
    encoder: textEncoder,
    decoder: {
      position: { kind: 'trainable', numChannels: 16 },
      numHeads: 4,
      qkChannels: 16,
      vChannels: 16,
    },
  },
  'imagenet-learned': {
    ...classes,
    imageShape: [8, 8, 3],
    preprocessor: {
      features: { kind: 'conv1x1', numChannels: 8, spatialDownsample: 1 },
      position: { kind: 'trainable', numChannels: 8, projectTo: 8 },
    },
  },
  'imagenet-fourier': {
    ...classes,
    imageShape: [8, 8, 3],
    preprocessor: { position: { kind: 'fourier', numBands: 4, maxResolution: [8, 8] } },
  },
  'imagenet-conv': {
    ...classes,
    imageShape: [16, 16, 3],
    preprocessor: { position: { kind: 'fourier', numBands: 4, maxResolution: [4, 4] } },
  },
  flow: { imageShape: [8, 12], numBands: 4, featureChannels: 8, encoder: { ...encoder, numBlocks: 1 } },
  multimodal: {
    numFrames: 2,
    patchGrid: 4,
    samplesPerFrame: 32,
    samplesPerPatch: 16,
    numClasses: 7,
    imageBands: 4,
    audioBands: 8,
    outputChannels: 16,
    labelQueryChannels: 64,
    encoder: { ...encoder, numBlocks: 1 },
  },
  starcraft: {
    numEntities: 16,
    embeddingChannels: 16,
    kvChannels: 8,
    encoder: { ...encoder, numBlocks: 1 },
    decoder: { outputChannels: 8 },
    outputChannels: 16,
  },
  digits: {},
  words: {},
};

/** A preset at small size. */
export const smallModel = (name: string): AnyModel =>
  (presets[name as keyof typeof presets] as AnyPreset)(changes[name as keyof typeof presets]);

const moved = (tree: Tree<HostArray>, by: number): void =>
  Object.values(tree)
    .flatMap((leaves) => Object.values(leaves))
    .forEach(({ data, shape, dtype }, i) => {
      if (dtype !== 'float32') return;
      const noise = normal(foldIn(key(2), i), shape).data;
      for (let j = 0; j < noise.length; j++) (data as Float32Array)[j] += by * noise[j];
    });

/** Its parameters by seed, each leaf moved off its initial value; the published output layer of flow begins at zero. */
export const smallWeights = (model: AnyModel) => {
  const weights = model.init(key(1));
  moved(weights.params, 0.05);
  return weights;
};

/** Inputs of some sizes for a model: normal numbers; ids, points and masks are 0 or 1. */
export const smallInputs = (model: AnyModel, sizes: Sizes): readonly unknown[] => {
  let draws = 0;
  return mapNest(closeSizes(model.openInputs, sizes), isSpec, ({ shape, dtype }) => {
    const { data } = normal(foldIn(key(3), draws++), shape);
    return dtype === 'int32'
      ? tf.tensor(
          Int32Array.from(data, (value) => (value > 0 ? 1 : 0)),
          [...shape],
          'int32',
        )
      : tf.tensor(data, [...shape]);
  }) as readonly unknown[];
};
