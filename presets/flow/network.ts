/**
 * Optical flow: the whole model and its config.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { identity } from 'fp-ts/lib/function.js';
import {
  config,
  type ConfigOf,
  type ConfigProblem,
  count,
  countTo,
  flag,
  optional,
  positive,
  required,
  sizes,
  withDefault,
} from '../../lib/data/config.js';
import { module } from '../../lib/language/module.js';
import type { Layer } from '../../lib/language/scope.js';
import { encoder, encoderConfig } from '../../modules/encoder.js';
import { flowDecoder } from '../../modules/flowDecoder.js';
import { readColab } from '../../modules/haiku/colab.js';
import { imagePreprocessor } from '../../modules/imagePreprocessor.js';
import { layerNorm } from '../../modules/layerNorm.js';
import { mlp } from '../../modules/mlp.js';
import { patchesForFlow } from '../../modules/patches.js';
import { perceiver } from '../../modules/perceiver.js';
import type { PreprocessOptions } from '../../modules/processor.js';

export const flowConfig = config('flow', 'An optical flow model.', {
  imageShape: required(sizes, {
    doc: 'Height and width of the images; larger pictures are cut in tiles of this size.',
  }),
  numBands: required(countTo(65_536), { doc: 'Frequencies for each dimension of the positions.' }),
  featureChannels: required(count, { doc: 'Width that the patches are projected to.' }),
  patchSize: withDefault(count, 3, {
    doc: 'Height and width of the patch around each pixel; 1 is the pixel alone.',
    source: 'arXiv:2107.14795, table 16',
  }),
  areFramesApart: withDefault(flag, false, {
    doc: "True for one input element for each pixel of each image, with its place in time; false for one of both images' patches side by side.",
    source: 'arXiv:2107.14795, tables 5 and 16',
  }),
  pixelWidening: optional(count, {
    doc: 'Width of the hidden layer of an MLP of each pixel ahead of the encoder, in widths of an input element; no MLP if not given, as in the published model.',
  }),
  useQueryResidual: withDefault(flag, false, {
    doc: 'True to add the queries, which are the inputs, to what the decoder attends to.',
    source: "DeepMind's optical flow colab: `use_query_residual=False`",
  }),
  flowScale: required(positive, { doc: 'Factor from the prediction to pixels.' }),
  encoder: required(encoderConfig, { doc: "The encoder; the decoder's MLP has its activation." }),
});
export type FlowConfig = ConfigOf<typeof flowConfig>;

/** Pairs of images [B, 2, H, W, 3] in [-1, 1] to flow [B, H, W, 2], pixels to the right and down. */
export type FlowNetwork = Layer<[images: tf.Tensor], tf.Tensor4D>;

/** [B, M, C] to [B, M, C]: an MLP of each pixel, pre-norm and residual. */
const pixelMlp = (wideningFactor: number, activation: FlowConfig['encoder']['activation']) =>
  module(
    'pixel_mlp',
    (s) => (x: tf.Tensor) => tf.add(x, mlp({ wideningFactor, activation })(s, layerNorm()(s, x))),
    { kind: 'preprocessor' },
  );

/**
 * Each pixel's neighbourhoods in both images, [B, 2, H, W, 27] for 3 × 3 pixels, are one input, and one query. With the
 * frames apart each is an input of its own, and those of the first image are the queries.
 * Source: DeepMind's optical flow colab, `optical_flow`; arXiv:2107.14795, section 4.2 and appendix H.
 */
export const flowOfPatches =
  ({
    imageShape,
    numBands,
    featureChannels,
    flowScale,
    areFramesApart,
    pixelWidening,
    useQueryResidual,
    ...config
  }: FlowConfig): FlowNetwork =>
  (s, patches) => {
    const { activation } = config.encoder;
    const featuresOf = s.declare(
      imagePreprocessor({
        features: {
          kind: 'patches',
          spatialDownsample: 1,
          temporalDownsample: areFramesApart ? 1 : 2,
          linearChannels: featureChannels,
        },
        position: {
          kind: 'fourier',
          numBands,
          maxResolution: areFramesApart ? [2, ...imageShape] : imageShape,
        },
      }),
    );
    const ofPixels = pixelWidening === undefined ? identity : s.declare(pixelMlp(pixelWidening, activation));
    const model = perceiver({
      preprocessor: (x: tf.Tensor, how?: PreprocessOptions) => {
        const found = featuresOf(x, how);
        return { ...found, inputs: ofPixels(found.inputs) };
      },
      encoder: s.declare(encoder(config.encoder)),
      decoder: s.declare(
        flowDecoder({
          outputShape: imageShape,
          outputChannels: 2,
          rescaleFactor: 100,
          outputInit: 'zeros',
          useQueryResidual,
          activation,
        }),
      ),
    });
    return tf.mul(model(s, patches), flowScale);
  };

/** The network of images: patches are cut first. */
export const flowNetwork = (config: FlowConfig): FlowNetwork => {
  const network = flowOfPatches(config);
  return (s, images) => network(s, patchesForFlow(images, config.patchSize));
};

/** Reads the colab's arguments as changes to the config. */
const fromColab = (kwargs: unknown) =>
  readColab({
    train_size: 'imageShape',
    num_bands: 'numBands',
    encoder: { source: 'perceiver.PerceiverEncoder', field: 'encoder' },
  })(kwargs) as E.Either<readonly ConfigProblem[], object>;

/** The parts of the flow models, big and small. */
export const opticalFlowModel = {
  task: 'flow' as const,
  codec: flowConfig,
  small: {
    imageShape: [8, 12],
    numBands: 4,
    featureChannels: 8,
    encoder: { numLatents: 4, numLatentChannels: 16, numSelfAttendsPerBlock: 2, numSelfAttendHeads: 4 },
  },
  network: flowNetwork,
  inputs: ({ imageShape }: FlowConfig) => [{ shape: [1, 2, ...imageShape, 3] }] as const,
  names: { inputs: ['images'], output: 'flow' },
  inputGrid: ({ imageShape }: FlowConfig) => ({ shape: imageShape, start: 0 }),
  decodesInParts: true,
  fromHaiku: fromColab,
};
