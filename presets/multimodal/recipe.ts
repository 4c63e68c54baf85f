/**
 * The training of the multimodal autoencoder, as far as it was published: the loss is `autoencoderLoss`, its points are
 * `samplePoints`. Optimizer, schedule and length are our choice.
 */
import { reconstructionWeights } from '../../lib/train/autoencoderLoss.js';
import { ourChoice } from '../../lib/train/ourChoice.js';
import type { Recipe } from '../../lib/train/recipe.js';

const appendix = 'arXiv:2107.14795, appendix I';

export const multimodalRecipe: Recipe = {
  batchSize: 1024,
  numSteps: 500_000,
  optimizer: 'lamb',
  peakRate: 1e-3,
  warmupSteps: 1000,
  flatSteps: 0,
  weightDecay: 0.01,
  decays: 'notBiasesAndNorms',
  clipNorm: 10,
  labelSmoothing: 0,
  labelWeight: reconstructionWeights.label,
  augmentation: 'the label blanked out in half of the examples; films cut to clips at a random frame',
  sources: {
    batchSize: appendix,
    numSteps: ourChoice,
    optimizer: ourChoice,
    peakRate: appendix,
    warmupSteps: ourChoice,
    flatSteps: ourChoice,
    weightDecay: ourChoice,
    decays: ourChoice,
    clipNorm: ourChoice,
    labelSmoothing: ourChoice,
    labelWeight: `${appendix}; 1 in section 4.3, for classification`,
    augmentation: appendix,
  },
};
