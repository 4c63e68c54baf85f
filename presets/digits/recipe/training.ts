/**
 * Training of the digits from nothing: step, first state, batches and evaluation, for the loop. No preset imports this
 * module, since bundlers carry along every file that a module refers to.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray, int32, toFloat32 } from '../../../lib/data/array.js';
import type { Weights } from '../../../lib/data/leaf.js';
import { foldIn, key } from '../../../lib/random/index.js';
import { type Batched, batches } from '../../../lib/train/data.js';
import { evaluation } from '../../../lib/train/evaluation.js';
import { oneHot, smoothLabels, softmaxCrossEntropy, weighted } from '../../../lib/train/losses.js';
import { topKAccuracy } from '../../../lib/train/metrics.js';
import { type Recipe, recipeOptimizer } from '../../../lib/train/recipe.js';
import { type Loss, trainStep } from '../../../lib/train/trainStep.js';
import type { digits } from '../preset.js';

/** Pictures to train on and their labels, none of them held out: an `.npz` of `images` and `labels`. */
export const trainingDigits = new URL('../digits-train.npz', import.meta.url);

/** Pictures, [N, 8, 8, 1] from 0 to 1, and the digits they show, [N]. */
export interface LabelledDigits {
  readonly images: HostArray;
  readonly labels: HostArray;
}

const examplesOf = ({ images, labels }: LabelledDigits) => {
  const [length, ...shape] = images.shape;
  const pixels = toFloat32(images);
  const size = pixels.length / length;
  return {
    length,
    at: (i: number) => ({
      image: float32(shape, pixels.subarray(i * size, (i + 1) * size)),
      label: int32([], [Number(labels.data[i])]),
    }),
  };
};

type Batch = Batched<{ readonly image: HostArray; readonly label: HostArray }>;

/** Data and numbers of one training. */
export interface DigitsTraining {
  readonly model: ReturnType<typeof digits>;
  readonly recipe: Recipe;
  readonly training: LabelledDigits;
  readonly heldOut: LabelledDigits;
  /** Decides the first weights and the order of the data. */
  readonly seed: number;
}

/**
 * The parts of a training that the loop takes: step, first state, data and its key, and the evaluation of the held-out
 * pictures, which the training never sees and no weights are chosen by.
 * @example for await (const event of train(digitsTraining({ model: digits(), recipe: digitsRecipe, … }))) …
 */
export const digitsTraining = ({ model, recipe, training, heldOut, seed }: DigitsTraining) => {
  const root = key(seed);
  const logitsOf = ({ params, state }: Required<Weights<tf.Tensor>>, image: tf.Tensor, options = {}) =>
    model.apply(params, state, options, image as tf.Tensor4D).output;
  const loss: Loss<Batch> = (weights, { image, label }, options) => {
    const labels = smoothLabels(oneHot(label, model.config.numClasses), recipe.labelSmoothing);
    return weighted(softmaxCrossEntropy(logitsOf(weights, image, options), labels));
  };
  const step = trainStep(loss, recipeOptimizer(recipe));
  const run = evaluation({
    data: batches(examplesOf(heldOut), { batchSize: 120, shuffle: false, remainder: 'pad' }),
    run: (weights, batch) => logitsOf(weights, batch.image),
    figures: (logits, { label, exampleWeights: weights }) => ({
      accuracy: topKAccuracy(logits, label, { weights }),
    }),
  });
  const { params, state } = model.init(foldIn(root, 0));
  return {
    step,
    state: step.init({ params, state }, foldIn(root, 1)),
    data: batches(examplesOf(training), { batchSize: recipe.batchSize }),
    key: foldIn(root, 2),
    numSteps: recipe.numSteps,
    evaluate: { every: Math.ceil(recipe.numSteps / 10), run },
    recipe: { ...recipe, seed },
  };
};
