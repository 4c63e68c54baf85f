/**
 * Training of the multimodal autoencoder: the published loss at points that are drawn anew for each batch, and clips of
 * handwritten digits with their telephone tones.
 */
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray, int32 } from '../../../lib/data/array.js';
import type { Weights } from '../../../lib/data/leaf.js';
import type { TransformedWithState } from '../../../lib/language/transform.js';
import { foldIn, type Key, key } from '../../../lib/random/index.js';
import {
  autoencoderLoss,
  type AutoencoderWeights,
  reconstructionWeights,
  type SampledPoints,
  samplePoints,
} from '../../../lib/train/autoencoderLoss.js';
import { type Batched, batches, type Examples } from '../../../lib/train/data.js';
import { evaluation } from '../../../lib/train/evaluation.js';
import { oneHot, weighted } from '../../../lib/train/losses.js';
import { psnr, topKAccuracy } from '../../../lib/train/metrics.js';
import type { Recipe } from '../../../lib/train/recipe.js';
import { type RecipeRun, recipeRun } from '../../../lib/train/recipeRun.js';
import type { Loss } from '../../../lib/train/trainStep.js';
import type { LabelledImage } from '../../imagenet/recipe/training.js';
import {
  type MultimodalConfig,
  type MultimodalInputs,
  type MultimodalOutputs,
  type MultimodalPoints,
  numAudioPatches,
} from '../network.js';
import { toneOf } from './tones.js';

/** A clip and its class: image [T, H, W, 3] in [0, 1], audio [samples, 1] in [-1, 1], label []. */
export interface LabelledClip {
  readonly image: HostArray;
  readonly audio: HostArray;
  readonly label: HostArray;
}

/** An autoencoder of any size. */
export interface TrainableAutoencoder {
  readonly config: MultimodalConfig;
  readonly init: (key: Key) => Required<Weights<HostArray>>;
  readonly apply: TransformedWithState<
    [clip: MultimodalInputs, points?: MultimodalPoints],
    MultimodalOutputs
  >['apply'];
}

export interface AutoencoderTraining {
  /** The model in training: `maskProbs.label` is 0.5. */
  readonly model: TrainableAutoencoder;
  /** The same parameters in evaluation, with other masks: `maskProbs.label` is 1, and any modality may be. */
  readonly judged: TrainableAutoencoder;
  readonly recipe: Recipe;
  readonly training: Examples<LabelledClip>;
  readonly heldOut: Examples<LabelledClip>;
  /** Decides the first weights, the order of the clips, points and masks. */
  readonly seed: number;
  readonly weights?: Weights<HostArray>;
  /** The weights of the loss's parts; the published ones of reconstruction if not given. */
  readonly lossWeights?: AutoencoderWeights;
  /** Points that are decoded of each clip; 512 of each kind, or all there are, if not given. */
  readonly points?: Required<SampledPoints>;
}

type Batch = Batched<LabelledClip>;

/** Targets in the form of the outputs: pixels [B, P, 3], patches of sound [B, P, samples]. */
const targetsOf = ({ image, audio }: Pick<MultimodalInputs, 'image' | 'audio'>, patches: number) => ({
  image: tf.reshape(image, [image.shape[0], -1, 3]),
  audio: tf.reshape(audio, [audio.shape[0], patches, -1]),
});

/** The parts of a training that the loop takes; the figures are PSNR of video and sound, and the labels' accuracy. */
export const autoencoderTraining = ({
  model,
  judged,
  recipe,
  training,
  heldOut,
  seed,
  weights,
  lossWeights = reconstructionWeights,
  points,
}: AutoencoderTraining): RecipeRun<Batch> => {
  const { numClasses, numFrames, patchGrid } = model.config;
  const sizes = { audio: numAudioPatches(model.config), video: numFrames * (4 * patchGrid) ** 2 };
  const drawn = points ?? { audio: Math.min(512, sizes.audio), video: Math.min(512, sizes.video) };
  const inputsOf = ({ image, audio, label }: Record<'image' | 'audio' | 'label', tf.Tensor>) => ({
    image,
    audio,
    label: oneHot(label, numClasses),
  });
  const loss: Loss<Batch> = ({ params, state }, batch, options) => {
    const { audio, video } = samplePoints(foldIn(options.key, 1), sizes, drawn);
    const [audioPoints, imagePoints] = [audio, video].map(({ data }) => [...data]);
    const { output } = model.apply(params, state, options, inputsOf(batch), {
      image: imagePoints,
      audio: audioPoints,
    });
    const targets = targetsOf(batch, sizes.audio);
    const at = (all: tf.Tensor, numbers: readonly number[]) =>
      tf.gather(all, tf.tensor1d([...numbers], 'int32'), 1);
    const sound = at(targets.audio, audioPoints);
    const losses = autoencoderLoss(
      {
        video: { output: output.image, target: at(targets.image, imagePoints) },
        audio: { output: tf.reshape(output.audio, sound.shape), target: sound },
        label: { output: output.label, target: batch.label },
      },
      lossWeights,
    );
    return weighted(losses, batch.exampleWeights);
  };
  const evaluate = evaluation({
    data: batches(heldOut, {
      batchSize: Math.min(recipe.batchSize, heldOut.length),
      shuffle: false,
      remainder: 'pad',
    }),
    run: ({ params, state }, batch) => {
      const { output } = judged.apply(params, state, {}, inputsOf(batch));
      const targets = targetsOf(batch, sizes.audio);
      return {
        ...output,
        audio: tf.reshape(output.audio, targets.audio.shape),
        targets,
      };
    },
    figures: ({ image, audio, label, targets }, batch) => {
      const by = { weights: batch.exampleWeights };
      return {
        videoPsnr: psnr(image, targets.image, { range: 1, ...by }),
        audioPsnr: psnr(audio, targets.audio, { range: 2, ...by }),
        accuracy: topKAccuracy(label, batch.label, by),
      };
    },
  });
  return recipeRun({
    recipe,
    loss,
    data: batches(training, { batchSize: recipe.batchSize }),
    weights: weights ?? model.init(foldIn(key(seed), 0)),
    seed,
    evaluate,
  });
};

/** Digits as clips of two equal frames: the grey picture in three channels, its telephone tone, its label. */
export const digitClips = (digits: Examples<LabelledImage>, samples: number): Examples<LabelledClip> => ({
  length: digits.length,
  at: async (index, own) => {
    const { image, label } = await digits.at(index, own);
    const [height, width] = image.shape;
    const grey = image.data as Float32Array;
    const pixels = Float32Array.from(
      { length: 2 * 3 * grey.length },
      (_, i) => grey[Math.floor(i / 3) % grey.length],
    );
    const digit = Number(label.data[0]);
    return {
      image: float32([2, height, width, 3], pixels),
      audio: float32([samples, 1], toneOf(digit, samples)),
      label: int32([], [digit]),
    };
  },
});
