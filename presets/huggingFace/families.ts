/** Hugging Face's Perceiver classes, by the names that a `config.json` has under `architectures`. */
import {
  convolutionClassification,
  fourierClassification,
  learnedClassification,
} from './imageClassification.js';
import { opticalFlow } from './flow.js';
import { maskedLanguage } from './language.js';
import { multimodalAutoencoding } from './multimodal.js';

export const families = {
  PerceiverForMaskedLM: maskedLanguage,
  PerceiverForImageClassificationLearned: learnedClassification,
  PerceiverForImageClassificationFourier: fourierClassification,
  PerceiverForImageClassificationConvProcessing: convolutionClassification,
  PerceiverForOpticalFlow: opticalFlow,
  PerceiverForMultimodalAutoencoding: multimodalAutoencoding,
} as const;

export type Architecture = keyof typeof families;

/** Their names. */
export const architectures = Object.keys(families) as readonly Architecture[];

export const isArchitecture = (name: unknown): name is Architecture =>
  typeof name === 'string' && Object.hasOwn(families, name);
