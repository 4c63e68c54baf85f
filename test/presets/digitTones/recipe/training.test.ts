/** The training of digits and their telephone tones, at small size: its clips, its masks, its figures. */
import { readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { parseNpz } from '../../../../lib/checkpoint/index.js';
import { engine } from '../../../../lib/engine/index.js';
import { key } from '../../../../lib/random/index.js';
import { train } from '../../../../lib/train/index.js';
import { digits } from '../../../../presets/digits/preset.js';
import { digitExamples, trainingDigits } from '../../../../presets/digits/recipe/training.js';
import { digitTones } from '../../../../presets/digitTones/preset.js';
import { digitTonesRecipe } from '../../../../presets/digitTones/recipe.js';
import { digitClips, digitTonesTraining, moved } from '../../../../presets/digitTones/recipe/training.js';

const small = {
  ...{ samplesPerFrame: 64, samplesPerPatch: 32, outputChannels: 16, labelQueryChannels: 16 },
  encoder: { numLatents: 4, numLatentChannels: 16, numSelfAttendsPerBlock: 1, numSelfAttendHeads: 2 },
};

t.test('a picture is moved by parts of a pixel, and empty pixels come in', async (t) => {
  const grey = [0, 1, 0, 0, 0.5, 0];
  t.same([...moved(grey, [2, 3], [0, 0])], grey);
  t.same([...moved(grey, [2, 3], [0, 1])], [0, 0, 1, 0, 0, 0.5], 'to the right');
  t.same([...moved(grey, [2, 3], [-0.5, 0])], [0, 0.75, 0, 0, 0.25, 0], 'half a pixel up');
});

t.test('a few steps lower the loss, and held-out digits are judged from picture and sound', async (t) => {
  await engine({ threads: 1 });
  const parsed = parseNpz(readFileSync(trainingDigits));
  if (E.isLeft(parsed)) throw new Error('the training set is no npz');
  const { images, labels } = Object.fromEntries(parsed.right);
  const examples = digitExamples({ images, labels });
  const first = await digitClips(examples, { numFrames: 2, samplesPerFrame: 64 }).at(0, key(0));
  t.same([first.image.shape, first.audio.shape, first.label.shape], [[2, 8, 8, 3], [128, 1], []]);
  t.same(first.image.data.slice(0, 192), first.image.data.slice(192), 'its frames are alike');

  const few = { length: 16, at: examples.at };
  const parts = digitTonesTraining({
    masked: (maskProbs) => digitTones({ ...small, maskProbs }),
    recipe: { ...digitTonesRecipe, batchSize: 8, numSteps: 16, warmupSteps: 0, flatSteps: 8 },
    training: few,
    heldOut: few,
    reader: { model: digits(), weights: digits().init(key(1)) },
    seed: 0,
  });
  const losses: number[] = [];
  for await (const event of train({ ...parts, evaluate: { ...parts.evaluate, every: 16 } })) {
    if (event.kind === 'step') losses.push(event.metrics.loss);
    if (event.kind !== 'evaluated') continue;
    t.same(Object.keys(event.raw), ['label', 'tone', 'fromPicture', 'fromSound']);
    const { label, tone, fromPicture, fromSound } = event.raw;
    t.ok(fromPicture <= Math.min(label, tone) && label <= 1 && fromSound <= 1);
  }
  const mean = (of: readonly number[]) => of.reduce((a, b) => a + b) / of.length;
  t.ok(mean(losses.slice(-4)) < mean(losses.slice(0, 4)), `${losses[0]} falls to ${losses[15]}`);
});
