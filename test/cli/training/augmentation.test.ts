/** Augmentation that batch, data or options do not allow is told, and kept in the recipe. */
import { join } from 'node:path';
import t from 'tap';
import { augmentationOf, augmentationsOf } from '../../../cli/training/augmentation.js';
import { recipeOf } from '../../../cli/training/options.js';
import type { Recipe } from '../../../lib/train/recipe.js';
import { digitsRecipe } from '../../../presets/digits/recipe.js';
import { wordsRecipe } from '../../../presets/words/recipe.js';
import { imagenetRecipe, jftRecipe } from '../../../presets/imagenet/recipe.js';

const of = (batchSize: number, count: number, augment = true, channels = 3) =>
  augmentationOf({ ...imagenetRecipe, batchSize }, { count, channels }, { augment });

t.test('an even batch of at most half of the data is mixed, and the recipe stays', async (t) => {
  t.match(of(16, 32), { isMixed: true, changes: [], recipe: { augmentation: /CutMix and MixUp \(/ } });
  t.match(augmentationOf(jftRecipe, { count: 1e6, channels: 3 }, { augment: true }), {
    isMixed: false,
    changes: [],
  });
});

for (const [called, [batchSize, numPictures, augment], why] of [
  ['an odd batch', [15, 54, true], /the batch of 15 is odd: take an even --batch/],
  [
    'a batch above half of the data',
    [28, 54, true],
    /54 pictures .* fewer than 2 × 28: take a --batch of at most 26/,
  ],
  ['an option', [16, 54, false], /→ none \(--no-augment\)/],
] as const)
  t.test(`${called} is a change of the recipe`, async (t) => {
    const { recipe, changes, isMixed } = of(batchSize, numPictures, augment);
    t.notOk(isMixed);
    t.equal(changes.length, 1);
    t.match(changes[0], why);
    t.match(recipe.augmentation, augment ? 'no CutMix and MixUp' : /^none$/);
  });

t.test('pictures of one channel are mixed, if at all, and the recipe says so', async (t) => {
  t.match(of(16, 32, true, 1), {
    isMixed: true,
    changes: [
      / → CutMix and MixUp .*; no RandAugment \(RandAugment is of colours, and the pictures have one/,
    ],
    recipe: { augmentation: /^CutMix and MixUp .*; no RandAugment$/ },
  });
  t.match(of(15, 32, true, 1), {
    isMixed: false,
    changes: [/ → none \(RandAugment is of colours, .*; each makes half of a batch/],
    recipe: { augmentation: /^none$/ },
  });
});

t.test('a recipe may name an augmentation that the training has, and no other', async (t) => {
  const folder = t.testdir({
    'none.json': '{"augmentation":"none"}',
    'other.json': '{"augmentation":"cutmix"}',
  });
  const from = (file: string, recipe: Recipe, known?: readonly string[]) =>
    recipeOf(recipe, { recipe: join(folder, file) }, known);
  const photographs = augmentationsOf(true);
  t.equal((await from('none.json', imagenetRecipe, photographs)).recipe.augmentation, 'none');
  for (const refused of [
    () => from('other.json', imagenetRecipe, photographs),
    () => from('other.json', digitsRecipe, augmentationsOf(false)),
  ])
    await t.rejects(refused(), /augmentation: found "cutmix", expected '.*none'/);
  // The words of the language models only describe what is done.
  await t.rejects(
    from('none.json', wordsRecipe),
    /found "none", expected '.*masked, 15 %': this training has no other/,
  );
});
