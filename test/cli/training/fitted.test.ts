/** The published batch is made smaller for few examples; one that was asked for is not. */
import { join } from 'node:path';
import t from 'tap';
import { largestBatch } from '../../../cli/training/augmentation.js';
import { recipeOf } from '../../../cli/training/options.js';
import { fittedTo } from '../../../cli/training/prepared.js';
import { digitsTuningRecipe } from '../../../presets/digits/recipe.js';
import { imagenetRecipe } from '../../../presets/imagenet/recipe.js';

t.test('few pictures are one batch, with a rate that follows its square root', async (t) => {
  const { recipe, changes } = fittedTo(await recipeOf(digitsTuningRecipe, {}), 54, 'picture', {});
  t.match(recipe, { batchSize: 54, peakRate: 0.00195, numSteps: 150 });
  t.same(changes, ['batchSize: 128 → 54 (of 54 pictures to train on)', 'peakRate: 0.003 → 0.00195']);
  const many = fittedTo(await recipeOf(digitsTuningRecipe, {}), 360, 'picture', {});
  t.same(many, { recipe: digitsTuningRecipe, changes: [] }, 'many pictures change nothing');
});

t.test('a rate and steps that were asked for stay, and a batch too large is refused', async (t) => {
  const folder = t.testdir({ 'rate.json': '{"peakRate":0.002}', 'batch.json': '{"batchSize":64}' });
  const wanted = await recipeOf(digitsTuningRecipe, { recipe: join(folder, 'rate.json'), steps: '50' });
  const { recipe } = fittedTo(wanted, 54, 'picture', {});
  t.match(recipe, { batchSize: 54, peakRate: 0.002, numSteps: 50, flatSteps: 25 });
  const given = await recipeOf(digitsTuningRecipe, { batch: '64' });
  t.throws(
    () => fittedTo(given, 54, 'picture', { batch: '64' }),
    /^--batch is 64, expected at most the 54 pictures to train on$/,
  );
  const inFile = await recipeOf(digitsTuningRecipe, { recipe: join(folder, 'batch.json') });
  t.throws(() => fittedTo(inFile, 54, 'picture', {}), /recipe's batchSize is 64, expected at most the 54/);
});

t.test('photographs that are mixed make batches of an even half', async (t) => {
  t.equal(largestBatch(imagenetRecipe, 361, { augment: true }), 180);
  t.equal(largestBatch(imagenetRecipe, 361, { augment: false }), 361);
  t.equal(largestBatch(imagenetRecipe, 3, { augment: true }), 3);
});
