/**
 * Training of the models of sound and video on labelled recordings: sigmoid cross-entropy, and the accuracy on held-out
 * recordings. From nothing, or from weights of a checkpoint.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../../../lib/data/array.js';
import type { Weights } from '../../../lib/data/leaf.js';
import type { TransformedWithState } from '../../../lib/language/transform.js';
import type { Key } from '../../../lib/random/index.js';
import { type Batched, batches, type Examples, inOrder } from '../../../lib/train/data.js';
import { evaluation } from '../../../lib/train/evaluation.js';
import { oneHot, sigmoidBinaryCrossEntropy, weighted } from '../../../lib/train/losses.js';
import { topKAccuracy } from '../../../lib/train/metrics.js';
import { type RecipeRun, recipeRun, type RecipeTraining } from '../../../lib/train/recipeRun.js';
import type { Loss } from '../../../lib/train/trainStep.js';
import type { AudioSetInputs } from '../network.js';

/** A clip as the network takes it: image [T, H, W, 3], audio of the config's form, and the number of its class, []. */
export interface LabelledRecording {
  readonly image: HostArray;
  readonly audio: HostArray;
  readonly label: HostArray;
}

/** A model of any size. */
export interface TrainableTagger {
  readonly config: { readonly numClasses: number };
  readonly init: (key: Key) => Required<Weights<HostArray>>;
  readonly apply: TransformedWithState<[AudioSetInputs], tf.Tensor2D>['apply'];
}

export interface RecordingTraining extends RecipeTraining<TrainableTagger> {
  readonly training: Examples<LabelledRecording>;
  /** Recordings that no weights are trained on; the weights that are best on them are kept. */
  readonly heldOut: Examples<LabelledRecording>;
}

/**
 * The parts of a training that the loop takes. Each class has a probability of its own, as in AudioSet, where a recording
 * has several; an example here has one.
 */
export const recordingTraining = ({
  model,
  recipe,
  training,
  heldOut,
  seed,
  weights,
  tuning,
}: RecordingTraining): RecipeRun<Batched<LabelledRecording>> => {
  const { numClasses } = model.config;
  const loss: Loss<Batched<LabelledRecording>> = ({ params, state }, batch, options) => {
    const { image, audio, label, exampleWeights } = batch;
    const { output } = model.apply(params, state, options, { image, audio });
    const losses = tf.sum(sigmoidBinaryCrossEntropy(output, oneHot(label, numClasses)), 1);
    return weighted(losses, exampleWeights);
  };
  const evaluate = evaluation({
    data: inOrder(heldOut, recipe.batchSize),
    run: ({ params, state }, { image, audio }, options) =>
      model.apply(params, state, options, { image, audio }).output,
    figures: (logits, { label }, by) => ({ accuracy: topKAccuracy(logits, label, by) }),
  });
  return recipeRun({
    model,
    recipe,
    loss,
    data: batches(training, { batchSize: recipe.batchSize }),
    weights,
    tuning,
    seed,
    evaluate,
    best: { figure: 'accuracy' },
  });
};
