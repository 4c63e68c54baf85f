/** Preparing a training: the data, the recipe, the model, its first weights, and the leaves that train. */
import * as E from 'fp-ts/lib/Either.js';
import type { Checkpoint } from '../../lib/checkpoint/index.js';
import { counted, grouped } from '../../lib/data/quantities.js';
import { adopt } from '../../lib/language/adopt.js';
import { foldIn } from '../../lib/random/index.js';
import { mixedBatches } from '../../lib/train/augment/mix.js';
import { classifierTraining } from '../../presets/imagenet/recipe/training.js';
import type { AnyModel } from '../../presets/preset.js';
import { type PresetRecipes, recipes } from '../../presets/recipes.js';
import { expectMerged } from '../adapters.js';
import { openCheckpointFile, readCheckpointFile } from '../checkpointFile.js';
import { Failure, orFail, UsageError } from '../failure.js';
import { expectThere } from '../paths.js';
import { underHaikuNames } from '../haikuNames.js';
import {
  configChanges,
  loadModel,
  type ModelNamed,
  type ModelOptions,
  shippedCheckpoint,
  showMisfit,
} from '../load.js';
import { digitTonesOfPackage } from './digitTones.js';
import { augmentationOf, augmentationsOf, isOfPictures, largestBatch } from './augmentation.js';
import { filmsTraining } from './films.js';
import { glueTasksTraining } from './glue.js';
import { isFetched, locate } from '../locate.js';
import { modelOf } from '../modelConfig.js';
import { motionTraining } from './motion.js';
import type { Beginning } from './head.js';
import { picturesOf } from './pictures.js';
import { recordingsTraining, taggers } from './recordings.js';
import type { Training } from './run.js';
import { expectPlace } from './runFolder.js';
import { presets } from '../../presets/registry.js';
import { expectTuned } from './tuned.js';
import { isPhotographed, keyOfPart, recipeOf, seedOf, type TrainingOptions } from './options.js';
import { fittedTo, type FirstWeights, type How, type Prepared } from './prepared.js';
import { autoregressive, languageModel, languageModels } from './texts.js';

/** Presets that are trained on pictures with classes, and on texts. */
export const classifiers = [
  'digits',
  'imagenet-fourier',
  'imagenet-learned',
  'imagenet-conv',
  'imagenet-fourier-b',
  'imagenet-conv-b',
] as const;
export const trainable = [
  ...classifiers,
  ...taggers,
  ...languageModels,
  'multimodal',
  'motion',
  'perceiver-ar',
  'glue',
  'digit-tones',
];

type Classifier = ModelNamed<(typeof classifiers)[number]>;

const isClassifier = (name: string): name is (typeof classifiers)[number] =>
  (classifiers as readonly string[]).includes(name);

/**
 * The weights of a checkpoint, of which some leaves are made anew.
 * @param begin  the leaves that are, by checkpoint, model and classes of the data
 */
export const checkpointWeights =
  (
    options: ModelOptions & Pick<TrainingOptions, 'seed'>,
    begin: (checkpoint: Checkpoint, model: AnyModel, classes?: readonly string[]) => Beginning,
  ): FirstWeights =>
  async (model, classes) => {
    const reference = options.checkpoint ?? shippedCheckpoint(model);
    if (reference === undefined)
      throw new UsageError(`${model.name} needs --checkpoint: published (fetched once), or a file`);
    // The weights that GLUE begins with are the language model's.
    const isGlue = model.name === 'glue';
    const { card } = isGlue ? presets.language : model;
    const location = await locate(reference, card, options.offline ? { isOffline: true } : {});
    const read = underHaikuNames(location, await readCheckpointFile(location));
    const { checkpoint, reinitialise, about } = begin(read, model, classes);
    const key = foldIn(keyOfPart(options), 4);
    expectMerged(location, checkpoint.params);
    const adopted = adopt(model, reinitialise ? { reinitialise, key } : {})(checkpoint);
    const weights = orFail(showMisfit(location, model, read, { taken: isGlue ? ['language'] : [] }))(adopted);
    return { weights, about };
  };

