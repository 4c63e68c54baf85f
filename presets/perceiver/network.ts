/**
 * The first Perceiver: latents attend to the input again and again, and the mean of them is projected to the classes.
 * One network for images, one for clouds of points.
 */
import * as tf from '@tensorflow/tfjs-core';
import { config, type ConfigOf, count, required, withDefault } from '../../lib/data/config.js';
import type { Layer } from '../../lib/language/scope.js';
import { averageDecoder } from '../../modules/averageDecoder.js';
import { encoder, encoderConfig } from '../../modules/encoder.js';
import { fourierFeatures } from '../../modules/fourierPosition.js';
import { imagePreprocessor } from '../../modules/imagePreprocessor.js';
import { perceiver } from '../../modules/perceiver.js';
import { imageClassifierConfig } from '../imagenet/network.js';

const { imageShape, preprocessor, numClasses } = imageClassifierConfig.fields;
const encoderField = required(encoderConfig, { doc: 'The encoder.' });

export const perceiverConfig = config('perceiver', 'The first Perceiver, for images.', {
  imageShape,
  numClasses,
  preprocessor,
  encoder: encoderField,
});
export type PerceiverConfig = ConfigOf<typeof perceiverConfig>;

/** images [B, H, W, C] to logits [B, numClasses]. */
export type PerceiverNetwork = Layer<[images: tf.Tensor], tf.Tensor2D>;

/** Source: arXiv:2103.03206, sections 3 and 4.1. */
export const perceiverNetwork =
  (config: PerceiverConfig): PerceiverNetwork =>
  (s, images) =>
    perceiver({
      preprocessor: s.declare(imagePreprocessor(config.preprocessor)),
      encoder: s.declare(encoder(config.encoder)),
      decoder: s.declare(averageDecoder({ numClasses: config.numClasses })),
    })(s, images);

export const pointCloudConfig = config('pointCloud', 'The first Perceiver, for clouds of points.', {
  numPoints: required(count, { doc: 'Number of points of a cloud.' }),
  numClasses,
  numBands: withDefault(count, 64, {
    doc: 'Frequencies for each coordinate.',
    source: 'arXiv:2103.03206, section 4.3',
  }),
  maxResolution: withDefault(count, 2240, {
    doc: 'Twice the highest frequency of a coordinate, in half-cycles over [-1, 1]; ten times that of ImageNet.',
    source: 'arXiv:2103.03206, section 4.3',
  }),
  encoder: encoderField,
});
export type PointCloudConfig = ConfigOf<typeof pointCloudConfig>;

/** points [B, N, 3] in [-1, 1] to logits [B, numClasses]. */
export type PointCloudNetwork = Layer<[points: tf.Tensor], tf.Tensor2D>;

/** A point is the Fourier features of its coordinates, the coordinates first. Source: arXiv:2103.03206, section 4.3. */
export const pointCloudNetwork =
  ({ numClasses, numBands, maxResolution, ...config }: PointCloudConfig): PointCloudNetwork =>
  (s, points) => {
    const model = perceiver({
      encoder: s.declare(encoder(config.encoder)),
      decoder: s.declare(averageDecoder({ numClasses })),
    });
    const finest = [maxResolution, maxResolution, maxResolution];
    return model(s, fourierFeatures(points, { numBands, maxResolution: finest })); // [B, N, 3 + 3·2·numBands]
  };
