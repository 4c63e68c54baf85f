/**
 * Recipes: the numbers that a model was trained with, as data, each with its source. A recipe makes the transformation
 * of gradients, and can be fitted to other batches and another number of steps.
 */
import { expectKnown } from '../data/nearest.js';
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import {
  config,
  type ConfigOf,
  type ConfigProblem,
  count,
  decodeConfig,
  natural,
  nonNegative,
  oneOf,
  optional,
  positive,
  probability,
  required,
  text,
} from '../data/config.js';
import { isRecord } from '../data/nest.js';
import { adam, lamb } from './optimizers.js';
import { expectOptions, wholeFrom1 } from './options.js';
import { clipByGlobalNorm, deepMindDecays } from './scaling.js';
import {
  constantSchedule,
  cosineDecaySchedule,
  joinSchedules,
  linearSchedule,
  type Schedule,
} from './schedules.js';
import { chain, type Transformation } from './transformation.js';

const isPositiveOrNull = (value: unknown): value is number | null => value === null || positive.is(value);

/** One type, whose problem is one line; a union of types has a line for each. */
const positiveOrNull = new t.Type<number | null, number | null, unknown>(
  'a number above 0, or null',
  isPositiveOrNull,
  (value, context) =>
    isPositiveOrNull(value) ? t.success(value) : t.failure(value, context, 'a number above 0, or null'),
  t.identity,
);

/** The settings of a training, as JSON. */
export const recipeConfig = config('recipe', 'The settings of a training.', {
  batchSize: required(count, { doc: 'Examples of a step.' }),
  numSteps: required(count, { doc: 'Updates of the whole run.' }),
  optimizer: required(oneOf('lamb', 'adam'), { doc: 'The optimizer.' }),
  peakRate: required(positive, { doc: 'The highest learning rate.' }),
  warmupSteps: required(natural, { doc: 'Steps in which the rate rises from 0 in a straight line.' }),
  flatSteps: required(natural, {
    doc: 'Steps at the highest rate, after the warm-up; then the rate falls to 0, by half a cosine, at the last step.',
  }),
  weightDecay: required(nonNegative, {
    doc: 'The share of the parameters that each update takes away, times the rate.',
  }),
  decays: required(oneOf('all', 'notBiasesAndNorms'), {
    doc: 'The leaves that decay: all, or all but biases and norms.',
  }),
  clipNorm: required(positiveOrNull, {
    doc: 'The largest norm of all gradients together; null for none.',
  }),
  labelSmoothing: required(probability, { doc: 'The share of each label that goes to all classes alike.' }),
  labelWeight: optional(positive, {
    doc: "The weight of the label in an autoencoder's loss; undefined for models whose loss is of one part.",
  }),
  augmentation: required(text, { doc: 'Augmentation and corruption of the data, in words.' }),
});

/** The settings of a training. */
export type RecipeSettings = Omit<ConfigOf<typeof recipeConfig>, 'labelWeight'> & {
  readonly labelWeight?: number;
};

/** A recipe: settings, and the place that each was taken from. */
export interface Recipe extends RecipeSettings {
  readonly sources: { readonly [K in keyof RecipeSettings]: string };
}

/** The learning rate of a recipe. */
export const recipeSchedule = ({ peakRate, warmupSteps, flatSteps, numSteps }: RecipeSettings): Schedule => {
  const fall = numSteps - warmupSteps - flatSteps;
  const phases: readonly (readonly [steps: number, schedule: () => Schedule])[] = [
    [warmupSteps, () => linearSchedule({ initValue: 0, endValue: peakRate, transitionSteps: warmupSteps })],
    [flatSteps, () => constantSchedule(peakRate)],
    [fall, () => cosineDecaySchedule({ initValue: peakRate, decaySteps: fall })],
  ];
  const present = phases.filter(([steps]) => steps > 0);
  const ends = present.map((_, i) => present.slice(0, i + 1).reduce((sum, [steps]) => sum + steps, 0));
  return joinSchedules(
    present.map(([, schedule]) => schedule()),
    ends.slice(0, -1),
  );
};

