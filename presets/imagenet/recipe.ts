/** The published training of the ImageNet models, recipe A of the paper's appendix. */
import type { Recipe } from '../../lib/train/recipe.js';
import { deepMind, paper } from '../about/sources.js';

const appendix = paper('appendix A.1');
const experiment = deepMind('perceiver/train/experiment.py');

/** Pictures of ImageNet's training set, in 110 epochs. */
const epochSteps = 1_281_167 / 1024;

export const imagenetRecipe: Recipe = {
  batchSize: 1024,
  numSteps: Math.floor(110 * epochSteps),
  optimizer: 'lamb',
  peakRate: 2e-3,
  warmupSteps: 0,
  flatSteps: Math.floor(55 * epochSteps),
  weightDecay: 0.1,
  decays: 'notBiasesAndNorms',
  clipNorm: 10,
  labelSmoothing: 0.1,
  augmentation:
    'RandAugment, 4 layers of magnitude 5; CutMix and MixUp (α 0.2), half of the batch each; bicubic resizing',
  sources: {
    batchSize: appendix,
    numSteps: `${appendix}: 110 epochs of 1,281,167 pictures`,
    optimizer: `${appendix}; ${experiment}`,
    peakRate: `${appendix}; ${experiment} has 5e-4 · batch / 256`,
    warmupSteps: `${appendix}: none`,
    flatSteps: `${appendix}: 55 epochs`,
    weightDecay: appendix,
    decays: experiment,
    clipNorm: experiment,
    labelSmoothing: experiment,
    augmentation: `${appendix}; ${experiment}`,
  },
};
