/**
 * The three published ImageNet models: learned positions, Fourier features of pixels, a convolution before; and the two
 * larger ones that were pretrained on JFT and not released.
 */
import * as tf from '@tensorflow/tfjs-core';
import { toTensor } from '../../lib/data/leaf.js';
import { type Key, normal } from '../../lib/random/index.js';
import { preset, type PresetCard } from '../preset.js';
import { convolutionClassification, fourierClassification, learnedClassification } from './huggingFace.js';
import { type ImageClassifierConfig, imageClassifierModel } from './network.js';
import { classifyPicture } from './run.js';

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

/** The parts of the three ImageNet models. */
export const photographs = {
  ...imageClassifierModel,
  exampleInputs: ({ imageShape }: Pick<ImageClassifierConfig, 'imageShape'>, key: Key): [tf.Tensor] => [
    toTensor(normal(key, [1, ...imageShape])),
  ],
  run: classifyPicture,
};

const small = {
  numClasses: 10,
  encoder: {
    numLatents: 4,
    numLatentChannels: 16,
    numBlocks: 2,
    numSelfAttendsPerBlock: 2,
    numSelfAttendHeads: 4,
  },
  decoder: { position: { kind: 'trainable' as const, numChannels: 16 } },
};

const sources = (config: string) => [
  'arXiv:2107.14795, section 4.5 and appendix A',
  `DeepMind's ImageNet classification colab, \`${config}\``,
];

const doc = 'A picture to the probabilities of 1000 classes.';

export const imagenetLearned = preset({
  ...photographs,
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
  small: {
    ...small,
    imageShape: [8, 8, 3],
    preprocessor: {
      features: { kind: 'conv1x1', numChannels: 8, spatialDownsample: 1 },
      position: { kind: 'trainable', numChannels: 8, projectTo: 8 },
    },
  },
  huggingFace: learnedClassification,
  about: async () => (await import('./about/learned.js')).about,
  original: async () => (await import('./verify.js')).learned,
});

export const imagenetFourier = preset({
  ...photographs,
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
  small: {
    ...small,
    imageShape: [8, 8, 3],
    preprocessor: { position: { kind: 'fourier', numBands: 4, maxResolution: [8, 8] } },
  },
  huggingFace: fourierClassification,
  about: async () => (await import('./about/fourier.js')).about,
  original: async () => (await import('./verify.js')).fourier,
});

export const imagenetConv = preset({
  ...photographs,
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
  small: {
    ...small,
    imageShape: [16, 16, 3],
    preprocessor: { position: { kind: 'fourier', numBands: 4, maxResolution: [4, 4] } },
  },
  huggingFace: convolutionClassification,
  about: async () => (await import('./about/conv.js')).about,
  original: async () => (await import('./verify.js')).conv,
});

/** The encoder of config B: 16 layers of their own, their MLPs four latents wide. Source: appendix A.2. */
const encoderB = { ...encoder, numBlocks: 1, numSelfAttendsPerBlock: 16, selfAttendWideningFactor: 4 };

const notesB = (flops: string, ofSixteen: string) => [
  `The published ${flops} FLOPs are those of 12 layers, the published 212M parameters those of 16: with 16 layers it takes ${ofSixteen}, with 12 it has 162M parameters.`,
  'Pretraining on JFT has 18,000 classes, ImageNet 1,000: `numClasses: 18000` is the model that is pretrained, and its head is drawn anew for ImageNet. The published 212M are those with 1,000.',
  'Nobody published its parameters.',
];

export const imagenetFourierB = preset({
  ...photographs,
  name: 'imagenet-fourier-b',
  variantOf: 'imagenet-fourier',
  title: 'ImageNet classification, Fourier features, larger',
  doc,
  sources: ['arXiv:2107.14795, tables 7 and 8, appendix A.2, config B'],
  notes: notesB('213B', '268.7B'),
  published: { ...imagenetFourier.published, encoder: encoderB },
  small: imagenetFourier.small,
  about: async () => (await import('./about/larger.js')).fourier,
});

export const imagenetConvB = preset({
  ...photographs,
  name: 'imagenet-conv-b',
  variantOf: 'imagenet-conv',
  title: 'ImageNet classification, a convolution before, larger',
  doc,
  sources: ['arXiv:2107.14795, tables 7 and 8, appendix A.2, config B'],
  notes: notesB('176B', '231.9B'),
  published: { ...imagenetConv.published, encoder: encoderB },
  small: imagenetConv.small,
  about: async () => (await import('./about/larger.js')).conv,
});