/** The transformation of gradients of a recipe: clipping, the optimizer, decay. */
export const recipeOptimizer = (recipe: RecipeSettings): Transformation => {
  const rate = recipeSchedule(recipe);
  const { weightDecay, decays, clipNorm } = recipe;
  if (recipe.optimizer === 'adam' && weightDecay !== 0)
    throw new RangeError(`the recipe's optimizer is adam, whose weightDecay is 0; found ${weightDecay}`);
  const mask = decays === 'all' ? {} : { mask: deepMindDecays };
  const optimizer = recipe.optimizer === 'lamb' ? lamb(rate, { weightDecay, ...mask }) : adam(rate);
  return clipNorm === null ? optimizer : chain(clipByGlobalNorm(clipNorm), optimizer);
};

/** Batches and steps of one machine. */
export interface Scale {
  /** As in the recipe if not given. */
  readonly batchSize?: number;
  /** As in the recipe if not given. */
  readonly numSteps?: number;
  /** Follows the batch if not given. */
  readonly peakRate?: number;
}

/** A rate that follows the square root of the batch, in three digits; the recipe's own for its batch. */
const followed = ({ peakRate, batchSize: before }: Recipe, batchSize: number): number =>
  batchSize === before ? peakRate : Number((peakRate * Math.sqrt(batchSize / before)).toPrecision(3));

/** A recipe with other settings: its sources say so for each that changed, and there is a line for each. */
const changedTo = (
  before: Recipe,
  settings: RecipeSettings,
  sourceOf: (name: keyof RecipeSettings) => string,
): { readonly recipe: Recipe; readonly changes: readonly string[] } => {
  const names = Object.keys(recipeConfig.fields) as readonly (keyof RecipeSettings)[];
  const changed = names.filter((name) => settings[name] !== before[name]);
  const sources = Object.fromEntries(changed.map((name) => [name, sourceOf(name)]));
  return {
    recipe: { ...settings, sources: { ...before.sources, ...sources } },
    changes: changed.map((name) => `${name}: ${before[name]} → ${settings[name]}`),
  };
};

/**
 * A recipe for other batches and another number of steps. The rate follows the square root of the batch, as
 * LAMB's authors have it (arXiv:1904.00962, section 4), to three digits: LAMB and Adam divide by the size of gradients, and with
 * a rate in proportion a short fine-tuning in small batches learns next to nothing. Warm-up and flat part keep their shares of the run,
 * to the nearest step.
 * @returns the recipe, whose sources name the values before, and a line for each change
 * @throws RangeError for a batch or steps that are no whole number above 0, or a rate that is not above 0
 */
export const scaleRecipe = (
  recipe: Recipe,
  scale: Scale,
): { readonly recipe: Recipe; readonly changes: readonly string[] } => {
  const { batchSize = recipe.batchSize, numSteps = recipe.numSteps } = scale;
  expectKnown('scaleRecipe', scale, ['batchSize', 'numSteps', 'peakRate']);
  expectOptions('scaleRecipe', { batchSize: [batchSize, wholeFrom1], numSteps: [numSteps, wholeFrom1] });
  const { peakRate = followed(recipe, batchSize) } = scale;
  expectOptions('scaleRecipe', { peakRate: [peakRate, positive] });
  const shareOf = (steps: number): number => Math.round((steps * numSteps) / recipe.numSteps);
  const warmupSteps = Math.min(shareOf(recipe.warmupSteps), numSteps - 1);
  const scaled = {
    ...recipe,
    batchSize,
    numSteps,
    peakRate,
    warmupSteps,
    flatSteps: Math.min(shareOf(recipe.flatSteps), numSteps - warmupSteps),
  };
  return changedTo(recipe, scaled, (name) => `scaled from ${recipe[name]}, ${recipe.sources[name]}`);
};

/**
 * A recipe with some settings changed by JSON.
 * @returns the recipe, whose sources say which settings were given, and a line for each change; or every problem
 */
export const changeRecipe = (
  recipe: Recipe,
  json: unknown,
): E.Either<readonly ConfigProblem[], { readonly recipe: Recipe; readonly changes: readonly string[] }> => {
  if (!isRecord(json)) return E.left([{ path: 'the file', found: json, expected: 'an object of settings' }]);
  const { sources: _sources, ...settings } = recipe;
  const decoded = decodeConfig(recipeConfig, { ...settings, ...json });
  if (E.isLeft(decoded)) return decoded;
  const { labelWeight: found } = decoded.right;
  if (found !== undefined && settings.labelWeight === undefined)
    return E.left([{ path: 'labelWeight', found, expected: 'nothing: this loss has one part' }]);
  return E.right(changedTo(recipe, decoded.right, (name) => `given; ${settings[name]} in the recipe`));
};
