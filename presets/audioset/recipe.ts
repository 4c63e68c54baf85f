/**
 * The training of the AudioSet models, as far as it was published: loss, length, the video that is dropped. Optimizer,
 * batch and schedule are our choice.
 */
import { ourChoice } from '../../lib/train/ourChoice.js';
import type { Recipe } from '../../lib/train/recipe.js';

const appendix = 'arXiv:2107.14795, appendix C';

const batchSize = 1024;

export const audiosetRecipe: Recipe = {
  batchSize,
  numSteps: Math.floor((100 * 1_700_000) / batchSize),
  optimizer: 'lamb',
  peakRate: 2e-3,
  warmupSteps: 1000,
  flatSteps: 0,
  weightDecay: 0.1,
  decays: 'notBiasesAndNorms',
  clipNorm: 10,
  labelSmoothing: 0,
  augmentation: 'clips of a random beginning; examples lose their video or their sound as the config says',
  sources: {
    batchSize: ourChoice,
    numSteps: `${appendix}: 100 epochs of 1.7 million clips, in batches of our choice`,
    optimizer: ourChoice,
    peakRate: ourChoice,
    warmupSteps: ourChoice,
    flatSteps: ourChoice,
    weightDecay: ourChoice,
    decays: ourChoice,
    clipNorm: ourChoice,
    labelSmoothing: ourChoice,
    augmentation: `${appendix}; arXiv:2103.03206, section 4.2`,
  },
};
