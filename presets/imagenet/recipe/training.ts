/**
 * Training of image classifiers, `digits` among them: cross-entropy with smoothed labels, or labels that were mixed, and
 * the accuracy on held-out pictures. From nothing, or from weights of a checkpoint.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../../../lib/data/array.js';
import type { Weights } from '../../../lib/data/leaf.js';
import type { TransformedWithState } from '../../../lib/language/transform.js';
import type { Key } from '../../../lib/random/index.js';
import { type Batched, batches, type Data, type Examples, inOrder } from '../../../lib/train/data.js';
import { evaluation } from '../../../lib/train/evaluation.js';
import { oneHot, smoothLabels, softmaxCrossEntropy, weighted } from '../../../lib/train/losses.js';
import { topKAccuracy } from '../../../lib/train/metrics.js';
import { type RecipeRun, recipeRun, type RecipeTraining } from '../../../lib/train/recipeRun.js';
import type { Loss } from '../../../lib/train/trainStep.js';

/** A picture as the network takes it, [H, W, C], and the number of its class, []. */
export interface LabelledImage {
  readonly image: HostArray;
  readonly label: HostArray;
}

/** A batch for the loss: labels [B] of classes, or [B, classes] of shares. */
export type ImageBatch = Batched<LabelledImage>;

/** An image classifier of any size. */
export interface TrainableClassifier {
  readonly config: { readonly numClasses: number };
  readonly init: (key: Key) => Required<Weights<HostArray>>;
  readonly apply: TransformedWithState<[tf.Tensor], tf.Tensor2D>['apply'];
}

/** Data and numbers of one training. */
export interface ClassifierTraining extends RecipeTraining<TrainableClassifier> {
  readonly training: Examples<LabelledImage>;
  /** Pictures that no weights are trained on. */
  readonly heldOut: Examples<LabelledImage>;
  /** Batches made of the training pictures; each of the recipe's size, shuffled, if not given. */
  readonly batchesOf?: (examples: Examples<LabelledImage>) => Data<ImageBatch>;
  /** Keeps the weights that are best on the held-out pictures; then these are no measure of the result. */
  readonly selects?: boolean;
}

/** Labels as shares of classes: [B] or [B, classes] to [B, classes]. */
const sharesOf = (label: tf.Tensor, numClasses: number): tf.Tensor =>
  label.rank === 1 ? oneHot(label, numClasses) : label;

/**
 * The parts of a training that the loop takes. The training never sees the held-out pictures.
 * @example for await (const event of train(classifierTraining({ model: digits(), recipe: digitsRecipe, … }))) …
 */
export const classifierTraining = ({
  model,
  recipe,
  training,
  heldOut,
  seed,
  weights,
  tuning,
  batchesOf = (examples) => batches(examples, { batchSize: recipe.batchSize }),
  selects = false,
}: ClassifierTraining): RecipeRun<ImageBatch> => {
  const { numClasses } = model.config;
  const loss: Loss<ImageBatch> = ({ params, state }, { image, label, exampleWeights }, options) => {
    const { output, state: next } = model.apply(params, state, options, image);
    const labels = smoothLabels(sharesOf(label, numClasses), recipe.labelSmoothing);
    return { ...weighted(softmaxCrossEntropy(output, labels), exampleWeights), state: next };
  };
  const evaluate = evaluation({
    data: inOrder(heldOut, recipe.batchSize),
    run: ({ params, state }, { image }, options) => model.apply(params, state, options, image).output,
    figures: (logits, { label }, by) => ({ accuracy: topKAccuracy(logits, label, by) }),
  });
  return recipeRun({
    model,
    recipe,
    loss,
    data: batchesOf(training),
    weights,
    tuning,
    seed,
    evaluate,
    ...(selects && { best: { figure: 'accuracy' } }),
  });
};
