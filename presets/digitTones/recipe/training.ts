/**
 * Training of `digit-tones`: clips of handwritten digits with their telephone tones, parts of each batch that hide the
 * picture or the sound, and the share of held-out digits that come out right from the picture alone and from the sound
 * alone.
 */
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray, int32, sizeOf } from '../../../lib/data/array.js';
import type { Weights } from '../../../lib/data/leaf.js';
import { foldIn, uniform } from '../../../lib/random/index.js';
import { type Examples, inOrder } from '../../../lib/train/data.js';
import { evaluation } from '../../../lib/train/evaluation.js';
import { likeliest, mean, topKAccuracy } from '../../../lib/train/metrics.js';
import type { RecipeRun, RecipeTraining } from '../../../lib/train/recipeRun.js';
import type { LabelledImage, TrainableClassifier } from '../../imagenet/recipe/training.js';
import type { MultimodalConfig } from '../../multimodal/network.js';
import {
  allPoints,
  autoencoderTraining,
  type ClipBatch,
  clipInputs,
  type LabelledClip,
  type ReconstructedWeights,
  type TrainableAutoencoder,
} from '../../multimodal/recipe/training.js';
import { keyIn, keyOf, toneOf } from './tones.js';

/** Weights of the parts of the loss beside the label, whose weight the recipe has: our choice. */
const lossWeights: ReconstructedWeights = { video: 1, audio: 1 };

/** The farthest that pictures are moved in training, in pixels of both axes: our choice. */
const reach = 0.5;

/** A grey picture, moved by parts of a pixel; what comes in from outside is empty. */
export const moved = (
  grey: ArrayLike<number>,
  [height, width]: readonly number[],
  [down, right]: ArrayLike<number> & Iterable<number>,
): Float32Array => {
  const at = (y: number, x: number): number =>
    y < 0 || x < 0 || y >= height || x >= width ? 0 : grey[y * width + x];
  return Float32Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [Math.floor(i / width) - down, (i % width) - right];
    const [top, left] = [Math.floor(y), Math.floor(x)];
    const [b, a] = [y - top, x - left];
    return (
      (1 - b) * ((1 - a) * at(top, left) + a * at(top, left + 1)) +
      b * ((1 - a) * at(top + 1, left) + a * at(top + 1, left + 1))
    );
  });
};

/** Half of the pictures are moved, others in each epoch; all would blur the picture that a tone becomes. */
const movedDigits = (digits: Examples<LabelledImage>): Examples<LabelledImage> => ({
  length: digits.length,
  at: async (index, key) => {
    const { image, label } = await digits.at(index, key);
    const by = uniform(key, [2], { min: -reach, max: reach }).data;
    if (uniform(foldIn(key, 1), []).data[0] < 0.5) return { image, label };
    return { image: float32(image.shape, moved(image.data as Float32Array, image.shape, by)), label };
  },
});

/** A digit as a clip of equal frames: the grey picture in three channels, its telephone tone, its label. */
export const digitClips = (
  digits: Examples<LabelledImage>,
  { numFrames, samplesPerFrame }: Pick<MultimodalConfig, 'numFrames' | 'samplesPerFrame'>,
): Examples<LabelledClip> => {
  const samples = numFrames * samplesPerFrame;
  return {
    length: digits.length,
    at: async (index, key) => {
      const { image, label } = await digits.at(index, key);
      const [height, width] = image.shape;
      const grey = image.data as Float32Array;
      const values = Float32Array.from(
        { length: numFrames * 3 * grey.length },
        (_, i) => grey[Math.floor(i / 3) % grey.length],
      );
      const digit = Number(label.data[0]);
      return {
        image: float32([numFrames, height, width, 3], values),
        audio: float32([samples, 1], toneOf(digit, samples)),
        label: int32([], [digit]),
      };
    },
  };
};

/** The autoencoder's model of a config, and the masks that a part of the data is seen under. */
export type Masked = (maskProbs: Partial<MultimodalConfig['maskProbs']>) => TrainableAutoencoder;

