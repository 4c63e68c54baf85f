/** The published training of optical flow; its first phase is `forwardAndReversed`. */
import { ourChoice } from '../../lib/train/ourChoice.js';
import type { Recipe } from '../../lib/train/recipe.js';

const appendix = 'arXiv:2107.14795, appendix H';

export const flowRecipe: Recipe = {
  batchSize: 512,
  numSteps: (480 * 400_000) / 512,
  optimizer: 'lamb',
  peakRate: 4e-4,
  warmupSteps: 0,
  flatSteps: 0,
  weightDecay: 0,
  decays: 'notBiasesAndNorms',
  clipNorm: null,
  labelSmoothing: 0,
  augmentation:
    "AutoFlow's curriculum with RAFT's parameters, and before it a phase without augmentation in which each pair is fed forward and reversed; without that it did not train",
  sources: {
    batchSize: appendix,
    numSteps: `${appendix}: 480 epochs of 400,000 pairs`,
    optimizer: appendix,
    peakRate: appendix,
    warmupSteps: ourChoice,
    flatSteps: `${appendix}: cosine`,
    weightDecay: ourChoice,
    decays: ourChoice,
    clipNorm: ourChoice,
    labelSmoothing: ourChoice,
    augmentation: appendix,
  },
};
