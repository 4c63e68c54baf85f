/** The published training of Perceiver AR's copy task, `random_mirrored_32`. */
import type { Recipe } from '../../lib/train/recipe.js';

const experiment = 'google-research/perceiver-ar, experiment.py `random_mirrored_32`';

export const perceiverArRecipe: Recipe = {
  batchSize: 1024,
  numSteps: 1_000_000,
  optimizer: 'adam',
  peakRate: 3e-4,
  warmupSteps: 1000,
  flatSteps: 0,
  weightDecay: 0,
  decays: 'all',
  clipNorm: 1,
  labelSmoothing: 0,
  augmentation: 'crops that end at a random place, so that latents stand for random places',
  sources: {
    batchSize: experiment,
    numSteps: experiment,
    optimizer: experiment,
    peakRate: experiment,
    warmupSteps: experiment,
    flatSteps: `${experiment}: none`,
    weightDecay: `${experiment}: none`,
    decays: `${experiment}: nothing decays`,
    clipNorm: `${experiment}, of the gradient of the sum over events`,
    labelSmoothing: experiment,
    augmentation: 'google-research/perceiver-ar, dataset.py `generate_crops`',
  },
};
