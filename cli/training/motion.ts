/** Preparing the training of `motion` on pairs that are made of the package's pictures. */
import { counted } from '../../lib/data/quantities.js';
import { foldIn, key } from '../../lib/random/index.js';
import type { Examples } from '../../lib/train/data.js';
import type { MadePair } from '../../presets/flow/recipe/pairs.js';
import { flowTraining } from '../../presets/flow/recipe/training.js';
import { whitened } from '../../presets/flow/recipe/whitening.js';
import {
  crowdedPairs,
  heldOutPairs,
  trainingPairs,
  trainingTextures,
} from '../../presets/motion/recipe/data.js';
import { heldOutTextures } from '../../presets/motion/verify.js';
import { crowdedShare, motionRecipe } from '../../presets/motion/recipe.js';
import type { AnyModel } from '../../presets/preset.js';
import { readArrays } from '../demo/readArrays.js';
import { UsageError } from '../failure.js';
import { configChanges, loadModel } from '../load.js';
import { recipeOf, seedOf, type TrainingOptions } from './options.js';
import { configFile, fittedTo, type How, type Prepared } from './prepared.js';

const pairsOf = async (pairs: Examples<MadePair>, count: number): Promise<readonly MadePair[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => pairs.at(i, key(0))));

/** The training of `motion` by a command's options. */
export const motionTraining = async (
  options: TrainingOptions,
  { weights, tuning }: How,
): Promise<Prepared & { readonly changes: readonly string[] }> => {
  if (options.data !== undefined)
    throw new UsageError("motion learns from pairs made of the package's pictures: leave --data out");
  const wanted = await recipeOf(motionRecipe, options);
  const model = await loadModel('motion', options, ['motion']);
  const { imageShape } = model.config;
  const textures = await readArrays(trainingTextures);
  const training = trainingPairs(textures, imageShape);
  const before = { training: crowdedPairs(textures, imageShape), share: crowdedShare };
  const heldOut = heldOutPairs(await readArrays(heldOutTextures), imageShape);
  const { recipe, changes } = fittedTo(wanted, 2 * training.length, 'pair', options);
  const seed = seedOf(options);
  const given = await weights(model as unknown as AnyModel);
  const first = given.weights ?? whitened(model.init(foldIn(key(seed), 0)), await pairsOf(training, 100));
  return {
    run: flowTraining({ model, recipe, training, before, heldOut, seed, weights: first, tuning }),
    recipe,
    tuning,
    changes,
    data: {},
    about: [
      `${counted(training.length, 'pair')} to train on, forward and reversed; ${heldOut.length} of other pictures held out`,
    ],
    files: configFile(await configChanges('motion', options)),
  };
};