/** A trained classifier of grey pictures of digits. */
export interface Reader {
  readonly model: TrainableClassifier;
  readonly weights: Weights;
}

/** Places where two lists of the same length agree, as 1 and 0, in the shape of a batch. */
const marks = (of: readonly boolean[]): HostArray => float32([of.length], of.map(Number));

/** The grey first frames of decoded pixels [B, P, 3], with values from 0 to 1: [B, 8, 8, 1]. */
const firstFrames = (pixels: tf.Tensor, { patchGrid }: MultimodalConfig): tf.Tensor => {
  const side = 4 * patchGrid;
  const first = tf.slice(pixels, [0, 0, 0], [-1, side * side, -1]);
  return tf.reshape(tf.clipByValue(tf.mean(first, 2), 0, 1), [-1, side, side, 1]);
};

/**
 * Shares of held-out digits: `label` and `tone` (both frequencies) from the picture alone, `fromPicture` where both are
 * right; `fromSound` where the picture that the sound alone gives is read as the right digit.
 */
export const digitToneFigures = (
  masked: Masked,
  heldOut: Examples<LabelledClip>,
  reader: Reader,
  batchSize = 72,
) => {
  const [ofPicture, ofSound] = [masked({ audio: 1 }), masked({ image: 1 })];
  return evaluation({
    data: inOrder(heldOut, batchSize),
    run: ({ params, state }, batch, options) => {
      const inputs = clipInputs(ofPicture.config, batch);
      const points = allPoints(ofPicture.config);
      const { output: heard } = ofPicture.apply(params, state, options, inputs, points);
      const { output: seen } = ofSound.apply(params, state, options, inputs, points);
      const pictures = firstFrames(seen.image, ofSound.config);
      const { output: read } = reader.model.apply(
        reader.weights.params,
        reader.weights.state ?? {},
        {},
        pictures,
      );
      return { label: heard.label, audio: heard.audio, read };
    },
    figures: ({ label, audio, read }, batch: ClipBatch, by) => {
      const digits = Array.from(batch.label.data, Number);
      const samples = sizeOf(audio.shape) / digits.length;
      const sounds = audio.data as Float32Array;
      const isTone = digits.map((digit, i) => {
        const [row, column] = keyIn(sounds.subarray(i * samples, (i + 1) * samples));
        const [ownRow, ownColumn] = keyOf(digit);
        return row === ownRow && column === ownColumn;
      });
      const heard = likeliest(label, by);
      const isLabel = digits.map((digit, i) => heard.data[i] === digit);
      return {
        label: mean(marks(isLabel), by),
        tone: mean(marks(isTone), by),
        fromPicture: mean(marks(isLabel.map((is, i) => is && isTone[i])), by),
        fromSound: topKAccuracy(read, batch.label, by),
      };
    },
  });
};

export interface DigitTonesTraining extends Omit<RecipeTraining<unknown>, 'model'> {
  readonly masked: Masked;
  readonly training: Examples<LabelledImage>;
  /** Pictures that no weights are trained on. */
  readonly heldOut: Examples<LabelledImage>;
  readonly reader: Reader;
}

/** The parts of a training that the loop takes. */
export const digitTonesTraining = ({
  masked,
  recipe,
  training,
  heldOut,
  reader,
  ...first
}: DigitTonesTraining): RecipeRun<ClipBatch> => {
  const both = masked({});
  // Pictures differ more than tones, of which there are ten.
  const [ofSound, ofBoth] = [16, 6].map((share) => Math.floor((recipe.batchSize * share) / 64));
  const views = [
    { model: masked({ audio: 1 }), examples: recipe.batchSize - ofSound - ofBoth },
    { model: masked({ image: 1 }), examples: ofSound },
    { model: both, examples: ofBoth },
  ].filter(({ examples }) => examples > 0);
  return autoencoderTraining({
    views,
    recipe,
    training: digitClips(movedDigits(training), both.config),
    evaluate: digitToneFigures(masked, digitClips(heldOut, both.config), reader),
    lossWeights,
    ...first,
  });
};
