/** Augmentation that batch, data or options do not allow is told, and kept in the recipe. */
import t from 'tap';
import { augmentationOf } from '../../../cli/training/augmentation.js';
import { imagenetRecipe, jftRecipe } from '../../../presets/imagenet/recipe.js';

const of = (batchSize: number, numPictures: number, augment = true) =>
  augmentationOf({ ...imagenetRecipe, batchSize }, numPictures, { augment });

t.test('an even batch of at most half of the data is mixed, and the recipe stays', async (t) => {
  t.match(of(16, 32), { isMixed: true, changes: [], recipe: { augmentation: /CutMix and MixUp \(/ } });
  t.match(augmentationOf(jftRecipe, 1e6, { augment: true }), { isMixed: false, changes: [] });
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
