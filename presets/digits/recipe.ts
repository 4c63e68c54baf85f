/**
 * The training of the digits: recipe A of ImageNet, as the checkpoint in the package was trained with DeepMind's code,
 * with a rate for so small a model.
 */
import { ourChoice } from '../../lib/train/ourChoice.js';
import type { Recipe } from '../../lib/train/recipe.js';
import { imagenetRecipe } from '../imagenet/recipe.js';

const inJax = 'the training of the checkpoint in the package';

export const digitsRecipe: Recipe = {
  ...imagenetRecipe,
  batchSize: 128,
  numSteps: 2500,
  peakRate: 1e-2,
  flatSteps: 1250,
  augmentation: 'none',
  sources: {
    ...imagenetRecipe.sources,
    batchSize: inJax,
    numSteps: inJax,
    peakRate: ourChoice,
    flatSteps: `half of the run, as in ${imagenetRecipe.sources.flatSteps}`,
    augmentation: ourChoice,
  },
};

/**
 * Fine-tuning of the decoder of `digits` for other classes. Rate and steps were chosen on a fifth of the training
 * pictures.
 */
export const digitsTuningRecipe: Recipe = {
  ...digitsRecipe,
  numSteps: 150,
  peakRate: 3e-3,
  flatSteps: 75,
  sources: { ...digitsRecipe.sources, numSteps: ourChoice, peakRate: ourChoice },
};
