/** The published fine-tuning on GLUE: the first values of its grid of batches and rates. */
import { ourChoice } from '../../lib/train/ourChoice.js';
import type { Recipe } from '../../lib/train/recipe.js';

const table = 'arXiv:2107.14795, appendix F, table 13';

export const glueRecipe: Recipe = {
  batchSize: 16,
  numSteps: 3000,
  optimizer: 'lamb',
  peakRate: 1e-4,
  warmupSteps: 200,
  flatSteps: 0,
  weightDecay: 0.01,
  decays: 'notBiasesAndNorms',
  clipNorm: null,
  labelSmoothing: 0,
  augmentation: 'none',
  sources: {
    batchSize: `${table}: 16, 32 or 64`,
    numSteps: `${ourChoice}; ${table} has 10 epochs, which depend on the task`,
    optimizer: table,
    peakRate: `${table}: 1e-4, 5e-5, 2e-5 or 1e-5`,
    warmupSteps: table,
    flatSteps: ourChoice,
    weightDecay: table,
    decays: ourChoice,
    clipNorm: ourChoice,
    labelSmoothing: ourChoice,
    augmentation: ourChoice,
  },
};
