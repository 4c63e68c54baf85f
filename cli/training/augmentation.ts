/** The augmentation of a classifier's pictures: the recipe's, as far as options, batch and data allow it. */
import { counted } from '../../lib/data/quantities.js';
import type { Recipe } from '../../lib/train/recipe.js';
import { imagenetRecipe } from '../../presets/imagenet/recipe.js';
import type { TrainingOptions } from './options.js';

/** The recipe as it is carried out, with a line for each change. */
export interface Augmentation {
  readonly recipe: Recipe;
  readonly changes: readonly string[];
  /** True where CutMix and MixUp make one batch of two. */
  readonly isMixed: boolean;
}

/** Pictures as they are. */
const none = 'none';

/** RandAugment alone. */
const unmixed = 'RandAugment, 4 layers of magnitude 5; no CutMix and MixUp; bicubic resizing';

/** The augmentations that a recipe may name, for a preset whose pictures are photographs, and for others. */
export const augmentationsOf = (isPhotographed: boolean): readonly string[] =>
  isPhotographed ? [imagenetRecipe.augmentation, unmixed, none] : [none];

/** Tells whether a recipe changes pictures at all, and `--no-augment` is not given. */
export const isAugmented = (
  { augmentation }: Recipe,
  { augment }: Pick<TrainingOptions, 'augment'>,
): boolean => augment && augmentation !== none;

/** The reason why batches cannot be mixed; undefined where they can. */
const whyUnmixed = ({ batchSize }: Recipe, numPictures: number): string | undefined => {
  if (batchSize % 2 !== 0)
    return `each makes half of a batch, and the batch of ${batchSize} is odd: take an even --batch`;
  if (numPictures < 2 * batchSize)
    return `they make one batch of two, and ${counted(numPictures, 'picture')} to train on are fewer than 2 × ${batchSize}: take a --batch of at most ${2 * Math.floor(numPictures / 4)}`;
  return undefined;
};

/** The augmentation of a training on this number of pictures. */
export const augmentationOf = (
  recipe: Recipe,
  numPictures: number,
  options: Pick<TrainingOptions, 'augment'>,
): Augmentation => {
  const { augmentation, sources } = recipe;
  const changed = (to: string, why: string): Augmentation => ({
    recipe: { ...recipe, augmentation: to, sources: { ...sources, augmentation: why } },
    changes: [`augmentation: ${augmentation} → ${to} (${why})`],
    isMixed: false,
  });
  if (augmentation === none || (augmentation === unmixed && options.augment))
    return { recipe, changes: [], isMixed: false };
  if (!isAugmented(recipe, options)) return changed(none, '--no-augment');
  const why = whyUnmixed(recipe, numPictures);
  if (why === undefined) return { recipe, changes: [], isMixed: true };
  return changed(unmixed, why);
};
