/** Training of optical flow: the mean distance of the flow from the known one, forward and reversed at first. */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../../../lib/data/array.js';
import type { Weights } from '../../../lib/data/leaf.js';
import type { TransformedWithState } from '../../../lib/language/transform.js';
import type { Key } from '../../../lib/random/index.js';
import { type FlowPair, forwardAndReversed, phased } from '../../../lib/train/augment/phases.js';
import { type Batched, batches, type Data, type Examples, inOrder } from '../../../lib/train/data.js';
import { evaluation } from '../../../lib/train/evaluation.js';
import { endPointError, weighted } from '../../../lib/train/losses.js';
import { meanEndPointError } from '../../../lib/train/metrics.js';
import { type RecipeRun, recipeRun, type RecipeTraining } from '../../../lib/train/recipeRun.js';
import type { Loss } from '../../../lib/train/trainStep.js';

/** A pair with its flow both ways. */
type TwoWayPair = FlowPair & { readonly flowBack: HostArray };

/** A flow model of any size. */
export interface TrainableFlow {
  readonly init: (key: Key) => Required<Weights<HostArray>>;
  readonly apply: TransformedWithState<[images: tf.Tensor], tf.Tensor4D>['apply'];
}

export interface FlowTraining extends RecipeTraining<TrainableFlow> {
  /** Pairs with their flow both ways; each is fed forward and reversed. */
  readonly training: Examples<TwoWayPair>;
  /** Other pairs for the first part of the run; none if not given. */
  readonly before?: {
    readonly training: Examples<TwoWayPair>;
    /** The share of the steps, above 0 and below 1. */
    readonly share: number;
  };
  readonly heldOut: Examples<FlowPair>;
}

type Batch = Batched<FlowPair>;

/** Both frames as the network takes them: [B, 2, H, W, 3]. */
const imagesOf = (first: tf.Tensor, second: tf.Tensor): tf.Tensor => tf.stack([first, second], 1);

/**
 * The parts of a training that the loop takes; the figures are the end-point errors of the model and of no flow at all.
 * @example for await (const event of train(flowTraining({ model: flow(config), training: madePairs(…), … }))) …
 */
export const flowTraining = ({
  model,
  recipe,
  training,
  before,
  heldOut,
  seed,
  weights,
  tuning,
}: FlowTraining): RecipeRun<Batch> => {
  const dataOf = (pairs: Examples<TwoWayPair>): Data<Batch> =>
    batches(forwardAndReversed(pairs), { batchSize: recipe.batchSize });
  const phasesOf = ({ training: pairs, share }: NonNullable<FlowTraining['before']>): Data<Batch> =>
    phased([
      { data: dataOf(pairs), numBatches: Math.ceil(share * recipe.numSteps) },
      { data: dataOf(training) },
    ]);
  const loss: Loss<Batch> = ({ params, state }, { first, second, flow }, options) => {
    const { output } = model.apply(params, state, options, imagesOf(first, second));
    return weighted(endPointError(output, flow));
  };
  const evaluate = evaluation({
    data: inOrder(heldOut, recipe.batchSize),
    run: ({ params, state }, { first, second, flow }, options) => ({
      found: model.apply(params, state, options, imagesOf(first, second)).output,
      none: tf.zerosLike(flow),
    }),
    figures: ({ found, none }, { flow }, by) => ({
      endPointError: meanEndPointError(found, flow, by),
      withoutMotion: meanEndPointError(none, flow, by),
    }),
  });
  return recipeRun({
    model,
    recipe,
    loss,
    data: before ? phasesOf(before) : dataOf(training),
    weights,
    tuning,
    seed,
    evaluate,
  });
};
