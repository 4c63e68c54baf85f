/**
 * Trainings by a recipe: the parts that the loop takes, made of a loss, data and settings. From nothing, or from weights
 * of which some leaves train, or adapters beside them.
 */
import { expectKnown } from '../data/nearest.js';
import type * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../data/array.js';
import type { Params, Weights } from '../data/leaf.js';
import { flatten, paths as leafPaths, type Selection, selects } from '../data/tree.js';
import { expectWeights } from '../data/weights.js';
import { crc32 } from '../files/crc32.js';
import { foldIn, type Key, key } from '../random/index.js';
import type { Data } from './data.js';
import type { EvaluatedBy } from './evaluation.js';
import type { Lora } from './lora.js';
import { type RecipeSettings, recipeOptimizer } from './recipe.js';
import { rateOf, type Rates, scaleByPath } from './scaleByPath.js';
import type { EvaluateOptions } from './judging.js';
import type { TrainOptions } from './train.js';
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

/** The parts of trainings by recipes that are the same for every task. */
export interface RecipeTraining<M> {
  readonly model: M;
  readonly recipe: RecipeSettings;
  /** Decides the first weights, the order of the data, its augmentation, and the adapters' first values. */
  readonly seed: number;
  /** Weights of a checkpoint to begin with; made by seed if not given. */
  readonly weights?: Weights<HostArray>;
  readonly tuning?: Tuning;
}

/** A model whose first weights are made by seed. */
interface Initialised {
  readonly init: (key: Key) => Weights<HostArray>;
}

export interface RecipeRunOptions<B> extends RecipeTraining<Initialised> {
  readonly loss: Loss<B>;
  readonly data: Data<B>;
  /** The figures of some weights, of `evaluation`; options are for `apply`. */
  readonly evaluate: (
    weights: Required<Weights<tf.Tensor>>,
    options: EvaluatedBy,
  ) => ReturnType<EvaluateOptions['run']>;
  readonly best?: EvaluateOptions['best'];
  /** Evaluations of a run; 10 if not given. */
  readonly evaluations?: number;
}

/** A training, ready for the loop. */
export type RecipeRun<B> = Omit<TrainOptions<B, OptimizerState>, 'step' | 'evaluate'> & {
  readonly step: TrainStep<B, OptimizerState>;
  readonly evaluate: EvaluateOptions;
};

const runNames = [
  ...['model', 'recipe', 'loss', 'data', 'weights', 'tuning', 'seed', 'evaluate', 'best', 'evaluations'],
];

/** A checksum of weights: of the names and bytes of all leaves. */
const checksumOf = ({ params, state = {} }: Weights<HostArray>): string =>
  [...flatten(params), ...flatten(state)]
    .reduce(
      (
        sum,
        [
          path,
          {
            data: { buffer, byteOffset, byteLength },
          },
        ],
      ) => {
        const named = crc32(new TextEncoder().encode(path), sum);
        return crc32(new Uint8Array(buffer, byteOffset, byteLength), named);
      },
      0,
    )
    .toString(16);

/**
 * The options of `train` for a recipe. Random keys of steps, data and adapters come from the seed. Kept with
 * checkpoints and compared on resuming are the recipe, the seed, rates by path of a fine-tuning (0 for frozen leaves), and a checksum of
 * the weights to begin with.
 * @throws RangeError where every leaf is frozen
 * @example for await (const event of train(recipeRun({ model, recipe, loss, data, seed: 0, evaluate }))) …
 */
export const recipeRun = <B>(options: RecipeRunOptions<B>): RecipeRun<B> => {
  const { model, recipe, loss, data, weights, tuning = {}, seed, evaluate, best, evaluations = 10 } = options;
  const { freeze, rates = [], adapters } = tuning;
  expectKnown('recipeRun', options, runNames);
  expectKnown('recipeRun: tuning', tuning, ['freeze', 'rates', 'adapters']);
  if (weights !== undefined) expectWeights('recipeRun', weights);
  const root = key(seed);
  const { params, state = {} } = weights ?? model.init(foldIn(root, 0));
  const optimizer = recipeOptimizer(recipe);
  const scaled: Transformation = rates.length === 0 ? optimizer : chain(optimizer, scaleByPath(rates));
  const step = trainStep(adapters ? adapters.loss(loss) : loss, scaled, { freeze });
  const first: Params<HostArray> = adapters ? adapters.init(params, foldIn(root, 3)) : params;
  const [isFrozen, factorOf] = [selects(freeze ?? []), rateOf(rates)];
  if (freeze !== undefined && leafPaths(first).every(isFrozen))
    throw new RangeError(
      `nothing trains: every leaf is frozen, expected one that is not; ${leafPaths(first).at(-1)} is a leaf's path`,
    );
  const { sources: _sources, ...settings } = recipe as RecipeSettings & { readonly sources?: unknown };
  const isTuned = freeze !== undefined || rates.length > 0;
  const ratesByPath = Object.fromEntries(
    leafPaths(first).map((path) => [path, isFrozen(path) ? 0 : factorOf(path)] as const),
  );
  return {
    step,
    state: step.init({ params: first, state }, foldIn(root, 1)),
    data,
    key: foldIn(root, 2),
    numSteps: recipe.numSteps,
    evaluate: { every: Math.ceil(recipe.numSteps / evaluations), run: evaluate, ...(best && { best }) },
    recipe: {
      ...settings,
      seed,
      ...(isTuned && { rates: ratesByPath }),
      ...(weights && { weights: checksumOf(weights) }),
    },
  };
};
