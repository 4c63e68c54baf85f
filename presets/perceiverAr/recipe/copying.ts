/**
 * The copy task: random symbols followed by the same ones in reverse order. Step, first state, data and evaluation, for
 * the loop.
 */
import { float32 } from '../../../lib/data/array.js';
import { foldIn, key, type Key, randint, split } from '../../../lib/random/index.js';
import { type Batched, type Data, stackExamples } from '../../../lib/train/data.js';
import { evaluation } from '../../../lib/train/evaluation.js';
import { mean } from '../../../lib/train/metrics.js';
import { type RecipeRun, recipeRun, type RecipeTraining } from '../../../lib/train/recipeRun.js';
import type { Loss } from '../../../lib/train/trainStep.js';
import type { PerceiverArConfig } from '../network/config.js';
import type { perceiverAr } from '../preset.js';
import { numReserved, reserved } from '../run.js';
import { type ArApply, arTrainingLoss, scoresOf, shifted, zLoss } from './loss.js';
import { cropped, type Sequences } from './sequences.js';

type Batch = Batched<Sequences>;

/** Start, as many symbols as fill half of the context, the same in reverse, end: two more than the context has places. */
const sequenceOf = ({ contextLength, numClasses }: PerceiverArConfig, drawn: Key): number[] => {
  const symbols = Array.from(randint(drawn, [contextLength / 2], numReserved, numClasses).data);
  return [reserved.start, ...symbols, ...[...symbols].reverse(), reserved.end];
};

/**
 * Sequences to train on, without end. Each is cropped behind a random place, so that latents stand for random places,
 * never fewer than there are latents.
 * Source: perceiver-ar dataset.py `RandomMirroredDataset`, `generate_crops`.
 */
export const copyingData = (config: PerceiverArConfig, batchSize: number): Data<Batch> => ({
  at: async (n, root) => {
    const keys = split(foldIn(root, n), batchSize);
    return stackExamples(
      keys.map((each) => {
        const [symbols, place] = split(each);
        const sequence = sequenceOf(config, symbols);
        const [end] = randint(place, [1], config.numLatents + 1, sequence.length + 1).data;
        return cropped(config, sequence, end);
      }),
    );
  },
});

/** Whole sequences to judge by: latents stand for the second half, which repeats the first one. */
export const heldOutCopies = (
  config: PerceiverArConfig,
  { count, batchSize, seed }: { readonly count: number; readonly batchSize: number; readonly seed: number },
): Data<Batch> => ({
  length: Math.ceil(count / batchSize),
  at: async (n) => {
    const numbers = Array.from({ length: Math.min(batchSize, count - n * batchSize) }, (_, i) => i);
    return stackExamples(
      numbers.map((i) => {
        const sequence = sequenceOf(config, foldIn(key(seed), n * batchSize + i));
        return cropped(config, sequence, sequence.length - 1);
      }),
    );
  },
});

/** A Perceiver AR to train, and numbers of the training. */
export interface CopyTraining extends RecipeTraining<ReturnType<typeof perceiverAr>> {
  /** Number of sequences to judge by; 256 if not given. */
  readonly heldOut?: number;
}

/** @throws RangeError for a config whose latents cannot stand for the second half, or without positions from data */
const expectCopying = (config: PerceiverArConfig): void => {
  const { contextLength, numLatents, positionsFromData, latentsPerPosition, positionSizes = [0] } = config;
  if (contextLength % 2 !== 0 || numLatents < contextLength / 2 || latentsPerPosition !== 1)
    throw new RangeError(
      `the copy task takes an even contextLength and a latent for each place of its second half; found contextLength ${contextLength}, numLatents ${numLatents}, latentsPerPosition ${latentsPerPosition}`,
    );
  if (!positionsFromData || positionSizes.length !== 1)
    throw new RangeError('the copy task takes positionsFromData with one axis');
};

/**
 * The parts of a training that the loop takes. Of an evaluation `accuracy` is the share of symbols that are copied,
 * `solved` the share of sequences that are copied without a fault.
 * @throws RangeError for a config that the task does not fit
 * @example for await (const event of train(copyTraining({ model: perceiverAr(), recipe: perceiverArRecipe, seed: 0 }))) …
 */
export const copyTraining = ({
  model,
  recipe,
  seed,
  weights,
  tuning,
  heldOut = 256,
}: CopyTraining): RecipeRun<Batch> => {
  const { config } = model;
  expectCopying(config);
  const apply: ArApply = ({ params, state }, events, positions, options = {}) =>
    model.apply(params, state, options, events, positions).output;
  const { labelSmoothing } = recipe;
  const half = config.contextLength / 2;
  const evaluate = evaluation({
    data: heldOutCopies(config, { count: heldOut, batchSize: 64, seed: seed + 1 }),
    run: (all, batch, options) => {
      const inputs = shifted(batch);
      return scoresOf(apply(all, inputs.events, inputs.positions, options), inputs, config, half);
    },
    figures: ({ losses, isRight, weights: counts }) => {
      const right = isRight.data as Float32Array;
      const solved = Array.from({ length: isRight.shape[0] }, (_, b) =>
        right.subarray(b * half, (b + 1) * half).every((each) => each === 1) ? 1 : 0,
      );
      return {
        loss: mean(losses, { weights: counts }),
        accuracy: mean(isRight, { weights: counts }),
        solved: mean(float32([solved.length], solved)),
      };
    },
  });
  const loss: Loss<Batch> = arTrainingLoss(apply, config, { labelSmoothing, zLoss });
  return recipeRun({
    model,
    recipe,
    loss,
    data: copyingData(config, recipe.batchSize),
    weights,
    tuning,
    seed,
    evaluate,
    best: { figure: 'loss', isLower: true },
  });
};
