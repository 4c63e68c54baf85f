/**
 * Training of the multimodal autoencoder: the published loss at points that are drawn anew for each batch, with parts of
 * the batch under different masks, and its evaluation.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type HostArray, sizeOf } from '../../../lib/data/array.js';
import type { Weights } from '../../../lib/data/leaf.js';
import type { TransformedWithState } from '../../../lib/language/transform.js';
import { foldIn, key, type Key } from '../../../lib/random/index.js';
import {
  autoencoderLoss,
  type AutoencoderWeights,
  reconstructionWeights,
  type SampledPoints,
  samplePoints,
} from '../../../lib/train/autoencoderLoss.js';
import { type Batched, batches, type Examples, inOrder } from '../../../lib/train/data.js';
import { evaluation } from '../../../lib/train/evaluation.js';
import { oneHot, weighted } from '../../../lib/train/losses.js';
import { psnr, topKAccuracy } from '../../../lib/train/metrics.js';
import {
  type RecipeRun,
  recipeRun,
  type RecipeRunOptions,
  type RecipeTraining,
} from '../../../lib/train/recipeRun.js';
import type { Loss, LossOptions } from '../../../lib/train/trainStep.js';
import {
  decodedShape,
  type MultimodalConfig,
  type MultimodalInputs,
  type MultimodalOutputs,
  type MultimodalPoints,
  numAudioPatches,
} from '../network.js';

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

/** Weights in the loss of what is reconstructed. */
export type ReconstructedWeights = Omit<AutoencoderWeights, 'label'>;

/** A model under the masks of some examples of each batch. */
export interface View {
  /** `maskProbs` of its config says which modalities these examples hide: 1 hides a whole one. */
  readonly model: TrainableAutoencoder;
  /** The number of examples of each batch. */
  readonly examples: number;
}

export interface AutoencoderTraining extends Omit<RecipeTraining<unknown>, 'model'> {
  /**
   * The model in training, once for each kind of mask, over the same parameters; their examples are the batch. Published:
   * one model whose `maskProbs.label` is 0.5.
   */
  readonly views: readonly View[];
  readonly training: Examples<LabelledClip>;
  /** The figures of weights on clips that no weights are trained on, such as `clipFigures`. */
  readonly evaluate: RecipeRunOptions<unknown>['evaluate'];
  /** The weights of video and audio in the loss; the published ones if not given. The label's is the recipe's. */
  readonly lossWeights?: ReconstructedWeights;
  /** Points that are decoded of each clip; 512 of each kind, or all there are, if not given. */
  readonly points?: Required<SampledPoints>;
}

/** A batch of clips. */
export type ClipBatch = Batched<LabelledClip>;

/** Tensors of a batch, or of some examples of it. */
type Clips = Readonly<Record<keyof ClipBatch, tf.Tensor>>;

/** The model's inputs of a batch: labels as vectors. */
export const clipInputs = (
  { numClasses }: Pick<MultimodalConfig, 'numClasses'>,
  { image, audio, label }: Pick<Clips, 'image' | 'audio' | 'label'>,
): MultimodalInputs => ({ image, audio, label: oneHot(label, numClasses) });

/** Numbers of output elements of each kind. */
const elementsOf = (config: MultimodalConfig) => ({
  audio: numAudioPatches(config),
  video: sizeOf(decodedShape(config)),
});

/** Targets in the form of the outputs: pixels of the frames that are decoded [B, P, 3], patches of sound [B, P, samples]. */
const targetsOf = ({ image, audio }: Pick<Clips, 'image' | 'audio'>, config: MultimodalConfig) => {
  const { audio: patches, video } = elementsOf(config);
  const pixels = tf.reshape(image, [image.shape[0], -1, 3]);
  return {
    image: video === pixels.shape[1] ? pixels : tf.slice(pixels, [0, 0, 0], [-1, video, -1]),
    audio: tf.reshape(audio, [audio.shape[0], patches, -1]),
  };
};

/** `count` examples of a batch, from `start` on. */
const some = (batch: Clips, start: number, count: number): Clips => {
  const cut = (all: tf.Tensor) =>
    tf.slice(all, [start, ...all.shape.slice(1).map(() => 0)], [count, ...all.shape.slice(1)]);
  const { image, audio, label, exampleWeights } = batch;
  return { image: cut(image), audio: cut(audio), label: cut(label), exampleWeights: cut(exampleWeights) };
};

type Numbers = { readonly audio: readonly number[]; readonly image: readonly number[] };

/**
 * All output elements, named one by one as in a run by chunks: where elements are named, the original's queries have
 * other positions than those of whole grids.
 */
export const allPoints = (config: MultimodalConfig): Numbers => {
  const { audio, video } = elementsOf(config);
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
  return { audio: upTo(audio), image: upTo(video) };
};

/** Some rows of outputs or targets [B, P, ...], or all of them in their order. */
const rowsAt = (all: tf.Tensor, numbers: readonly number[]): tf.Tensor =>
  numbers.length === all.shape[1] ? all : tf.gather(all, tf.tensor1d([...numbers], 'int32'), 1);

