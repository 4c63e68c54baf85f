/**
 * The published trainings of the ImageNet models: A from nothing, B pretrained on JFT and fine-tuned.
 */
import { ourChoice } from '../../lib/train/ourChoice.js';
import type { Recipe } from '../../lib/train/recipe.js';

const appendix = 'arXiv:2107.14795, appendix A.1';
const experiment = "DeepMind's perceiver/train/experiment.py";

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

const larger = 'arXiv:2107.14795, appendix A.2';

/** Pretraining of the larger models on JFT-300M. */
export const jftRecipe: Recipe = {
  ...imagenetRecipe,
  batchSize: 8192,
  numSteps: Math.floor((14 * 300e6) / 8192),
  peakRate: 3e-4,
  flatSteps: 0,
  clipNorm: null,
  labelSmoothing: 0,
  augmentation: 'none',
  sources: {
    ...imagenetRecipe.sources,
    batchSize: larger,
    numSteps: `${larger}: 14 epochs of 300 million pictures`,
    optimizer: larger,
    peakRate: larger,
    warmupSteps: ourChoice,
    flatSteps: `${larger}: cosine`,
    weightDecay: larger,
    decays: ourChoice,
    clipNorm: ourChoice,
    labelSmoothing: ourChoice,
    augmentation: ourChoice,
  },
};

/** Fine-tuning on ImageNet of the larger model with Fourier features. */
export const jftTuningRecipe: Recipe = {
  ...imagenetRecipe,
  numSteps: 131_000,
  flatSteps: 70_000,
  sources: {
    ...imagenetRecipe.sources,
    batchSize: ourChoice,
    numSteps: larger,
    optimizer: larger,
    peakRate: larger,
    warmupSteps: ourChoice,
    flatSteps: larger,
    weightDecay: ourChoice,
    decays: ourChoice,
    clipNorm: ourChoice,
    labelSmoothing: ourChoice,
    augmentation: ourChoice,
  },
};

/** Fine-tuning of the larger model with a convolution, which was unstable at ten times this rate. */
export const jftConvTuningRecipe: Recipe = { ...jftTuningRecipe, peakRate: 2e-4 };
