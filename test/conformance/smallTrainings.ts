/** The small trainings: recipes of presets at small size with 200 steps each, and a Perceiver of one's own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray } from '../../lib/data/array.js';
import { key } from '../../lib/random/index.js';
import * as train from '../../lib/train/index.js';
import { digits, flow, multimodal, perceiverAr, words } from '../../presets/index.js';
import { digitsRecipe } from '../../presets/digits/recipe.js';
import { digitExamples, trainingDigits } from '../../presets/digits/recipe/training.js';
import { flowRecipe } from '../../presets/flow/recipe.js';
import { madePairs } from '../../presets/flow/recipe/pairs.js';
import { flowTraining } from '../../presets/flow/recipe/training.js';
import { classifierTraining } from '../../presets/imagenet/recipe/training.js';
import { maskedTraining } from '../../presets/language/recipe/training.js';
import { multimodalRecipe } from '../../presets/multimodal/recipe.js';
import { perceiverArRecipe } from '../../presets/perceiverAr/recipe.js';
import { copyTraining } from '../../presets/perceiverAr/recipe/copying.js';
import { wordsRecipe } from '../../presets/words/recipe.js';
import { readArrays } from '../golden/case.js';
import { root } from '../project.js';
import { twoSenses } from './twoSenses.js';

/** Steps of each training. */
export const numSteps = 200;

/** The parts of a training that conformance takes. */
export type SmallTraining = Pick<train.RecipeRun<never>, 'step' | 'state' | 'data' | 'key'>;

/** A recipe in 200 steps, with a rate for a small model and a small batch. */
const short = (recipe: train.Recipe, batchSize: number): train.Recipe => ({
  ...train.scaleRecipe(recipe, { batchSize, numSteps }).recipe,
  peakRate: 1e-3,
  warmupSteps: Math.min(recipe.warmupSteps, 20),
});

const pictures = () => {
  const { images, labels } = Object.fromEntries(readArrays(trainingDigits.pathname));
  return digitExamples({ images, labels });
};

const ofDigits = (tuning: train.Tuning = {}) =>
  classifierTraining({
    model: digits(),
    recipe: short(digitsRecipe, 16),
    training: pictures(),
    heldOut: pictures(),
    seed: 0,
    tuning,
  });

const ofWords = () => {
  const text = readFileSync(join(root, 'LICENSE'), 'utf8');
  const model = words({
    maxLength: 32,
    modelChannels: 32,
    encoder: { numLatents: 8, numLatentChannels: 64, numSelfAttendsPerBlock: 2, vChannels: 64 },
    decoder: { position: { kind: 'trainable', numChannels: 32 }, vChannels: 32 },
  });
  return maskedTraining({ model, recipe: short(wordsRecipe, 8), text, heldOut: text, seed: 0 });
};

const ofCopies = () => {
  const model = perceiverAr({
    embedChannels: 32,
    latentChannels: 32,
    numCrossAttendHeads: 4,
    numSelfAttendHeads: 4,
    crossAttendWideningFactor: 1,
    selfAttendWideningFactor: 1,
  });
  return copyTraining({ model, recipe: short(perceiverArRecipe, 8), seed: 0, heldOut: 4 });
};

const ofFlow = () => {
  const pairs = (seed: number) => madePairs({ height: 8, width: 12, length: 64, key: key(seed), most: 2 });
  return flowTraining({
    model: flow(flow.small),
    recipe: short(flowRecipe, 4),
    training: pairs(1),
    heldOut: pairs(2),
    seed: 0,
  });
};

