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

/** The parts of an augmentation. */
interface Parts {
  /** Random crops, flips and RandAugment of each picture. */
  readonly isOfPictures: boolean;
  /** CutMix and MixUp, which make one batch of two. */
  readonly isMixed: boolean;
}

/** Augmentations by the words that a recipe has for them. */
const known: readonly (readonly [words: string, parts: Parts])[] = [
  [imagenetRecipe.augmentation, { isOfPictures: true, isMixed: true }],
  [
    'RandAugment, 4 layers of magnitude 5; no CutMix and MixUp; bicubic resizing',
    { isOfPictures: true, isMixed: false },
  ],
  [
    'CutMix and MixUp (α 0.2), half of the batch each; no RandAugment',
    { isOfPictures: false, isMixed: true },
  ],
  ['none', { isOfPictures: false, isMixed: false }],
];

/** The augmentations that a recipe may name, for a preset whose pictures are photographs, and for others. */
export const augmentationsOf = (isPhotographed: boolean): readonly string[] =>
  known.flatMap(([words]) => (isPhotographed || words === 'none' ? [words] : []));

const partsOf = ({ augmentation }: Recipe): Parts =>
  known.find(([words]) => words === augmentation)?.[1] ?? { isOfPictures: false, isMixed: false };

/** The training's pictures: how many there are to train on, and their channels. */
interface Pictures {
  readonly count: number;
  readonly channels: number;
}

/** The reason why pictures stay as they are; undefined where they are augmented if the recipe says so. */
const whyUnchanged = (channels: number): string | undefined =>
  channels > 1 ? undefined : 'RandAugment is of colours, and the pictures have one channel';

/** The reason why batches cannot be mixed; undefined where they can. */
const whyUnmixed = ({ batchSize }: Recipe, count: number): string | undefined => {
  if (batchSize % 2 !== 0)
    return `each makes half of a batch, and the batch of ${batchSize} is odd: take an even --batch`;
  if (count < 2 * batchSize)
    return `they make one batch of two, and ${counted(count, 'picture')} to train on are fewer than 2 × ${batchSize}: take a --batch of at most ${2 * Math.floor(count / 4)}`;
  return undefined;
};

/** The largest batch of some pictures: all of them, or an even half where CutMix and MixUp make one batch of two. */
export const largestBatch = (
  recipe: Recipe,
  count: number,
  { augment }: Pick<TrainingOptions, 'augment'>,
): number => {
  const half = 2 * Math.floor(count / 4);
  return augment && partsOf(recipe).isMixed && half > 0 ? half : count;
};

/** Tells whether pictures of a number of channels are augmented one by one. */
export const isOfPictures = (
  recipe: Recipe,
  channels: number,
  { augment }: Pick<TrainingOptions, 'augment'>,
): boolean => augment && partsOf(recipe).isOfPictures && whyUnchanged(channels) === undefined;

/** The augmentation of a training: the recipe's, without the parts that options, pictures or batch do not allow. */
export const augmentationOf = (
  recipe: Recipe,
  { count, channels }: Pictures,
  options: Pick<TrainingOptions, 'augment'>,
): Augmentation => {
  const { augmentation, sources } = recipe;
  const wanted = partsOf(recipe);
  const reasons = options.augment
    ? [wanted.isOfPictures && whyUnchanged(channels), wanted.isMixed && whyUnmixed(recipe, count)]
    : [(wanted.isOfPictures || wanted.isMixed) && '--no-augment'];
  const why = reasons.filter((reason) => typeof reason === 'string').join('; ');
  const isMixed = wanted.isMixed && options.augment && whyUnmixed(recipe, count) === undefined;
  if (why === '') return { recipe, changes: [], isMixed };
  const ofPictures = isOfPictures(recipe, channels, options);
  const [to] = known.find(
    ([, parts]) => parts.isOfPictures === ofPictures && parts.isMixed === isMixed,
  ) as (typeof known)[number];
  return {
    recipe: { ...recipe, augmentation: to, sources: { ...sources, augmentation: why } },
    changes: [`augmentation: ${augmentation} → ${to} (${why})`],
    isMixed,
  };
};
