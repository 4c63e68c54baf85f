/**
 * Handwritten digits: a small trained image classifier that comes with the package.
 */
import { either as E } from 'fp-ts';
import { type HostArray, float32, sizeOf } from '../../lib/data/array.js';
import { fromColab } from '../imagenet/imagenet.js';
import { imageGrid } from '../imagenet/imageGrid.js';
import {
  type ImageClassifier,
  type ImageClassifierConfig,
  imageClassifier,
  imageClassifierConfig,
} from '../imagenet/imageClassifier.js';
import { type InputError, inputError } from '../../lib/data/inputError.js';
import { type ModelOf, preset } from '../preset.js';
import { softmax } from '../classes.js';
import { applyToHosts } from '../run.js';

/** A grey picture: one number for each pixel, from 0, empty, to 1, ink; row by row. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/** What a digit is taken for. */
export interface Digit {
  readonly digit: number;
  /** Of the digits from 0 on. */
  readonly probabilities: Float64Array;
}

const check = (
  { imageShape }: ImageClassifierConfig,
  picture: GreyPicture,
): E.Either<InputError, HostArray> => {
  const [height, width] = imageShape;
  const size = `${width} × ${height} pixels`;
  if (picture.width !== width || picture.height !== height) {
    return inputError('the picture', `${picture.width} × ${picture.height} pixels`, size);
  }
  if (picture.data.length !== sizeOf(imageShape))
    return inputError('the picture', `${picture.data.length} numbers`, size);
  const odd = Array.from(picture.data).find((pixel) => !(pixel >= 0 && pixel <= 1));
  if (odd !== undefined) return inputError('a pixel', `${odd}`, 'a number from 0 to 1');
  return E.right(float32([1, ...imageShape], picture.data));
};

type DigitModel = ModelOf<ImageClassifierConfig, ImageClassifier, GreyPicture, Digit>;

const classifyDigit =
  (model: DigitModel): DigitModel['run'] =>
  (weights, picture) =>
  async () => {
    const checked = check(model.config, picture);
    if (E.isLeft(checked)) return checked;
    const logits = await applyToHosts(model, weights, [checked.right]);
    const scores = softmax(logits.data as Float32Array);
    return E.right({ digit: scores.indexOf(Math.max(...scores)), probabilities: scores });
  };

export const digits = preset({
  name: 'digits',
  title: 'Handwritten digits, trained, in the package',
  doc: 'A picture of 8 × 8 grey pixels to the digit it shows: 352 of 360 held-out pictures right.',
  sources: [
    'the ImageNet Fourier model of arXiv:2107.14795 at small size, trained with its JAX code: LAMB, 2500 steps of 128',
    'UCI optical recognition of handwritten digits (CC BY 4.0), by scikit-learn',
  ],
  checkpoint: {
    // Made when it is asked for: bundles that are scripts, not modules, do not know where they are.
    get url() {
      return new URL('./digits.pystate', import.meta.url);
    },
    license: 'Apache-2.0',
  },
  codec: imageClassifierConfig,
  published: {
    imageShape: [8, 8, 1],
    numClasses: 10,
    preprocessor: {
      features: { kind: 'pixels', spatialDownsample: 1 },
      position: { kind: 'fourier', numBands: 6, maxResolution: [8, 8] },
    },
    encoder: {
      numLatents: 24,
      numLatentChannels: 48,
      numBlocks: 2,
      numSelfAttendsPerBlock: 2,
      numSelfAttendHeads: 4,
    },
    decoder: { position: { kind: 'trainable', numChannels: 48, initScale: 0.02 }, useQueryResidual: true },
  },
  network: imageClassifier,
  inputs: ({ imageShape }) => [{ shape: [1, ...imageShape] }] as const,
  fromHaiku: fromColab,
  names: { inputs: ['images'], output: 'logits' },
  inputGrid: imageGrid,
  run: classifyDigit,
});