/** Two equal frames of a digit, [2, 8, 8, 3], a tone of its class, [64, 1], and the class. */
const clips = () => {
  const { length, at } = pictures();
  return {
    length,
    at: async (index: number) => {
      const { image, label } = await at(index, key(0));
      const grey = image.data as Float32Array;
      const pitch = 400 + 50 * Number(label.data[0]);
      const pixels = Float32Array.from({ length: 6 * 64 }, (_, i) => grey[Math.floor(i / 3) % 64]);
      const sound = Float32Array.from({ length: 64 }, (_, i) => Math.sin((2 * Math.PI * pitch * i) / 8000));
      return {
        image: float32([2, 8, 8, 3], pixels) as HostArray,
        audio: float32([64, 1], sound) as HostArray,
        label,
      };
    },
  };
};

type Clips = train.Batched<Awaited<ReturnType<ReturnType<typeof clips>['at']>>>;

/** An autoencoder whose parts are masked at random, decoded at every point. */
const ofClips = () => {
  const model = multimodal({
    ...multimodal.small,
    ...{ numFrames: 2, patchGrid: 2, samplesPerFrame: 32, samplesPerPatch: 16, numClasses: 10 },
    maskProbs: { image: 0.3, audio: 0.3, label: 0.5 },
  });
  const recipe = short(multimodalRecipe, 4);
  const loss: train.Loss<Clips> = ({ params, state }, { image, audio, label, exampleWeights }, options) => {
    const clip = { image, audio, label: train.oneHot(label, 10) };
    const { output } = model.apply(params, state, options, clip);
    const losses = train.autoencoderLoss(
      {
        video: { output: output.image, target: tf.reshape(image, output.image.shape) },
        audio: { output: tf.reshape(output.audio, audio.shape), target: audio },
        label: { output: output.label, target: label },
      },
      { video: 1, audio: 1, label: 1 },
    );
    return train.weighted(losses, exampleWeights);
  };
  return train.recipeRun({
    recipe,
    loss,
    data: train.batches(clips(), { batchSize: recipe.batchSize }),
    model,
    seed: 0,
    evaluate: () => Promise.reject(new Error('nothing is evaluated')),
  });
};

const decoderAlone = train.allBut(/^classification_decoder\//);

/** A training of the table. */
export interface Named {
  readonly what: string;
  readonly make: () => SmallTraining;
  /** A sentence or more of its own for the page. */
  readonly doc?: string;
}

const named = (what: string, make: () => unknown, doc?: string): Named => ({
  what,
  make: () => make() as SmallTraining,
  ...(doc !== undefined && { doc }),
});

const ofChaos =
  "At ten times the rate, 0.01, LAMB moves every leaf by up to a hundredth of its norm in each step, and the training of two senses is chaotic: a difference grows tenfold in about five steps. Its curve is compared up to the step at which this library's own run, moved by 1e-7, parts from itself by a thousandth. The figures that follow are of runs by hand on 2026-11-30, which no command repeats. Losses of this library's own runs from parameters moved by 1e-7 differed by 1e-4 at step 23, by 1e-2 at step 33 and by more than the loss itself at step 77; with the kernels `plain` in the place of `relaxed` at steps 25, 32 and 123, in onnxruntime at 29, 45 and 132. One and two threads gave the same bits. In 100 single steps from recorded states, onnxruntime's update of each leaf was this library's own within 4.1e-5, but for the three biases of keys: their gradient is zero, because a softmax does not change when its scores move together, so that their updates are rounding alone, and change no output.";

/** By the names of conformance's parts. */
export const smallTrainings: Readonly<Record<string, Named>> = {
  trainDigits: named('digits', ofDigits),
  trainDecoder: named('the decoder of digits alone', () => ofDigits({ freeze: decoderAlone })),
  trainWords: named('words', ofWords),
  trainCopies: named('copying, by Perceiver AR with dropout', ofCopies),
  trainFlow: named('flow on made pairs', ofFlow),
  trainClips: named('digits with tones, masked at random', ofClips),
  trainTwoSenses: named("a Perceiver of one's own for two senses", () => twoSenses(1e-3)),
  trainTwoSensesFast: named(
    "a Perceiver of one's own for two senses, at ten times the rate",
    () => twoSenses(1e-2),
    ofChaos,
  ),
};
