/**
 * Trainings by a recipe: the parts that the loop takes, made of a loss, data and settings. From nothing, or from weights
 * of which some leaves train, or adapters beside them.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../data/array.js';
import type { Params, Weights } from '../data/leaf.js';
import { paths as leafPaths, type Selection, selects } from '../data/tree.js';
import { foldIn, key } from '../random/index.js';
import type { Data } from './data.js';
import type { Lora } from './lora.js';
import { type RecipeSettings, recipeOptimizer } from './recipe.js';
import { type Rates, scaleByPath } from './scaleByPath.js';
import type { EvaluateOptions, TrainOptions } from './train.js';
import { chain, type OptimizerState, type Transformation } from './transformation.js';
import { type Loss, type TrainStep, trainStep } from './trainStep.js';

/** The leaves that a fine-tuning changes. */
export interface Tuning {
  /** Leaves that stay as they are. */
  readonly freeze?: Selection;
  /** Shares of the rate by path. */
  readonly rates?: Rates;
  /** Low-rank adapters beside matrices; `freeze` says whether the matrices stay. */
  readonly adapters?: Lora;
}

export interface RecipeRunOptions<B> {
  readonly recipe: RecipeSettings;
  readonly loss: Loss<B>;
  readonly data: Data<B>;
  /** The weights to begin with, as a function of nothing but a seed, or read from a checkpoint. */
  readonly weights: Weights<HostArray>;
  readonly tuning?: Tuning;
  /** Decides the order of the data, its augmentation, and the adapters' first values. */
  readonly seed: number;
  readonly evaluate: (weights: Required<Weights<tf.Tensor>>) => ReturnType<EvaluateOptions['run']>;
  readonly best?: EvaluateOptions['best'];
  /** Evaluations of a run; 10 if not given. */
  readonly evaluations?: number;
}

/** A training, ready for the loop. */
export type RecipeRun<B> = Omit<TrainOptions<B, OptimizerState>, 'step' | 'evaluate'> & {
  readonly step: TrainStep<B, OptimizerState>;
  readonly evaluate: EvaluateOptions;
};

/**
 * The options of `train` for a recipe. Random keys of steps, data and adapters come from the seed.
 * @throws RangeError where every leaf is frozen
 * @example for await (const event of train(recipeRun({ recipe, loss, data, weights, seed: 0, evaluate }))) …
 */
export const recipeRun = <B>({
  recipe,
  loss,
  data,
  weights: { params, state = {} },
  tuning: { freeze, rates = [], adapters } = {},
  seed,
  evaluate,
  best,
  evaluations = 10,
}: RecipeRunOptions<B>): RecipeRun<B> => {
  const root = key(seed);
  const optimizer = recipeOptimizer(recipe);
  const scaled: Transformation = rates.length === 0 ? optimizer : chain(optimizer, scaleByPath(rates));
  const step = trainStep(adapters ? adapters.loss(loss) : loss, scaled, { freeze });
  const first: Params<HostArray> = adapters ? adapters.init(params, foldIn(root, 3)) : params;
  if (freeze !== undefined && leafPaths(first).every(selects(freeze)))
    throw new RangeError(
      `nothing trains: every leaf is frozen, expected one that is not; ${leafPaths(first).at(-1)} is a leaf's path`,
    );
  return {
    step,
    state: step.init({ params: first, state }, foldIn(root, 1)),
    data,
    key: foldIn(root, 2),
    numSteps: recipe.numSteps,
    evaluate: { every: Math.ceil(recipe.numSteps / evaluations), run: evaluate, ...(best && { best }) },
    recipe: { ...recipe, seed },
  };
};
