/** The published training of the masked language models. */
import { ourChoice } from '../../lib/train/ourChoice.js';
import type { Recipe } from '../../lib/train/recipe.js';

const table = 'arXiv:2107.14795, appendix F, table 12';

export const languageRecipe: Recipe = {
  batchSize: 2048,
  numSteps: 500_000,
  optimizer: 'lamb',
  peakRate: 1.25e-3,
  warmupSteps: 1000,
  flatSteps: 0,
  weightDecay: 0.01,
  decays: 'notBiasesAndNorms',
  clipNorm: null,
  labelSmoothing: 0,
  augmentation: 'ten documents in a row, cropped; whole words masked, 15 %',
  sources: {
    batchSize: table,
    numSteps: table,
    optimizer: table,
    peakRate: table,
    warmupSteps: table,
    flatSteps: `${table}: cosine from the warm-up on`,
    weightDecay: table,
    decays: ourChoice,
    clipNorm: ourChoice,
    labelSmoothing: ourChoice,
    augmentation: `${table}; section 4.1`,
  },
};
