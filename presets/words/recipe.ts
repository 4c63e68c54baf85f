/** Training of `words` on a text of one's own: the language models' recipe, with a rate and a batch for so small a model. */
import { ourChoice } from '../../lib/train/ourChoice.js';
import type { Recipe } from '../../lib/train/recipe.js';
import { languageRecipe } from '../language/recipe.js';

export const wordsRecipe: Recipe = {
  ...languageRecipe,
  batchSize: 32,
  numSteps: 1000,
  peakRate: 2e-3,
  warmupSteps: 100,
  augmentation: 'the beginnings of pieces move; whole words masked, 15 %',
  sources: {
    ...languageRecipe.sources,
    batchSize: ourChoice,
    numSteps: ourChoice,
    peakRate: ourChoice,
    warmupSteps: ourChoice,
    augmentation: `${ourChoice}; ${languageRecipe.sources.augmentation}`,
  },
};
