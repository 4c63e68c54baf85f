/** The parts of the digits' training: one seed is one run, and the first loss is that of guessing. */
import { readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { parseNpz } from '../../../../lib/checkpoint/index.js';
import { engine } from '../../../../lib/engine/index.js';
import { train } from '../../../../lib/train/index.js';
import { digits } from '../../../../presets/digits/preset.js';
import { digitsRecipe } from '../../../../presets/digits/recipe.js';
import { digitExamples, trainingDigits } from '../../../../presets/digits/recipe/training.js';
import { classifierTraining } from '../../../../presets/imagenet/recipe/training.js';

const parsed = parseNpz(readFileSync(trainingDigits));
if (E.isLeft(parsed)) throw new Error('the training set is no npz');
const { images, labels } = Object.fromEntries(parsed.right);
const training = digitExamples({ images, labels });

const lossesOf = async (seed: number): Promise<number[]> => {
  const model = digits({ encoder: { numLatents: 4, numBlocks: 1, numSelfAttendsPerBlock: 1 } });
  const recipe = { ...digitsRecipe, batchSize: 16, numSteps: 2 };
  const parts = classifierTraining({ model, recipe, training, heldOut: training, seed });
  const losses: number[] = [];
  for await (const event of train({ ...parts, evaluate: undefined }))
    if (event.kind === 'step') losses.push(event.metrics.loss);
  return losses;
};

t.test('one seed is one run, another seed another', async (t) => {
  await engine({ threads: 1 });
  const [first, again, other] = [await lossesOf(3), await lossesOf(3), await lossesOf(4)];
  t.equal(first.length, 2);
  t.same(again, first);
  t.notSame(other, first);
  t.ok(Math.abs(first[0] - Math.log(10)) < 0.7, `untrained, the loss is near log 10: ${first[0]}`);
});
