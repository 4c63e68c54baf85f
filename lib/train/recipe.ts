/**
 * Recipes: the numbers that a model was trained with, as data, each with its source. A recipe makes the transformation
 * of gradients, and can be fitted to other batches and another number of steps.
 */
import { adam, lamb } from './optimizers.js';
import { clipByGlobalNorm, deepMindDecays } from './scaling.js';
import {
  constantSchedule,
  cosineDecaySchedule,
  joinSchedules,
  linearSchedule,
  type Schedule,
} from './schedules.js';
import { chain, type Transformation } from './transformation.js';

/** The settings of a training. */
export interface RecipeSettings {
  readonly batchSize: number;
  readonly numSteps: number;
  readonly optimizer: 'lamb' | 'adam';
  /** The highest learning rate. */
  readonly peakRate: number;
  /** Steps in which the rate rises from 0 in a straight line. */
  readonly warmupSteps: number;
  /** Steps at the highest rate, after the warm-up; then the rate falls to 0, by half a cosine, at the last step. */
  readonly flatSteps: number;
  readonly weightDecay: number;
  /** The leaves that decay: all, or all but biases and norms. */
  readonly decays: 'all' | 'notBiasesAndNorms';
  /** The largest norm of all gradients together; null for none. */
  readonly clipNorm: number | null;
  readonly labelSmoothing: number;
  /** Augmentation and corruption of the data, in words. */
  readonly augmentation: string;
}

/** A recipe: settings, and the place that each was taken from. */
export interface Recipe extends RecipeSettings {
  readonly sources: Readonly<Record<keyof RecipeSettings, string>>;
}

/** The source of a setting that no publication gives. */
export const ourChoice = 'our choice: not published';

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
}

const expectCount = (name: string, value: number): void => {
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`scaleRecipe: ${name} is ${value}, expected an integer above 0`);
};

/** The settings that a scale touches. */
const scalable = ['batchSize', 'numSteps', 'peakRate', 'warmupSteps', 'flatSteps'] as const;

/**
 * A recipe for other batches and another number of steps. The rate goes with the batch in proportion, as in DeepMind's
 * perceiver/train (5e-4 · batch / 256); warm-up and flat part keep their shares of the run.
 * @returns the recipe, whose sources name the values before, and a line for each change
 * @throws RangeError for a batch or steps that are no whole number above 0
 */
export const scaleRecipe = (
  recipe: Recipe,
  { batchSize = recipe.batchSize, numSteps = recipe.numSteps }: Scale,
): { readonly recipe: Recipe; readonly changes: readonly string[] } => {
  expectCount('batchSize', batchSize);
  expectCount('numSteps', numSteps);
  const share = numSteps / recipe.numSteps;
  const scaled = {
    ...recipe,
    batchSize,
    numSteps,
    peakRate: (recipe.peakRate * batchSize) / recipe.batchSize,
    warmupSteps: Math.floor(recipe.warmupSteps * share),
    flatSteps: Math.floor(recipe.flatSteps * share),
  };
  const changed = scalable.filter((name) => scaled[name] !== recipe[name]);
  const sources = Object.fromEntries(
    changed.map((name) => [name, `scaled from ${recipe[name]}, ${recipe.sources[name]}`]),
  );
  return {
    recipe: { ...scaled, sources: { ...recipe.sources, ...sources } },
    changes: changed.map((name) => `${name}: ${recipe[name]} → ${scaled[name]}`),
  };
};
