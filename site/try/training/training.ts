/**
 * The training of the page: the digits of the package, and a visitor's own, by the recipe of `digits` for small batches.
 */
import { float32, int32 } from '../../../lib/data/array.js';
import { parseNpz, showCheckpointError } from '../../../lib/checkpoint/index.js';
import { orThrow } from '../../../lib/data/orThrow.js';
import type { Examples } from '../../../lib/train/data.js';
import { scaleRecipe } from '../../../lib/train/recipe.js';
import type { RecipeRun } from '../../../lib/train/recipeRun.js';
import { digits } from '../../../presets/digits/preset.js';
import { digitsRecipe } from '../../../presets/digits/recipe.js';
import { digitExamples, type LabelledDigits } from '../../../presets/digits/recipe/training.js';
import {
  classifierTraining,
  type ImageBatch,
  type LabelledImage,
} from '../../../presets/imagenet/recipe/training.js';
import type { Drawing, Settings } from './messages.js';

/** Small batches: many steps in a minute. */
const batchSize = 32;

/** A quarter of the recipe's rate, for a quarter of its batch: in 400 steps better than the half of it that `scaleRecipe` would take. */
const peakRate = 2.5e-3;

/** Each of a visitor's drawings is there this many times in an epoch, so that a few are noticed among 1,437. */
const copies = 10;

/** The digits in the bytes of an `.npz` of the package. */
export const digitsOf = (bytes: Uint8Array): Examples<LabelledImage> => {
  const arrays = Object.fromEntries(orThrow(parseNpz(bytes), showCheckpointError));
  return digitExamples(arrays as unknown as LabelledDigits);
};

const exampleOf = ({ label, sixteenths }: Drawing): LabelledImage => ({
  image: float32(
    [8, 8, 1],
    Float32Array.from(sixteenths, (value) => value / 16),
  ),
  label: int32([], [label]),
});

const together = (
  shipped: Examples<LabelledImage>,
  drawings: readonly Drawing[],
): Examples<LabelledImage> => ({
  length: shipped.length + copies * drawings.length,
  at: (i, key) =>
    i < shipped.length ? shipped.at(i, key) : exampleOf(drawings[(i - shipped.length) % drawings.length]),
});

/** The options of the loop for some settings. */
export const trainingOf = (
  { numSteps, drawings }: Settings,
  training: Examples<LabelledImage>,
  heldOut: Examples<LabelledImage>,
): RecipeRun<ImageBatch> => {
  const { recipe } = scaleRecipe(digitsRecipe, { batchSize, numSteps, peakRate });
  const run = classifierTraining({
    model: digits(),
    recipe,
    training: together(training, drawings),
    heldOut,
    seed: 0,
  });
  return { ...run, recipe: { ...(run.recipe as object), drawings } };
};
