/** The published recipes by preset, each setting with its source. */
import type { Recipe } from '../lib/train/recipe.js';
import { audiosetRecipe } from './audioset/recipe.js';
import { digitsRecipe, digitsTuningRecipe } from './digits/recipe.js';
import { digitTonesRecipe } from './digitTones/recipe.js';
import { flowRecipe } from './flow/recipe.js';
import { glueRecipe } from './glue/recipe.js';
import { imagenetRecipe, jftConvTuningRecipe, jftRecipe, jftTuningRecipe } from './imagenet/recipe.js';
import { languageRecipe } from './language/recipe.js';
import { multimodalRecipe } from './multimodal/recipe.js';
import { perceiverArRecipe } from './perceiverAr/recipe.js';
import { motionRecipe } from './motion/recipe.js';
import type { PresetName } from './registry.js';
import { wordsRecipe } from './words/recipe.js';

export interface PresetRecipes {
  /** From nothing. */
  readonly training: Recipe;
  /** From trained weights, where that has settings of its own. */
  readonly tuning?: Recipe;
}

/**
 * Recipes of the presets that have one.
 * @example scaleRecipe(recipes.language.training, { batchSize: 8, numSteps: 1000 })
 */
export const recipes = {
  language: { training: languageRecipe },
  words: { training: wordsRecipe },
  'imagenet-fourier': { training: imagenetRecipe },
  'imagenet-learned': { training: imagenetRecipe },
  'imagenet-conv': { training: imagenetRecipe },
  'imagenet-fourier-b': { training: jftRecipe, tuning: jftTuningRecipe },
  'imagenet-conv-b': { training: jftRecipe, tuning: jftConvTuningRecipe },
  digits: { training: digitsRecipe, tuning: digitsTuningRecipe },
  'digit-tones': { training: digitTonesRecipe },
  flow: { training: flowRecipe },
  motion: { training: motionRecipe },
  multimodal: { training: multimodalRecipe },
  'audioset-raw': { training: audiosetRecipe },
  'audioset-mel': { training: audiosetRecipe },
  glue: { training: glueRecipe },
  'perceiver-ar': { training: perceiverArRecipe },
} as const satisfies Partial<Record<PresetName, PresetRecipes>>;
