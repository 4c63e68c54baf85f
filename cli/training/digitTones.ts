/** Preparing the training on handwritten digits and their telephone tones, which come with the package. */
import { counted, grouped } from '../../lib/data/quantities.js';
import { digitExamples, trainingDigits } from '../../presets/digits/recipe/training.js';
import { heldOutDigits } from '../../presets/digits/verify.js';
import { digitTonesRecipe } from '../../presets/digitTones/recipe.js';
import { digitTonesTraining } from '../../presets/digitTones/recipe/training.js';
import type { AnyModel } from '../../presets/preset.js';
import { readArrays } from '../demo/readArrays.js';
import { UsageError } from '../failure.js';
import { configChanges, loadModel, loadWeights } from '../load.js';
import { recipeOf, seedOf, type TrainingOptions } from './options.js';
import { configFile, fittedTo, type How, type Prepared } from './prepared.js';
import { digitTones } from '../../presets/digitTones/preset.js';

/** The training of `digit-tones` by a command's options. */
export const digitTonesOfPackage = async (
  options: TrainingOptions,
  { weights, tuning }: How,
): Promise<Prepared & { readonly changes: readonly string[] }> => {
  if (options.data !== undefined)
    throw new UsageError('digit-tones learns the digits of the package and their tones: leave --data out');
  const wanted = await recipeOf(digitTonesRecipe, options);
  const json = (await configChanges('digit-tones', options)) as object;
  const model = await loadModel('digit-tones', options, ['digit-tones']);
  const [train, held] = [await readArrays(trainingDigits), await readArrays(heldOutDigits)];
  const training = digitExamples({ images: train.images, labels: train.labels });
  const heldOut = digitExamples({ images: held.images, labels: held.labels });
  const { recipe, changes } = fittedTo(wanted, training.length, 'picture', options);
  const reader = await loadModel('digits', {}, ['digits']);
  const first = await weights(model as unknown as AnyModel);
  const run = digitTonesTraining({
    masked: (maskProbs) => digitTones({ ...json, maskProbs }),
    recipe,
    training,
    heldOut,
    reader: { model: reader, weights: await loadWeights(reader as unknown as AnyModel, {}) },
    seed: seedOf(options),
    ...(first.weights && { weights: first.weights }),
  });
  return {
    run,
    recipe,
    tuning,
    changes,
    data: {},
    about: [`${counted(training.length, 'digit')} to train on, ${grouped(heldOut.length)} held out`],
    files: configFile(json),
  };
};
