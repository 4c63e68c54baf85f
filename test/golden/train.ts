/**
 * The folder `train`: optax's transformations, schedules and losses on stored trees, and five steps of a small
 * classifier with DeepMind's recipe.
 */
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray } from '../../lib/data/array.js';
import { toHostSync, toTensor } from '../../lib/data/leaf.js';
import { map } from '../../lib/data/tree.js';
import { tidy } from '../../lib/engine/index.js';
import * as train from '../../lib/train/index.js';
import { type Arrays, type Case, readArrays, treeUnder } from './case.js';
import { type Check, compare, compareTrees } from './compare.js';

const tolerance = 1e-5;

const updates = 6;

/** The mask of these cases: no biases, no module of norms. */
const mask = (path: string): boolean =>
  !path.endsWith('/b') && !/norm/.test(path.slice(0, path.lastIndexOf('/')));

/** The transformations by their names in the file. */
const transformations: Readonly<Record<string, train.Transformation>> = {
  sgd: train.sgd(0.1),
  momentum: train.sgd(0.1, { momentum: 0.9 }),
  nesterov: train.sgd(0.1, { momentum: 0.9, nesterov: true }),
  adam: train.adam(0.01),
  adamw: train.adamw(0.01, { weightDecay: 0.1 }),
  'adamw-masked': train.adamw(0.01, { weightDecay: 0.1, mask }),
  lamb: train.lamb(0.01, { weightDecay: 0.1 }),
  'lamb-masked': train.lamb(0.01, { weightDecay: 0.1, mask }),
  'perceiver-lamb': train.chain(
    train.clipByGlobalNorm(10),
    train.scaleByAdam({ eps: 1e-6 }),
    train.addDecayedWeights(0.1, { mask }),
    train.scaleByTrustRatio(),
    train.scaleByLearningRate(
      train.warmupCosineDecaySchedule({ initValue: 0, peakValue: 0.02, warmupSteps: 2, decaySteps: 6 }),
    ),
  ),
  'clip-global-norm': train.chain(train.clipByGlobalNorm(1), train.sgd(1)),
  rmsprop: train.rmsprop(0.01),
  lion: train.lion(0.01),
  adafactor: train.adafactor(0.01, { minDimSizeToFactor: 2 }),
};

const checkTransformation = (arrays: Arrays, name: string): Check[] => {
  const transformation = transformations[name];
  return tidy(() => {
    let params = train.pack(treeUnder(arrays, 'param0/'));
    let state = transformation.init(params);
    const checks: Check[] = [];
    for (let i = 0; i < updates; i++) {
      const grads = train.pack(treeUnder(arrays, `grad${i}/`), params.layout);
      const done = transformation.update(grads, state, params);
      state = done.state;
      params = train.applyUpdates(params, done.updates);
      const found = map(train.unpack(params), toHostSync);
      const stored = treeUnder(arrays, `${name}/param${i + 1}/`);
      checks.push(
        ...compareTrees(`${name}/param${i + 1}`, found, stored, (array, a, b) =>
          compare(array, a, b, tolerance),
        ),
      );
    }
    return checks;
  });
};

const schedules: Readonly<Record<string, train.Schedule>> = {
  constant: train.constantSchedule(0.3),
  cosine: train.cosineDecaySchedule({ initValue: 0.5, decaySteps: 40, alpha: 0.1 }),
  'warmup-cosine': train.warmupCosineDecaySchedule({
    initValue: 0.01,
    peakValue: 0.4,
    warmupSteps: 10,
    decaySteps: 50,
    endValue: 0.02,
  }),
  linear: train.linearSchedule({ initValue: 0.1, endValue: 1, transitionSteps: 20, transitionBegin: 5 }),
  exponential: train.exponentialDecay({ initValue: 0.2, transitionSteps: 10, decayRate: 0.8 }),
  piecewise: train.piecewiseConstantSchedule(1, { 10: 0.1, 25: 0.5 }),
  'flat-then-cosine': train.flatThenCosineSchedule(2e-3, 25, 30),
};

const checkSchedule = (arrays: Arrays, name: string): Check[] => {
  const stored = arrays.get(`schedule/${name}`) as HostArray;
  const counts = Array.from({ length: stored.shape[0] }, (_, i) => i);
  const found = float32(stored.shape, [...train.valuesOf(schedules[name], counts)]);
  return [compare(name, found, stored, tolerance)];
};

type Loss = (logits: tf.Tensor, labels: tf.Tensor, oneHot: tf.Tensor) => tf.Tensor;

const losses: Readonly<Record<string, Loss>> = {
  'softmax-cross-entropy': (logits, labels) => train.softmaxCrossEntropyWithIntegerLabels(logits, labels),
  'smoothed-0.1': (logits, _labels, oneHot) =>
    train.softmaxCrossEntropy(logits, train.smoothLabels(oneHot, 0.1)),
  sigmoid: (logits, _labels, oneHot) => train.sigmoidBinaryCrossEntropy(logits, oneHot),
  l2: (logits, _labels, oneHot) => train.l2Loss(logits, oneHot),
  huber: (logits, _labels, oneHot) => train.huberLoss(logits, oneHot),
};

const checkLoss = (arrays: Arrays, name: string): Check[] => {
  const [logits, labels] = ['logits', 'labels'].map((input) =>
    toTensor(arrays.get(`loss/${input}`) as HostArray),
  );
  const oneHot = train.oneHot(labels, logits.shape[1] as number);
  const found = toHostSync(losses[name](logits, labels, oneHot));
  return [compare(name, found, arrays.get(`loss/${name}`) as HostArray, tolerance)];
};

/** Every case of a folder. */
export const trainCases = (folder: string): readonly Case[] => {
  const arrays = readArrays(join(folder, 'optim.npz'));
  const cases = (names: object, check: (arrays: Arrays, name: string) => Check[]): Case[] =>
    Object.keys(names).map((name) => ({ name, run: () => tidy(() => check(arrays, name)) }));
  return [
    ...cases(transformations, checkTransformation),
    ...cases(schedules, checkSchedule),
    ...cases(losses, checkLoss),
  ];
};
