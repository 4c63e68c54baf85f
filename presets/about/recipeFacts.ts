/**
 * Recipes on model pages and cards: a row for each setting, with its source. A setting that no publication gives has no
 * published value; the recipe's own stands in the place of the source.
 */
import type { TrainingFact } from '../../lib/docs/about.js';
import { grouped } from '../../lib/data/quantities.js';
import { ourChoice } from '../../lib/train/ourChoice.js';
import type { Recipe, RecipeSettings } from '../../lib/train/recipe.js';

/** A row of several settings; the first of them names the source. */
interface Row {
  readonly what: string;
  readonly of: readonly [keyof RecipeSettings, ...(keyof RecipeSettings)[]];
  readonly value: string;
}

const optimizers = { lamb: 'LAMB', adam: 'Adam' } as const;

const rateText = ({ peakRate, warmupSteps, flatSteps, numSteps }: RecipeSettings): string => {
  const fall = numSteps - warmupSteps - flatSteps;
  return [
    `${peakRate}`,
    warmupSteps > 0 ? `after ${grouped(warmupSteps)} steps of linear warm-up` : 'no warm-up',
    ...(flatSteps > 0 ? [`flat for ${grouped(flatSteps)} steps`] : []),
    `half a cosine to 0 over ${grouped(fall)}`,
  ].join(', ');
};

const rowsOf = (recipe: RecipeSettings): readonly Row[] => {
  const { weightDecay, decays, clipNorm, labelSmoothing, labelWeight } = recipe;
  const of = decays === 'all' ? 'all' : 'all but biases and norms';
  return [
    { what: 'batch', of: ['batchSize'], value: grouped(recipe.batchSize) },
    { what: 'steps', of: ['numSteps'], value: grouped(recipe.numSteps) },
    { what: 'optimiser', of: ['optimizer'], value: optimizers[recipe.optimizer] },
    { what: 'learning rate', of: ['peakRate', 'flatSteps', 'warmupSteps'], value: rateText(recipe) },
    { what: 'weight decay', of: ['weightDecay'], value: `${weightDecay}` },
    { what: 'leaves that decay', of: ['decays'], value: of },
    {
      what: 'largest norm of gradients',
      of: ['clipNorm'],
      value: clipNorm === null ? 'none' : `${clipNorm}`,
    },
    { what: 'label smoothing', of: ['labelSmoothing'], value: `${labelSmoothing}` },
    ...(labelWeight === undefined
      ? []
      : [{ what: 'weight of the label in the loss', of: ['labelWeight'], value: `${labelWeight}` } as const]),
    { what: 'augmentation', of: ['augmentation'], value: recipe.augmentation },
  ];
};

/**
 * The settings of a recipe as facts of the training.
 * @param phase  the part of the training that the recipe is of: 'pretraining'
 */
export const recipeFacts = (recipe: Recipe, phase?: string): readonly TrainingFact[] =>
  rowsOf(recipe).map(({ what, of, value }) => {
    const name = phase === undefined ? what : `${phase}: ${what}`;
    const sources = [...new Set(of.map((setting) => recipe.sources[setting] as string))];
    const published = sources.filter((source) => source !== ourChoice);
    return published.length === 0
      ? { what: name, source: `in the recipe here: ${value}` }
      : { what: name, value, source: published.join('; ') };
  });
