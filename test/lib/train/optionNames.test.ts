/** Names of options: one that is none is refused, in every function that takes some. */
import t from 'tap';
import { float32, int32 } from '../../../lib/data/array.js';
import { key } from '../../../lib/random/index.js';
import * as train from '../../../lib/train/index.js';

const scores = float32([2, 2], [1, 0, 0, 1]);
const labels = int32([2], [0, 1]);
const pixels = { width: 2, height: 2, data: new Uint8ClampedArray(16) };
const examples = { length: 4, at: () => ({ image: float32([2, 2, 1], [1, 2, 3, 4]), label: labels }) };
const evaluated = { data: train.inOrder(examples, 2), run: () => [], figures: () => ({}) };

const misspelt = (right: object): never => ({ ...right, Share: 1 }) as never;

const { metrics } = train;
const calls: Readonly<Record<string, () => unknown>> = {
  mean: () => metrics.mean(scores, misspelt({})),
  likeliest: () => metrics.likeliest(scores, misspelt({})),
  topKAccuracy: () => metrics.topKAccuracy(scores, labels, misspelt({ k: 1 })),
  meanAveragePrecision: () => metrics.meanAveragePrecision(scores, scores, misspelt({})),
  psnr: () => metrics.psnr(scores, scores, misspelt({ range: 1 })),
  meanEndPointError: () => metrics.meanEndPointError(scores, scores, misspelt({})),
  bitsPerByte: () => metrics.bitsPerByte(scores, misspelt({ bytes: 1 })),
  matthews: () => metrics.matthews(labels, labels, misspelt({ numClasses: 2 })),
  f1: () => metrics.f1(labels, labels, misspelt({})),
  pearson: () => metrics.pearson(scores, scores, misspelt({})),
  mixedBatches: () => train.mixedBatches(examples, misspelt({ batchSize: 2, numClasses: 2, cutmix: true })),
  maskWords: () => train.maskWords([1], key(0), misspelt({ isSeparator: () => false, maskId: 0 })),
  randAugment: () => train.randAugment(pixels as never, key(0), misspelt({})),
  randomCrop: () => train.randomCrop(pixels as never, key(0), misspelt({})),
  'phased: phase 0': () => train.phased([misspelt({ data: {} })]),
  samplePoints: () => train.samplePoints(key(0), { audio: 1, video: 1 }, misspelt({ audio: 1, video: 1 })),
  scaleRecipe: () => train.scaleRecipe({} as never, misspelt({})),
  recipeRun: () => train.recipeRun(misspelt({})),
  plotRun: () => train.plotRun('', misspelt({})),
  evaluation: () => train.evaluation(misspelt(evaluated)),
  readable: () =>
    train.readable({ classes: [], files: [] }, () => null as never, misspelt({ onDamaged: 'skip' })),
  trainedParts: () => train.showTrained({}, misspelt({})),
};

for (const [name, call] of Object.entries(calls))
  t.throws(call, new RegExp(`${name}: found option 'Share', which it does not have`), name);

for (const name of ['sgd', 'rmsprop'] as const)
  t.throws(
    () => train[name](0.1, { nesterov: true }),
    new RegExp(`${name}: nesterov is true without momentum, expected both`),
  );

t.throws(
  () => train.valuesOf(0.1 as never, [1]),
  /valuesOf: a schedule is of type number, expected a function/,
);

t.throws(
  () => metrics.topKAccuracy(scores, labels, float32([2], [1, 0]) as never),
  /found option 'shape', which it does not have/,
  'weights in the place of options',
);
