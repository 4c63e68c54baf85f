/**
 * The folder `train`: optax's transformations, schedules and losses on stored trees, and five steps of a small
 * classifier with DeepMind's recipe.
 */
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray, int32, sizeOf } from '../../lib/data/array.js';
import {
  awaitValues,
  isTensor,
  type Leaf,
  type Params,
  toHost,
  toHostSync,
  toTensor,
} from '../../lib/data/leaf.js';
import { map, mapWithPath, type Tree } from '../../lib/data/tree.js';
import { transformWithState } from '../../lib/language/transform.js';
import * as train from '../../lib/train/index.js';
import { type Arrays, type Case, keyOf, readArrays, treeUnder } from './case.js';
import { type Check, compare, compareTrees } from './compare.js';
import { programOf } from './presets.js';
import { tidied } from './program.js';

const host = (leaf: Leaf): HostArray => (isTensor(leaf) ? toHostSync(leaf) : leaf);

/** A tree's arrays on the host. */
const hosts = async (tree: Tree<Leaf>): Promise<Tree<HostArray>> => {
  await awaitValues(tree);
  return map(tree, host);
};

const tolerance = 1e-5;

/**
 * Biases of keys: softmax does not depend on them, so that their gradient is rounding error, which Adam makes as large
 * as any other.
 */
const isWithoutGradient = (array: string): boolean => array.endsWith('attention/linear_1/b');

const roundingTolerance = 1e-3;

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

const checkTransformation = async (arrays: Arrays, name: string): Promise<Check[]> => {
  const transformation = transformations[name];
  let params = train.pack(treeUnder(arrays, 'param0/'));
  let state = transformation.init(params);
  const checks: Check[] = [];
  for (let i = 0; i < updates; i++) {
    const grads = train.pack(treeUnder(arrays, `grad${i}/`), params.layout);
    const done = transformation.update(grads, state, params);
    state = done.state;
    params = train.applyUpdates(params, done.updates);
    const found = await hosts(train.unpack(params));
    const stored = treeUnder(arrays, `${name}/param${i + 1}/`);
    checks.push(
      ...compareTrees(`${name}/param${i + 1}`, found, stored, (array, a, b) =>
        compare(array, a, b, tolerance),
      ),
    );
  }
  return checks;
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

const checkLoss = async (arrays: Arrays, name: string): Promise<Check[]> => {
  const [logits, labels] = ['logits', 'labels'].map((input) =>
    toTensor(arrays.get(`loss/${input}`) as HostArray),
  );
  const oneHot = train.oneHot(labels, logits.shape[1] as number);
  const found = await toHost(losses[name](logits, labels, oneHot));
  return [compare(name, found, arrays.get(`loss/${name}`) as HostArray, tolerance)];
};

/** The small classifier: DeepMind's arguments. */
const classifier = {
  num_classes: 10,
  input_preprocessor: {
    prep_type: 'conv',
    position_encoding_type: 'fourier',
    fourier_position_encoding_kwargs: {
      concat_pos: true,
      max_resolution: [4, 4],
      num_bands: 4,
      sine_only: false,
    },
  },
  encoder: {
    cross_attend_widening_factor: 1,
    cross_attention_shape_for_attn: 'kv',
    dropout_prob: 0,
    num_blocks: 2,
    num_cross_attend_heads: 1,
    num_self_attend_heads: 4,
    num_self_attends_per_block: 2,
    num_z_channels: 16,
    self_attend_widening_factor: 1,
    use_query_residual: true,
    z_index_dim: 6,
    z_pos_enc_init_scale: 0.02,
  },
  decoder: {
    num_z_channels: 16,
    position_encoding_type: 'trainable',
    trainable_position_encoding_kwargs: { init_scale: 0.02, num_channels: 16 },
    use_query_residual: true,
  },
};

interface Labelled {
  readonly images: HostArray;
  readonly labels: HostArray;
}

/** Five steps of the classifier with clipping and LAMB, from batch norm's empty averages. */
const checkSteps = async (arrays: Arrays): Promise<Check[]> => {
  const model = transformWithState(programOf(classifier, { inputs: {} }));
  const batch: Labelled = {
    images: arrays.get('train/images') as HostArray,
    labels: arrays.get('train/labels') as HostArray,
  };
  const loss: train.Loss<Labelled> = ({ params, state }, { images, labels }, options) => {
    const { output, state: after } = model.apply(params, state, options, { images });
    const targets = train.smoothLabels(train.oneHot(labels, classifier.num_classes), 0.1);
    return { ...train.weighted(train.softmaxCrossEntropy(output as tf.Tensor, targets)), state: after };
  };
  const step = train.trainStep(
    loss,
    train.chain(train.clipByGlobalNorm(10), train.lamb(2e-3, { weightDecay: 0.1 })),
  );
  const params = treeUnder(arrays, 'train/param0/') as Params<HostArray>;
  const end = treeUnder(arrays, 'train/state5/');
  const state = map(end, (leaf) => float32(leaf.shape, new Float32Array(sizeOf(leaf.shape))));
  const counts = mapWithPath(state, (path, leaf) =>
    path.endsWith('/counter') ? int32(leaf.shape, [...leaf.data] as number[]) : leaf,
  );
  let now = step.init({ params, state: counts }, keyOf(arrays.get('train/key') as HostArray));
  const losses: number[] = [];
  for (let i = 0; i < updates - 1; i++) {
    const { state: next, metrics } = step(now, batch);
    losses.push((await metrics.loss.data())[0]);
    now = next;
  }
  const found = { params: await hosts(now.params), state: await hosts(now.state) };
  train.freeTrainState(now);
  const within = (array: string, a: HostArray, b: HostArray): Check =>
    compare(array, a, b, isWithoutGradient(array) ? roundingTolerance : tolerance);
  return [
    compare('losses', float32([losses.length], losses), arrays.get('train/losses') as HostArray, tolerance),
    ...compareTrees('param5', found.params, treeUnder(arrays, 'train/param5/'), within),
    ...compareTrees('state5', found.state, end, within),
  ];
};

/** Every case of a folder. */
export const trainCases = (folder: string): readonly Case[] => {
  const arrays = readArrays(join(folder, 'optim.npz'));
  type CheckOne = (arrays: Arrays, name: string) => Check[] | Promise<Check[]>;
  const cases = (names: object, check: CheckOne): Case[] =>
    Object.keys(names).map((name) => ({ name, run: () => tidied(async () => check(arrays, name)) }));
  return [
    ...cases(transformations, checkTransformation),
    ...cases(schedules, checkSchedule),
    ...cases(losses, checkLoss),
    { name: 'steps', run: () => checkSteps(arrays) },
  ];
};
