/**
 * The three published ImageNet models: learned positions, Fourier features of pixels, a convolution before.
 */
import * as tf from '@tensorflow/tfjs-core';
import { either as E } from 'fp-ts';
import { float32 } from '../../lib/data/array.js';
import type { ConfigProblem } from '../../lib/data/config.js';
import { toTensor } from '../../lib/data/leaf.js';
import { type Key, normal } from '../../lib/random/index.js';
import { readColab } from '../colab.js';
import { type ModelOf, preset, type PresetCard } from '../preset.js';
import type { ClassGuess } from '../classes.js';
import type { Picture } from '../../lib/media/picture.js';
import { applyToHosts } from '../run.js';
import { imagenetClasses, imagenetInput } from './classify.js';
import {
  type ImageClassifier,
  type ImageClassifierConfig,
  imageClassifier,
  imageClassifierConfig,
} from './imageClassifier.js';
import { imageGrid } from './imageGrid.js';

/** DeepMind's names for the config's fields. */
export const fromColab = (kwargs: unknown) => {
  const numClasses = (kwargs as { num_classes?: unknown } | undefined)?.num_classes ?? 1000;
  const read = readColab({
    num_classes: 'numClasses',
    input_preprocessor: { source: 'io_processors.ImagePreprocessor', field: 'preprocessor' },
    encoder: { source: 'perceiver.PerceiverEncoder', field: 'encoder' },
    decoder: {
      source: 'perceiver.ClassificationDecoder',
      field: 'decoder',
      given: { num_classes: numClasses },
      without: ['numClasses'],
    },
  });
  return read(kwargs) as E.Either<readonly ConfigProblem[], object>;
};

/** Source: DeepMind's ImageNet classification colab; arXiv:2107.14795, appendix A. */
const encoder = {
  numLatents: 512,
  numLatentChannels: 1024,
  numBlocks: 8,
  numSelfAttendsPerBlock: 6,
  numSelfAttendHeads: 8,
  numCrossAttendHeads: 1,
};

const classQuery = { kind: 'trainable' as const, numChannels: 1024, initScale: 0.02 };

const published = { imageShape: [224, 224, 3], numClasses: 1000, encoder };

const checkpoint = (file: string): PresetCard['checkpoint'] => ({
  url: new URL(`https://storage.googleapis.com/perceiver_io/${file}`),
  license: 'CC BY 4.0 (DeepMind)',
});

/** From a picture of any size to its classes, all of them, the likeliest first. */
type ImagenetModel = ModelOf<ImageClassifierConfig, ImageClassifier, Picture, readonly ClassGuess[]>;

const classifyPicture =
  (model: ImagenetModel): ImagenetModel['run'] =>
  (weights, picture) =>
  async () => {
    const { imageShape, numClasses } = model.config;
    const [height, width] = imageShape;
    const input = imagenetInput(picture, { width, height });
    if (E.isLeft(input)) return input;
    const logits = await applyToHosts(model, weights, [float32([1, ...imageShape], input.right)]);
    return E.right(imagenetClasses(logits.data as Float32Array, numClasses));
  };

const common = {
  codec: imageClassifierConfig,
  network: imageClassifier,
  inputs: ({ imageShape }: ImageClassifierConfig) => [{ shape: [1, ...imageShape] }] as const,
  exampleInputs: ({ imageShape }: ImageClassifierConfig, key: Key): [tf.Tensor] => [
    toTensor(normal(key, [1, ...imageShape])),
  ],
  names: { inputs: ['images'], output: 'logits' },
  inputGrid: imageGrid,
  run: classifyPicture,
  fromHaiku: fromColab,
};

const sources = (config: string) => [
  'arXiv:2107.14795, section 4.5 and appendix A',
  `DeepMind's ImageNet classification colab, \`${config}\``,
];

const doc = 'A picture to the probabilities of 1000 classes.';

export const imagenetLearned = preset({
  ...common,
  name: 'imagenet-learned',
  title: 'ImageNet classification, learned positions',
  doc,
  sources: sources('learned_pos_configs'),
  checkpoint: checkpoint('imagenet_learned_position_encoding.pystate'),
  notes: [
    'The published 407B FLOPs are those of the Fourier model; keys and values are 512 wide here: 478B.',
  ],
  published: {
    ...published,
    preprocessor: {
      features: { kind: 'conv1x1', numChannels: 256, spatialDownsample: 1 },
      position: { kind: 'trainable', numChannels: 256, initScale: 0.02, projectTo: 256 },
    },
    decoder: { position: classQuery, useQueryResidual: false },
  },
});

export const imagenetFourier = preset({
  ...common,
  name: 'imagenet-fourier',
  title: 'ImageNet classification, Fourier features of every pixel',
  doc,
  sources: sources('fourier_pos_configs'),
  checkpoint: checkpoint('imagenet_fourier_position_encoding.pystate'),
  published: {
    ...published,
    preprocessor: {
      features: { kind: 'pixels', spatialDownsample: 1 },
      position: { kind: 'fourier', numBands: 64, maxResolution: [224, 224] },
    },
    decoder: { position: classQuery, useQueryResidual: true },
  },
});

export const imagenetConv = preset({
  ...common,
  name: 'imagenet-conv',
  title: 'ImageNet classification, a convolution before',
  doc,
  sources: sources('conv_maxpool_configs'),
  checkpoint: checkpoint('imagenet_conv_preprocessing.pystate'),
  notes: [
    "Its batch norm's first averages are those of the first batch; init wants images, or draws normal ones.",
  ],
  published: {
    ...published,
    preprocessor: {
      features: { kind: 'conv' },
      position: { kind: 'fourier', numBands: 64, maxResolution: [56, 56] },
    },
    decoder: { position: classQuery, useQueryResidual: true },
  },
});