const classifier = async (
  name: (typeof classifiers)[number],
  options: TrainingOptions,
  { weights, tuning, isTuning }: How,
): Promise<Prepared & Pick<Training, 'changes'>> => {
  const { training: untuned, tuning: tuned = untuned }: PresetRecipes = recipes[name];
  const published = isTuning ? tuned : untuned;
  const wanted = await recipeOf(published, options, augmentationsOf(isPhotographed(name)));
  const asGiven = (await loadModel(name, options, classifiers)) as Classifier;
  const { imageShape } = asGiven.config;
  const [, , channels] = imageShape;
  const augment = isOfPictures(wanted.recipe, channels, options);
  const task = isTuning ? 'parity' : 'digits';
  const pictures = await picturesOf(name, imageShape, task, { ...options, augment });
  const json = await configChanges(name, options);
  const changes = { ...(json as object), numClasses: pictures.classes.length };
  const made = modelOf(name, changes);
  if (E.isLeft(made))
    throw new Failure(`${name} has no model of ${counted(pictures.classes.length, 'class', 'classes')}`);
  const model = made.right as Classifier;
  const { training, heldOut, selects } = pictures;
  const most = largestBatch(wanted.recipe, training.length, options);
  const fit = fittedTo(wanted, training.length, 'picture', options, most);
  const first = await weights(model as unknown as AnyModel, pictures.classes);
  const found = { count: training.length, channels };
  const { recipe, changes: told, isMixed } = augmentationOf(fit.recipe, found, options);
  const mixes = {
    batchSize: recipe.batchSize,
    numClasses: pictures.classes.length,
    mixupAlpha: 0.2,
    cutmix: true,
  };
  const run = classifierTraining({
    model,
    recipe,
    training,
    heldOut,
    seed: seedOf(options),
    ...(first.weights && { weights: first.weights }),
    tuning,
    selects,
    ...(isMixed && { batchesOf: (all) => mixedBatches(all, mixes) }),
  });
  return {
    run,
    recipe,
    tuning,
    changes: [...fit.changes, ...told],
    data: pictures.data,
    about: [
      ...pictures.about,
      ...first.about,
      `${counted(training.length, 'picture')} to train on, ${grouped(heldOut.length)} held out`,
    ],
    files: { 'config.json': changes, 'classes.json': pictures.classes },
  };
};

const flowElsewhere =
  'flow learns from pairs of pictures with the motion of each pixel, which --data has no layout for (its recipe takes the 400,000 of AutoFlow); motion is the small model that is trained on pairs made here';

/** The training of a preset by a command's options, without its model. */
const prepared = (
  name: string,
  options: TrainingOptions,
  how: How,
): Promise<Prepared & Pick<Training, 'changes'>> => {
  if (isClassifier(name)) return classifier(name, options, how);
  if ((languageModels as readonly string[]).includes(name))
    return languageModel(name as (typeof languageModels)[number], options, how);
  if ((taggers as readonly string[]).includes(name))
    return recordingsTraining(name as (typeof taggers)[number], options, how);
  if (name === 'perceiver-ar') return autoregressive(options, how);
  if (name === 'multimodal') return filmsTraining(options, how);
  if (name === 'motion') return motionTraining(options, how);
  if (name === 'digit-tones') return digitTonesOfPackage(options, how);
  return glueTasksTraining(options, how);
};

/** Refuses a preset that has no training here. */
const expectTrainable = (name: string): void => {
  if ((trainable as readonly string[]).includes(name)) return;
  const why = name === 'flow' ? `\n${flowElsewhere}` : '';
  throw new UsageError(`the preset is '${name}', expected ${trainable.join(', ')}${why}`);
};

/** Refuses a file of weights that cannot be read, before all the data is. */
const expectCheckpoint = async ({ checkpoint }: TrainingOptions): Promise<void> => {
  if (checkpoint === undefined || checkpoint === '-' || isFetched(checkpoint)) return;
  await openCheckpointFile(checkpoint, { verify: false });
};

/** The training of a preset by a command's options, with a line for each setting of the recipe that they change. */
export const prepare = async (
  name: string,
  options: TrainingOptions & { readonly out: string },
  how: How,
): Promise<Training> => {
  expectTrainable(name);
  const { data } = options;
  if (data !== undefined) expectThere(data, 'the data to train on');
  await expectPlace(options.out, options);
  await expectCheckpoint(options);
  const made = await prepared(name, options, how);
  expectTuned(made);
  const model = modelOf(name, made.files['config.json'] ?? {});
  if (E.isLeft(model)) throw new Failure(`${name} has no model of this config`);
  return { ...made, model: model.right };
};
