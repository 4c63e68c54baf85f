/** Options of `train` and `finetune`, and the recipe that they ask for. */
import { type Command, Option } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { type ConfigProblem, showConfigProblem } from '../../lib/data/config.js';
import { key as keyOf } from '../../lib/random/index.js';
import { changeRecipe, type Recipe, type RecipeSettings, scaleRecipe } from '../../lib/train/recipe.js';
import { Failure, orFail, UsageError } from '../failure.js';
import { readJson } from '../load.js';
import { folderRateOption, wholeNumber } from '../options.js';

export interface TrainingOptions {
  readonly data?: string;
  readonly heldOut: string;
  readonly onDamaged: string;
  readonly fps: string;
  readonly augment: boolean;
  readonly recipe?: string;
  readonly out?: string;
  readonly steps?: string;
  readonly batch?: string;
  readonly seed: string;
  readonly engine?: 'wasm' | 'onnxruntime';
  readonly threads?: string;
  readonly config?: string;
  /** Of `finetune`: the weights to begin with. */
  readonly checkpoint?: string;
  readonly saveEvery?: string;
  readonly resume?: boolean;
  readonly acceptChanges?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Adds the options that both commands have. */
export const trainingOptions = (command: Command, folder: string): Command =>
  folderRateOption(command)
    .option(
      '--data <path>',
      'train on your own data: a folder with a folder of pictures, recordings or films for each class, a CSV or TSV of file and label, a text file, or the folders of GLUE',
    )
    .option(
      '--held-out <percent>',
      'keep this share of your data out of training, to choose weights by',
      '10',
    )
    .option('--on-damaged <answer>', 'skip files that cannot be read, or stop; they are named', 'stop')
    .option('--no-augment', 'leave photographs as they are: no random crops, RandAugment, CutMix and MixUp')
    .option('--recipe <file>', 'change settings of the recipe by a file of JSON')
    .option('--out <folder>', `write checkpoints and log.jsonl to this folder; default: ${folder}`)
    .option(
      '--steps <n>',
      'train for this number of steps; warm-up and flat part keep their shares of the run',
    )
    .option(
      '--batch <n>',
      'take batches of this size; the learning rate follows its square root, unless --recipe gives one',
    )
    .option('--seed <n>', 'decide first weights and order of the data by this number', '0')
    .addOption(
      new Option(
        '--engine <name>',
        'compute steps with this engine; onnxruntime needs the package onnxruntime-node',
      )
        .choices(['wasm', 'onnxruntime'])
        .default('wasm'),
    )
    .option('--threads <n>', 'compute with this number of threads; default: one for each core')
    .option('--config <file>', 'change the published config by a file of JSON')
    .option(
      '--save-every <n>',
      'save a checkpoint every n steps; default: ten times in the run, and when the last one is 10 minutes old',
    )
    .option('--resume', 'go on from the newest checkpoint of the folder')
    .option(
      '--accept-changes',
      'let --resume go on with other settings or data than before, such as a larger --steps',
    )
    .option('--dry-run', 'take a few steps, tell sizes, memory and time, and write nothing')
    .option('--json', 'print JSON, a line for each event')
    .addHelpText(
      'after',
      `
Ctrl-C saves a checkpoint and the weights, then ends; a second one ends at once.
The same command with --resume goes on.`,
    );

export const countOf = (flag: string, text: string | undefined): number | undefined =>
  text === undefined ? undefined : wholeNumber(flag, text, 1);

export const seedOf = ({ seed }: Pick<TrainingOptions, 'seed'>): number => wholeNumber('--seed', seed, 0);

/** Options that only a person's own data takes. */
const ofOwnData = { heldOut: '--held-out', onDamaged: '--on-damaged', augment: '--no-augment', fps: '--fps' };

/** Presets whose examples are films or sounds, photographs, or labelled files of any kind. */
const isTimed = (preset: string): boolean => /^(audioset-|multimodal$)/.test(preset);
export const isPhotographed = (preset: string): boolean => preset.startsWith('imagenet-');
const isLabelled = (preset: string): boolean =>
  preset === 'digits' || isTimed(preset) || isPhotographed(preset);

/** Options that only some presets take, with the data that they are for. */
const ofSomePresets: readonly (readonly [
  name: keyof typeof ofOwnData,
  takes: (preset: string) => boolean,
  of: string,
])[] = [
  ['fps', isTimed, 'folders of frames, for audioset-raw, audioset-mel and multimodal'],
  ['augment', isPhotographed, 'photographs, for imagenet-…'],
  ['onDamaged', isLabelled, 'labelled files: pictures, recordings and films'],
  [
    'heldOut',
    (preset) => preset !== 'glue',
    'data in one piece: the tasks of GLUE have their own held-out parts',
  ],
];

/** Refuses options that were given and would change nothing. */
export const expectOfUse = (command: Command, preset: string): void => {
  const isGiven = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
  for (const [name, takes, of] of ofSomePresets)
    if (isGiven('data') && isGiven(name) && !takes(preset))
      throw new UsageError(`${ofOwnData[name]} is for ${of}: leave it out for ${preset}`);
  if (isGiven('dryRun') && isGiven('resume'))
    throw new UsageError('--dry-run goes on from no checkpoint and writes none: leave it out, or --resume');
  if (!isGiven('data'))
    for (const [name, flag] of Object.entries(ofOwnData))
      if (isGiven(name))
        throw new UsageError(`${flag} is for your own data: give --data too, or leave it out`);
  if (isGiven('loraOf') && !isGiven('lora'))
    throw new UsageError(
      '--lora-of names the matrices of adapters: give their rank by --lora too, or leave it out',
    );
  if (isGiven('train') && isGiven('lora'))
    throw new UsageError('--lora trains adapters alone: leave --train out, or --lora');
  if (isGiven('acceptChanges') && !isGiven('resume'))
    throw new UsageError('--accept-changes is for --resume: give it too, or leave it out');
};

/** Refuses a recipe whose warm-up and flat part are longer than the run. */
const expectPhases = ({ warmupSteps, flatSteps, numSteps }: Recipe): void => {
  if (warmupSteps + flatSteps > numSteps)
    throw new Failure(
      `the recipe has warmupSteps ${warmupSteps} and flatSteps ${flatSteps}, expected at most numSteps, ${numSteps}, together`,
    );
};

/** The key of a part of a command's own random choices: the split of the data, a new head. */
export const keyOfPart = (options: Pick<TrainingOptions, 'seed'>) => keyOf(seedOf(options));

/** Refuses an augmentation that the training does not have: the record of the run would not be true. */
const withAugmentation =
  (known: readonly string[]) =>
  <A extends { readonly recipe: Recipe }>(given: A): E.Either<readonly ConfigProblem[], A> => {
    const { augmentation: found } = given.recipe;
    if (known.includes(found)) return E.right(given);
    const list = known.map((each) => `'${each}'`).join(' or ');
    const expected = known.length > 1 ? list : `${list}: this training has no other`;
    return E.left([{ path: 'augmentation', found, expected }]);
  };

/** A recipe that options ask for, and what they change. */
export interface Wanted {
  readonly recipe: Recipe;
  /** A line for each change. */
  readonly changes: readonly string[];
  /** The same with another batch; undefined where the options give one. */
  readonly withBatch?: (batchSize: number) => Wanted;
}

/**
 * A recipe as the options change it. The rate follows the batch of `--batch`, unless the file of `--recipe` gives one.
 * @param augmentations  those that the training has, of which a file of `--recipe` may name one; the published one if not given
 */
export const recipeOf = async (
  published: Recipe,
  options: Pick<TrainingOptions, 'recipe' | 'batch' | 'steps'>,
  augmentations: readonly string[] = [published.augmentation],
): Promise<Wanted> => {
  const json = options.recipe === undefined ? {} : await readJson(options.recipe);
  const given = orFail(
    (problems: readonly ConfigProblem[]) =>
      `${options.recipe} is no recipe:\n  ${problems.map(showConfigProblem).join('\n  ')}`,
  )(pipe(changeRecipe(published, json), E.chain(withAugmentation(augmentations))));
  expectPhases(given.recipe);
  const isGiven = (name: keyof RecipeSettings): boolean => Object.hasOwn(json as object, name);
  const { peakRate } = given.recipe;
  const numSteps = countOf('--steps', options.steps);
  const scaledTo = (batchSize: number | undefined): Wanted => {
    const scale = { batchSize, numSteps, ...(isGiven('peakRate') && { peakRate }) };
    const { recipe, changes } = scaleRecipe(given.recipe, scale);
    return { recipe, changes: [...given.changes, ...changes] };
  };
  const batchSize = countOf('--batch', options.batch);
  const isFree = batchSize === undefined && !isGiven('batchSize');
  return { ...scaledTo(batchSize), ...(isFree && { withBatch: scaledTo }) };
};
