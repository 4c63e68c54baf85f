/** The autoencoder's training on digits and their telephone tones, at small size. */
import { readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { parseNpz } from '../../../../lib/checkpoint/index.js';
import { engine } from '../../../../lib/engine/index.js';
import { key } from '../../../../lib/random/index.js';
import { train } from '../../../../lib/train/index.js';
import { digitExamples, trainingDigits } from '../../../../presets/digits/recipe/training.js';
import { multimodal } from '../../../../presets/multimodal/preset.js';
import { multimodalRecipe } from '../../../../presets/multimodal/recipe.js';
import { columnTones, keyIn, keyOf, rowTones, toneOf } from '../../../../presets/multimodal/recipe/tones.js';
import { autoencoderTraining, digitClips } from '../../../../presets/multimodal/recipe/training.js';

t.test("each digit's tone is read back from its sound, also beside noise", async (t) => {
  t.same(keyOf(5), [1, 1]);
  t.same([rowTones[3], columnTones[1]], [941, 1336], 'the keys of 0');
  for (let digit = 0; digit < 10; digit++) {
    const tone = toneOf(digit, 256);
    t.ok(tone.every((sample) => Math.abs(sample) <= 1));
    t.same(keyIn(tone), keyOf(digit), `${digit}`);
    t.same(keyIn(tone.map((sample, i) => 0.3 * sample + 0.4 * Math.sin(i * i))), keyOf(digit));
  }
});

const small = {
  ...multimodal.small,
  ...{ numFrames: 2, patchGrid: 2, samplesPerFrame: 32, samplesPerPatch: 16, numClasses: 10 },
};

t.test('the label is masked in half of the examples in training, and always in evaluation', async (t) => {
  await engine({ threads: 1 });
  const parsed = parseNpz(readFileSync(trainingDigits));
  if (E.isLeft(parsed)) throw new Error('the training set is no npz');
  const { images, labels } = Object.fromEntries(parsed.right);
  const clips = digitClips(digitExamples({ images, labels }), 64);
  const first = await clips.at(0, key(0));
  t.same([first.image.shape, first.audio.shape, first.label.shape], [[2, 8, 8, 3], [64, 1], []]);
  t.same(multimodal(small).config.maskProbs, { image: 0, audio: 0, label: 1 }, 'as published');

  const few = { length: 6, at: clips.at };
  const parts = autoencoderTraining({
    model: multimodal({ ...small, maskProbs: { label: 0.5 } }),
    judged: multimodal(small),
    recipe: { ...multimodalRecipe, batchSize: 4, numSteps: 12, warmupSteps: 0, peakRate: 0.02 },
    training: few,
    heldOut: few,
    seed: 0,
    lossWeights: { video: 1, audio: 1, label: 1 },
    points: { audio: 2, video: 16 },
  });
  const losses: number[] = [];
  for await (const event of train(parts)) {
    if (event.kind === 'step') losses.push(event.metrics.loss);
    if (event.kind === 'evaluated')
      t.same(Object.keys(event.raw), ['videoPsnr', 'audioPsnr', 'accuracy'], 'figures of each part');
  }
  t.ok(losses.every(Number.isFinite));
  const mean = (of: readonly number[]) => of.reduce((a, b) => a + b) / of.length;
  t.ok(mean(losses.slice(-4)) < mean(losses.slice(0, 4)), `${losses[0]} falls to ${losses[11]}`);
});
