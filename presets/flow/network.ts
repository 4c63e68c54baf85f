/**
 * Optical flow: the whole model and its config.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, type ConfigOf, count, positive, required, sizes } from '../../lib/data/config.js';
import type { Layer } from '../../lib/language/scope.js';
import { encoder, encoderConfig } from '../../modules/encoder.js';
import { flowDecoder } from '../../modules/flowDecoder.js';
import { imagePreprocessor } from '../../modules/imagePreprocessor.js';
import { patchesForFlow } from '../../modules/patches.js';
import { perceiver, unchanged } from '../../modules/perceiver.js';

export const flowConfig = config('flow', 'An optical flow model.', {
  imageShape: required(sizes, {
    doc: 'Height and width of the images; larger pictures are cut in tiles of this size.',
  }),
  numBands: required(count, { doc: 'Frequencies for each dimension of the positions.' }),
  featureChannels: required(count, { doc: 'Width that 3 × 3 patches of both images are projected to.' }),
  flowScale: required(positive, { doc: 'Factor from the prediction to pixels.' }),
  encoder: required(encoderConfig, { doc: "The encoder; the decoder's MLP has its activation." }),
});
export type FlowConfig = ConfigOf<typeof flowConfig>;

/** Pairs of images [B, 2, H, W, 3] in [-1, 1] to flow [B, H, W, 2], pixels to the right and down. */
export type FlowNetwork = Layer<[images: tf.Tensor], tf.Tensor4D>;

/**
 * Each pixel's 3 × 3 neighbourhoods in both images, [B, 2, H, W, 27], are one input, and one query.
 * Source: DeepMind's optical flow colab, `optical_flow`; arXiv:2107.14795, section 4.2 and appendix H.
 */
export const flowOfPatches =
  ({ imageShape, numBands, featureChannels, flowScale, ...config }: FlowConfig): FlowNetwork =>
  (s, patches) => {
    const model = perceiver({
      preprocessor: s.declare(
        imagePreprocessor({
          features: {
            kind: 'patches',
            spatialDownsample: 1,
            temporalDownsample: 2,
            linearChannels: featureChannels,
          },
          position: { kind: 'fourier', numBands, maxResolution: imageShape },
        }),
      ),
      encoder: s.declare(encoder(config.encoder)),
      decoder: s.declare(
        flowDecoder({
          outputShape: imageShape,
          outputChannels: 2,
          rescaleFactor: 100,
          outputInit: 'zeros',
          activation: config.encoder.activation,
        }),
      ),
      postprocessor: unchanged<tf.Tensor4D>,
    });
    return tf.mul(model(s, patches), flowScale);
  };

/** The network of images: patches are cut first. */
export const flowNetwork = (config: FlowConfig): FlowNetwork => {
  const network = flowOfPatches(config);
  return (s, images) => network(s, patchesForFlow(images));
};
