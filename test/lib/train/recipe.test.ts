/** Recipes as data: their schedules, the optimizers made of them, and what scaling changes. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import {
  changeRecipe,
  recipeConfig,
  recipeOptimizer,
  recipeSchedule,
  scaleRecipe,
  valuesOf,
} from '../../../lib/train/index.js';
import { digitsRecipe } from '../../../presets/digits/recipe.js';
import { imagenetRecipe } from '../../../presets/imagenet/recipe.js';
import { flowRecipe } from '../../../presets/flow/recipe.js';
import { jftConvTuningRecipe, jftRecipe, jftTuningRecipe } from '../../../presets/imagenet/recipe.js';
import { languageRecipe } from '../../../presets/language/recipe.js';
import { multimodalRecipe } from '../../../presets/multimodal/recipe.js';
import { wordsRecipe } from '../../../presets/words/recipe.js';
import { recipeFacts } from '../../../presets/about/recipeFacts.js';
import { engine } from '../../../lib/engine/index.js';

t.before(() => engine({ backend: 'cpu' }));

const close = (t: Tap, found: readonly number[], wanted: readonly number[]) =>
  found.forEach((rate, i) => t.ok(Math.abs(rate - wanted[i]) < 1e-9, `${rate} is ${wanted[i]}`));
type Tap = typeof t;

t.test("ImageNet's rate is flat for half of the run, then half a cosine to 0", async (t) => {
  const { numSteps, flatSteps } = imagenetRecipe;
  t.equal(numSteps, 137_625, '110 epochs of 1,281,167 pictures in batches of 1,024');
  const middle = flatSteps + (numSteps - flatSteps) / 2;
  const rates = valuesOf(recipeSchedule(imagenetRecipe), [0, flatSteps, numSteps]);
  close(t as Tap, rates, [2e-3, 2e-3, 0].map(Math.fround));
  const [half] = valuesOf(recipeSchedule(imagenetRecipe), [middle]);
  t.ok(Math.abs(half - 1e-3) < 1e-7, 'half of it in the middle of the fall');
});

t.test('a warm-up rises from 0, and a rate without a fall stays', async (t) => {
  const recipe = { ...digitsRecipe, peakRate: 1, numSteps: 20, warmupSteps: 10, flatSteps: 0 };
  close(t as Tap, valuesOf(recipeSchedule(recipe), [0, 5, 10, 20]), [0, 0.5, 1, 0]);
  const flat = { ...recipe, warmupSteps: 0, flatSteps: 20 };
  close(t as Tap, valuesOf(recipeSchedule(flat), [0, 19, 20]), [1, 1, 1]);
});

t.test(
  'scaling moves the rate with the square root of the batch, keeps the shares of the run, and says so',
  async (t) => {
    const { recipe, changes } = scaleRecipe(imagenetRecipe, { batchSize: 256, numSteps: 1000 });
    t.equal(recipe.peakRate, 1e-3, 'the square root of a quarter');
    t.equal(
      scaleRecipe(digitsRecipe, { batchSize: 54 }).recipe.peakRate,
      0.0065,
      'three digits of 0.0064952',
    );
    const kept = scaleRecipe(imagenetRecipe, { batchSize: 256, peakRate: 5e-4 });
    t.equal(kept.recipe.peakRate, 5e-4, "a rate that is given is kept: DeepMind's for a batch of 256");
    t.equal(recipe.flatSteps, 500);
    t.equal(recipe.weightDecay, 0.1);
    t.same(changes, [
      'batchSize: 1024 → 256',
      'numSteps: 137625 → 1000',
      'peakRate: 0.002 → 0.001',
      'flatSteps: 68812 → 500',
    ]);
    t.match(recipe.sources.peakRate, /^scaled from 0.002, arXiv:2107.14795/);
    t.same(
      scaleRecipe(digitsRecipe, {}),
      { recipe: digitsRecipe, changes: [] },
      'nothing given, nothing changed',
    );
    t.throws(
      () => scaleRecipe(digitsRecipe, { numSteps: 0 }),
      /numSteps is 0, expected a whole number from 1/,
    );
    t.throws(() => scaleRecipe(digitsRecipe, { batchSize: 1.5 }), /batchSize is 1.5/);
  },
);

t.test('adam has no decay, and a recipe that asks for one is refused', async (t) => {
  t.throws(() => recipeOptimizer({ ...digitsRecipe, optimizer: 'adam' }), /weightDecay is 0; found 0.1/);
  t.ok(recipeOptimizer({ ...digitsRecipe, optimizer: 'adam', weightDecay: 0 }));
});

t.test('every recipe is whole, makes an optimizer, and ends at a rate of 0', async (t) => {
  const all = { digitsRecipe, imagenetRecipe, jftRecipe, jftTuningRecipe, jftConvTuningRecipe };
  const others = { languageRecipe, wordsRecipe, flowRecipe, multimodalRecipe };
  for (const [name, recipe] of Object.entries({ ...all, ...others })) {
    t.ok(changeRecipe(recipe, {})._tag === 'Right', name);
    t.ok(recipeOptimizer(recipe), name);
    const { numSteps, warmupSteps, peakRate } = recipe;
    close(t as Tap, valuesOf(recipeSchedule(recipe), [warmupSteps, numSteps]), [Math.fround(peakRate), 0]);
    const { sources, ...settings } = recipe;
    t.same(Object.keys(sources).sort(), Object.keys(settings).sort(), `${name}: a source for each setting`);
  }
  t.equal(flowRecipe.numSteps, 375_000, '480 epochs of 400,000 pairs in batches of 512');
  t.equal(jftRecipe.numSteps, 512_695, '14 epochs of 300 million pictures in batches of 8,192');
});

t.test('on pages, settings have their sources, and what is not published has no value', async (t) => {
  const facts = recipeFacts(multimodalRecipe, 'training');
  t.same(facts[0], { what: 'training: batch', value: '1,024', source: 'arXiv:2107.14795, appendix I' });
  t.same(facts[2], { what: 'training: optimiser', source: 'in the recipe here: LAMB' });
  t.match(
    recipeFacts(languageRecipe).find(({ what }) => what === 'learning rate')?.value,
    '0.00125, after 1,000 steps of linear warm-up, half a cosine to 0 over 499,000',
  );
});

t.test('JSON changes a recipe, and every problem of it is told', async (t) => {
  const changed = changeRecipe(digitsRecipe, { clipNorm: null, batchSize: 32 });
  if (changed._tag === 'Left') throw new Error('refused');
  t.same(changed.right.changes, ['batchSize: 128 → 32', 'clipNorm: 10 → null']);
  t.match(changed.right.recipe.sources.clipNorm, /^given; 10 in the recipe/);
  t.equal(changed.right.recipe.sources.optimizer, digitsRecipe.sources.optimizer);
  const wrong = changeRecipe(digitsRecipe, { optimizer: 'sgd', rate: 1, batchSize: 0.5 });
  t.same(wrong._tag === 'Left' && wrong.left.map(({ path }) => path).sort(), [
    'batchSize',
    'optimizer',
    'rate',
  ]);
  t.equal(changeRecipe(digitsRecipe, [1])._tag, 'Left');
});

t.test('the guide has each field of a recipe, with its values and its meaning', (t) => {
  const cells = readFileSync('docs/guide/train.md', 'utf8')
    .split('\n')
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| |\|$/g, '').trim()));
  for (const [name, { codec, doc }] of Object.entries(recipeConfig.fields))
    t.ok(
      cells.some(
        ([field, value, meaning]) => field === `\`${name}\`` && value === codec.name && meaning === doc,
      ),
      `${name}: ${codec.name}: ${doc}`,
    );
  t.end();
});
