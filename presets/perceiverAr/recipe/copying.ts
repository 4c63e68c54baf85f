/**
 * The copy task: random symbols followed by the same ones in reverse order. Step, first state, data and evaluation, for
 * the loop.
 */
import { float32, int32 } from '../../../lib/data/array.js';
import { foldIn, key, type Key, randint, split } from '../../../lib/random/index.js';
import { type Batched, type Data, stackExamples } from '../../../lib/train/data.js';
import { evaluation } from '../../../lib/train/evaluation.js';
import { mean } from '../../../lib/train/metrics.js';
import { type Recipe, recipeOptimizer } from '../../../lib/train/recipe.js';
import { type Loss, trainStep } from '../../../lib/train/trainStep.js';
import type { PerceiverArConfig } from '../network/config.js';
import type { perceiverAr } from '../preset.js';
import { numReserved, reserved } from '../run.js';
import { type ArApply, arTrainingLoss, scoresOf, type Sequences, shifted } from './loss.js';

type Batch = Batched<Sequences>;

/** Factor of the penalty on the logits. Source: perceiver-ar experiment.py. */
const zLoss = 1e-4;

/** Start, as many symbols as fill half of the context, the same in reverse, end: two more than the context has places. */
const sequenceOf = ({ contextLength, numClasses }: PerceiverArConfig, drawn: Key): number[] => {
  const symbols = Array.from(randint(drawn, [contextLength / 2], numReserved, numClasses).data);
  return [reserved.start, ...symbols, ...[...symbols].reverse(), reserved.end];
};

/**
 * The part of a sequence before `end`, as long as the context and one more, padded at the end. Positions count from 1;
 * those beyond the table are its last, as in JAX.
 */
const cropped = (
  { contextLength, positionSizes: [table] = [contextLength] }: PerceiverArConfig,
  sequence: readonly number[],
  end: number,
): Sequences => {
  const size = contextLength + 1;
  const start = Math.max(0, end - size);
  const padded = (values: readonly number[]): number[] => [
    ...values,
    ...Array<number>(size - values.length).fill(reserved.pad),
  ];
  const positions = sequence.map((_, i) => Math.min(i + 1, table - 1));
  return {
    events: int32([size], padded(sequence.slice(start, end))),
    positions: int32([size, 1], padded(positions.slice(start, end))),
  };
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

/** Numbers of one training. */
export interface CopyTraining {
  readonly model: ReturnType<typeof perceiverAr>;
  readonly recipe: Recipe;
  /** Decides the first weights, the sequences to train on and those to judge by. */
  readonly seed: number;
  /** Number of sequences to judge by; 256 if not given. */
  readonly heldOut?: number;
}

/** @throws Error for a config whose latents cannot stand for the second half, or that has no positions to be given */
const expectCopying = ({
  contextLength,
  numLatents,
  positionsFromData,
  latentsPerPosition,
}: PerceiverArConfig) => {
  if (contextLength % 2 !== 0 || numLatents < contextLength / 2 || latentsPerPosition !== 1)
    throw new RangeError(
      `the copy task takes an even contextLength and a latent for each place of its second half; found contextLength ${contextLength}, numLatents ${numLatents}, latentsPerPosition ${latentsPerPosition}`,
    );
  if (!positionsFromData) throw new RangeError('the copy task takes positionsFromData');
};

/**
 * The parts of a training that the loop takes: step, first state, data and its key, and the evaluation. `accuracy` is the
 * share of symbols that are copied, `solved` the share of sequences that are copied without a fault.
 * @throws RangeError for a config that the task does not fit
 * @example for await (const event of train(copyTraining({ model: perceiverAr(), recipe: perceiverArRecipe, seed: 0 }))) …
 */
export const copyTraining = ({ model, recipe, seed, heldOut = 256 }: CopyTraining) => {
  const { config } = model;
  expectCopying(config);
  const root = key(seed);
  const apply: ArApply = ({ params, state }, events, positions, options = {}) =>
    model.apply(params, state, options, events, positions).output;
  const { labelSmoothing } = recipe;
  const loss: Loss<Batch> = arTrainingLoss(apply, config, { labelSmoothing, zLoss });
  const step = trainStep(loss, recipeOptimizer(recipe));
  const half = config.contextLength / 2;
  const run = evaluation({
    data: heldOutCopies(config, { count: heldOut, batchSize: 64, seed: seed + 1 }),
    run: (weights, batch) => {
      const inputs = shifted(batch);
      return scoresOf(apply(weights, inputs.events, inputs.positions), inputs, config, half);
    },
    figures: ({ losses, isRight, weights }) => {
      const rows = Array.from({ length: isRight.shape[0] }, (_, b) =>
        Array.from(isRight.data as Float32Array).slice(b * half, (b + 1) * half),
      );
      const solved = rows.map((row) => (row.every((right) => right === 1) ? 1 : 0));
      return {
        loss: mean(losses, { weights }),
        accuracy: mean(isRight, { weights }),
        solved: mean(float32([solved.length], solved)),
      };
    },
  });
  const { params, state } = model.init(foldIn(root, 0));
  return {
    step,
    state: step.init({ params, state }, foldIn(root, 1)),
    data: copyingData(config, recipe.batchSize),
    key: foldIn(root, 2),
    numSteps: recipe.numSteps,
    evaluate: { every: Math.ceil(recipe.numSteps / 10), run },
    recipe: { ...recipe, seed },
  };
};
