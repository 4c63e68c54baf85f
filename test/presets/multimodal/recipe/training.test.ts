/** The autoencoder's training, at small size. */
import t from 'tap';
import { float32, int32 } from '../../../../lib/data/array.js';
import { engine } from '../../../../lib/engine/index.js';
import { key, uniform } from '../../../../lib/random/index.js';
import { train } from '../../../../lib/train/index.js';
import { multimodal } from '../../../../presets/multimodal/preset.js';
import { multimodalRecipe } from '../../../../presets/multimodal/recipe.js';
import { autoencoderTraining, clipFigures } from '../../../../presets/multimodal/recipe/training.js';

const small = {
  ...multimodal.small,
  ...{ numFrames: 2, patchGrid: 2, samplesPerFrame: 32, samplesPerPatch: 16, numClasses: 10 },
};

/** Clips of one grey and one class each. */
const clips = {
  length: 6,
  at: (i: number) => ({
    image: float32([2, 8, 8, 3], new Float32Array(384).fill(i / 6)),
    audio: float32([64, 1], uniform(key(i), [64]).data),
    label: int32([], [i]),
  }),
};

const sizes = { batchSize: 4, numSteps: 12, warmupSteps: 0, peakRate: 0.02 };
const recipe = { ...multimodalRecipe, ...sizes, labelWeight: 1 };

t.test('the label is masked in half of the examples in training, and always in evaluation', async (t) => {
  await engine({ threads: 1 });
  t.same(multimodal(small).config.maskProbs, { image: 0, audio: 0, label: 1 }, 'as published');
  const parts = autoencoderTraining({
    views: [{ model: multimodal({ ...small, maskProbs: { label: 0.5 } }), examples: 4 }],
    recipe,
    training: clips,
    evaluate: clipFigures(multimodal(small), clips, 4),
    seed: 0,
    lossWeights: { video: 1, audio: 1 },
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

t.test(
  'the views of a batch are all of its examples, and frames are decoded at their own size',
  async (t) => {
    const evaluate = clipFigures(multimodal(small), clips, 4);
    const given = { recipe, training: clips, evaluate, seed: 0 };
    const views = [{ model: multimodal(small), examples: 3 }];
    t.throws(() => autoencoderTraining({ ...given, views }), {
      message: 'the views take 3 examples, expected the 4 of a batch',
    });
    const larger = [{ model: multimodal({ ...small, decodedShape: [1, 16, 16] }), examples: 4 }];
    t.throws(() => autoencoderTraining({ ...given, views: larger }), {
      message: 'frames are decoded at 16 × 16, expected their own size',
    });
  },
);