/** Targets at some points, or at all of them in their order. */
const targetsAt = (batch: Clips, config: MultimodalConfig, points: Numbers) => {
  const { image, audio } = targetsOf(batch, config);
  return { image: rowsAt(image, points.image), audio: rowsAt(audio, points.audio) };
};

/** The loss of each example at some points, or at all of them in their order: [B]. */
const lossAt = (
  output: MultimodalOutputs,
  batch: Clips,
  config: MultimodalConfig,
  points: Numbers,
  weights: AutoencoderWeights,
): tf.Tensor => {
  const { image, audio } = targetsAt(batch, config, points);
  return autoencoderLoss(
    {
      video: { output: output.image, target: image },
      audio: { output: tf.reshape(output.audio, audio.shape), target: audio },
      label: { output: output.label, target: batch.label },
    },
    weights,
  );
};

/** The most elements of a kind that an evaluation decodes at once: 8 k of 1026 channels are 34 MB of queries a clip. */
const mostEvaluated = 8192;

/** The points that clips are judged at: all of them, or of large clips some that are drawn once. */
const judgedPoints = (config: MultimodalConfig): Numbers => {
  const { audio, video } = elementsOf(config);
  if (Math.max(audio, video) <= mostEvaluated) return allPoints(config);
  const counts = { audio: Math.min(audio, mostEvaluated), video: Math.min(video, mostEvaluated) };
  const drawn = samplePoints(key(0), { audio, video }, counts);
  return { audio: [...drawn.audio.data], image: [...drawn.video.data] };
};

/**
 * PSNR of video and sound and the labels' accuracy over held-out clips; of large clips at 8,192 pixels, the same ones of
 * every clip.
 * @param model  the model under the masks to judge by: `maskProbs.label` is 1, as published
 */
export const clipFigures = (
  model: TrainableAutoencoder,
  heldOut: Examples<LabelledClip>,
  batchSize: number,
) => {
  const points = judgedPoints(model.config);
  return evaluation({
    data: inOrder(heldOut, batchSize),
    run: ({ params, state }, batch, options) => {
      const { output } = model.apply(params, state, options, clipInputs(model.config, batch), points);
      const targets = targetsAt(batch, model.config, points);
      return { ...output, audio: tf.reshape(output.audio, targets.audio.shape), targets };
    },
    figures: ({ image, audio, label, targets }, batch, by) => ({
      videoPsnr: psnr(image, targets.image, { range: 1, ...by }),
      audioPsnr: psnr(audio, targets.audio, { range: 2, ...by }),
      accuracy: topKAccuracy(label, batch.label, by),
    }),
  });
};

/**
 * The parts of a training that the loop takes. A decoded video is the first frames of the clip, or all.
 * @throws RangeError where the examples of the views are not those of a batch, or frames are decoded at another size
 */
export const autoencoderTraining = ({
  views,
  recipe,
  training,
  evaluate,
  seed,
  weights,
  tuning,
  lossWeights,
  points,
}: AutoencoderTraining): RecipeRun<ClipBatch> => {
  const [{ model: first }] = views;
  const { labelWeight: label = reconstructionWeights.label } = recipe;
  const partWeights = { ...reconstructionWeights, ...lossWeights, label };
  const sizes = elementsOf(first.config);
  const drawn = points ?? { audio: Math.min(512, sizes.audio), video: Math.min(512, sizes.video) };
  const isWhole = drawn.audio === sizes.audio && drawn.video === sizes.video;
  const pointsOf = (from: LossOptions['key']): Numbers => {
    const { audio, video } = samplePoints(foldIn(from, 1), sizes, drawn);
    return { audio: [...audio.data], image: [...video.data] };
  };
  const starts = views.map((_, i) => views.slice(0, i).reduce((sum, { examples }) => sum + examples, 0));
  const total = views.reduce((sum, { examples }) => sum + examples, 0);
  const [, ...decoded] = decodedShape(first.config);
  if (decoded.some((side) => side !== 4 * first.config.patchGrid))
    throw new RangeError(`frames are decoded at ${decoded.join(' × ')}, expected their own size`);
  if (total !== recipe.batchSize)
    throw new RangeError(`the views take ${total} examples, expected the ${recipe.batchSize} of a batch`);
  const loss: Loss<ClipBatch> = ({ params, state }, batch, options) => {
    const numbers = isWhole ? allPoints(first.config) : pointsOf(options.key);
    const losses = views.map(({ model, examples }, i) => {
      const own = views.length === 1 ? batch : some(batch, starts[i], examples);
      const { output } = model.apply(params, state, options, clipInputs(model.config, own), numbers);
      return lossAt(output, own, model.config, numbers, partWeights);
    });
    return weighted(losses.length === 1 ? losses[0] : tf.concat(losses), batch.exampleWeights);
  };
  return recipeRun({
    model: first,
    recipe,
    loss,
    data: batches(training, { batchSize: recipe.batchSize }),
    weights,
    tuning,
    seed,
    evaluate,
  });
};
