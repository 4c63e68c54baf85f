/** A training that a command has prepared, whatever the preset. */
import type { Params, Weights } from '../../lib/data/leaf.js';
import type { HostArray } from '../../lib/data/array.js';
import type { HostWeights } from '../../lib/train/trainState.js';
import type { Recipe } from '../../lib/train/recipe.js';
import type { RecipeRun, Tuning } from '../../lib/train/recipeRun.js';
import type { AnyModel } from '../../presets/preset.js';
import { counted } from '../../lib/data/quantities.js';
import { Failure } from '../failure.js';
import type { TrainingOptions, Wanted } from './options.js';

/** Weights to begin with, and lines about them. */
export interface First {
  /** Undefined for those that a seed makes. */
  readonly weights?: Weights<HostArray>;
  readonly about: readonly string[];
}

/**
 * The weights to begin with, by model.
 * @param classes  names of the classes of the data, where it has any
 */
export type FirstWeights = (model: AnyModel, classes?: readonly string[]) => Promise<First>;

/** First weights and tuning of a command. */
export interface How {
  readonly weights: FirstWeights;
  readonly tuning: Tuning;
  readonly isTuning: boolean;
}

export interface Prepared {
  /** The parts that the loop takes. */
  // Batches differ from preset to preset, and the loop hands them from the data to the step alone.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly run: RecipeRun<any>;
  readonly recipe: Recipe;
  readonly tuning: Tuning;
  /**
   * The data of a person and the options that change examples, as JSON, which a resumed run must share: a digest of files,
   * the classes, the share that is held out.
   */
  readonly data: Readonly<Record<string, unknown>>;
  /** Lines about the data: sizes, files that were skipped. */
  readonly about: readonly string[];
  /** Small files beside the weights, by name, as JSON: the config, the names of classes. */
  readonly files: Readonly<Record<string, unknown>>;
}

/** The parameters that a run begins with, adapters too. */
export const firstParams = ({ run }: Prepared) => run.state.params as Params<HostArray>;

/** The leaves that are frozen, and the rates of others. */
export const treated = ({ freeze, rates }: Tuning): Omit<Tuning, 'adapters'> => ({
  ...(freeze !== undefined && { freeze }),
  ...(rates && { rates }),
});

/** Weights of the plain model: adapters are merged into their matrices. */
export const plainWeights = (
  { tuning }: Pick<Prepared, 'tuning'>,
  { params, state }: HostWeights,
): HostWeights => ({
  params: tuning.adapters ? tuning.adapters.merge(params) : params,
  state,
});

/** The file of the changes to a published config, where there are some. */
export const configFile = (changes: unknown): Prepared['files'] =>
  Object.keys(changes as object).length === 0 ? {} : { 'config.json': changes };

/**
 * A recipe whose batch is no larger than the data: the published batch is made smaller, one that was asked for stays.
 * @param most  the largest batch
 * @param of    the data, in words: '54 pictures'
 */
export const fitted = (wanted: Wanted, most: number, of: string): Omit<Wanted, 'withBatch'> => {
  const { withBatch, recipe, changes } = wanted;
  if (withBatch === undefined || most < 1 || most >= recipe.batchSize) return { recipe, changes };
  const fit = withBatch(most);
  const why = (change: string): string =>
    change.startsWith('batchSize: ') ? `${change} (of ${of} to train on)` : change;
  return { recipe: fit.recipe, changes: fit.changes.map(why) };
};

/**
 * A recipe whose batch the data have, as `fitted` makes it.
 * @param example  one of them, in a word: 'picture'
 * @param most     the largest batch that is taken by itself; all examples if not given
 * @throws Failure for a batch that was asked for, of more examples than there are
 */
export const fittedTo = (
  wanted: Wanted,
  found: number,
  example: string,
  { batch }: Pick<TrainingOptions, 'batch'>,
  most = found,
): Omit<Wanted, 'withBatch'> => {
  const fit = fitted(wanted, most, counted(found, example));
  const { batchSize } = fit.recipe;
  if (batchSize <= found) return fit;
  const expected = `at most the ${counted(found, example)} to train on`;
  throw new Failure(
    batch === undefined
      ? `the recipe's batchSize is ${batchSize}, expected ${expected}: give a smaller one by --batch`
      : `--batch is ${batchSize}, expected ${expected}`,
  );
};
