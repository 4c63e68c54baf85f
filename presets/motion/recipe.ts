/** The training of `motion`: Adam, since so small a model is trained for minutes; the curriculum is flow's first phase. */
import { ourChoice } from '../../lib/train/ourChoice.js';
import type { Recipe } from '../../lib/train/recipe.js';
import { flowRecipe } from '../flow/recipe.js';

/** The share of the steps that take pairs of three to six ellipses; the others take pairs of one to three. */
export const crowdedShare = 0.4;

export const motionRecipe: Recipe = {
  ...flowRecipe,
  batchSize: 6,
  numSteps: 18_000,
  optimizer: 'adam',
  peakRate: 2e-3,
  warmupSteps: 100,
  flatSteps: 5400,
  decays: 'all',
  clipNorm: 1,
  augmentation:
    'each pair forward and reversed; pictures turned, mirrored and tinted; 3 to 6 ellipses in the first 40 % of the steps, then one to three',
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
