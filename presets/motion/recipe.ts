/** The training of `motion`: Adam, since so small a model is trained for minutes; the curriculum is flow's first phase. */
import { ourChoice } from '../../lib/train/ourChoice.js';
import type { Recipe } from '../../lib/train/recipe.js';
import { flowRecipe } from '../flow/recipe.js';

export const motionRecipe: Recipe = {
  ...flowRecipe,
  batchSize: 6,
  numSteps: 8500,
  optimizer: 'adam',
  peakRate: 1.5e-3,
  warmupSteps: 100,
  flatSteps: 2500,
  decays: 'all',
  clipNorm: 1,
  augmentation: 'each pair forward and reversed; pictures turned, mirrored and tinted',
  sources: {
    ...flowRecipe.sources,
    batchSize: ourChoice,
    numSteps: ourChoice,
    optimizer: ourChoice,
    peakRate: ourChoice,
    warmupSteps: ourChoice,
    flatSteps: ourChoice,
    decays: ourChoice,
    clipNorm: ourChoice,
    augmentation: `${ourChoice}; forward and reversed: ${flowRecipe.sources.augmentation}`,
  },
};
