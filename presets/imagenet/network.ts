/**
 * Image classification: the whole model and its config. The published ImageNet models and `digits` are sizes of it.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { config, type ConfigOf, type ConfigProblem, count, required, sizes } from '../../lib/data/config.js';
import type { Layer } from '../../lib/language/scope.js';
import { queryFields } from '../../modules/basicDecoder.js';
import { classificationDecoder } from '../../modules/classificationDecoder.js';
import { readColab } from '../../modules/haiku/colab.js';
import { encoder, encoderConfig } from '../../modules/encoder.js';
import {
  type ImageFeatures,
  imagePreprocessor,
  imagePreprocessorConfig,
} from '../../modules/imagePreprocessor.js';
import { perceiver } from '../../modules/perceiver.js';
import type { InputGrid } from '../preset.js';

export const imageClassifierConfig = config('imageClassifier', 'An image classifier.', {
  imageShape: required(sizes, { doc: 'Height, width and channels of the images.' }),
  numClasses: required(count, { doc: 'Number of logits.' }),
  preprocessor: required(imagePreprocessorConfig, { doc: 'From images to a sequence with positions.' }),
  encoder: required(encoderConfig, { doc: 'The encoder.' }),
  decoder: required(config('classQuery', 'One query for the classes.', queryFields), { doc: 'The decoder.' }),
});
export type ImageClassifierConfig = ConfigOf<typeof imageClassifierConfig>;

/** images [B, H, W, C] to logits [B, numClasses]. */
export type ImageClassifier = Layer<[images: tf.Tensor], tf.Tensor2D>;

/**
 * Source: DeepMind's ImageNet classification colab, `imagenet_classifier`; arXiv:2107.14795, section 4.5 and appendix A.
 */
export const imageClassifier =
  (config: ImageClassifierConfig): ImageClassifier =>
  (s, images) =>
    perceiver({
      preprocessor: s.declare(imagePreprocessor(config.preprocessor)),
      encoder: s.declare(encoder(config.encoder)),
      decoder: s.declare(classificationDecoder({ ...config.decoder, numClasses: config.numClasses })),
    })(s, images);

/** A side through one layer of `conv2dDownsample`, whose convolution and pooling halve it each. */
const downsampled = (side: number, isSymmetric: boolean): number => {
  const half = Math.ceil(side / 2);
  return isSymmetric ? Math.floor((half - 3) / 2) + 1 : Math.ceil(half / 2);
};

const sideOf = (features: ImageFeatures, side: number): number => {
  if (features.kind !== 'conv') return Math.ceil(side / features.spatialDownsample);
  const { numLayers, padding } = features;
  return Array.from({ length: numLayers }).reduce<number>(
    (length) => downsampled(length, padding === 'symmetric'),
    side,
  );
};

/** The grid of the encoder's input: pixels, or elements that a preprocessor makes of several pixels. */
const imageGrid = ({
  imageShape,
  preprocessor,
}: Pick<ImageClassifierConfig, 'imageShape' | 'preprocessor'>): InputGrid => ({
  shape: imageShape.slice(0, 2).map((side) => sideOf(preprocessor.features, side)),
  start: 0,
});

/** Reads the colab's arguments as changes to the config. */
const fromColab = (kwargs: unknown) => {
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

/** The parts of every image classifier: `digits` too adds published values and a run of its own. */
export const imageClassifierModel = {
  task: 'classify' as const,
  codec: imageClassifierConfig,
  network: imageClassifier,
  inputs: ({ imageShape }: Pick<ImageClassifierConfig, 'imageShape'>) =>
    [{ shape: [1, ...imageShape] }] as const,
  names: { inputs: ['images'], output: 'logits' },
  inputGrid: imageGrid,
  fromHaiku: fromColab,
};
