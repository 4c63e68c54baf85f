/**
 * Values and gradients of losses, activations and layers at ties, kinks and zeros, where a slope is a convention or a
 * composition cancels, beside JAX's, optax's and Haiku's: `test/data/specialPoints.json`, which
 * `test/data/specialPoints.py` writes.
 */
import t, { type Test } from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import { engine, gelu, gradients, tidy } from '../../../lib/engine/index.js';
import { traceFunction } from '../../../lib/graph/index.js';
import type { Layer } from '../../../lib/language/scope.js';
import { transformWithState } from '../../../lib/language/transform.js';
import { graphToOnnx, isComposedInOnnx } from '../../../lib/onnx/index.js';
import { key } from '../../../lib/random/index.js';
import * as train from '../../../lib/train/index.js';
import * as nn from '../../../modules/index.js';
import { onEachEngine } from '../engine/eachEngine.js';
import { started } from '../onnx/runtime.js';

type T = tf.Tensor;
type Numbers = readonly (number | string)[];

interface Case {
  readonly inputs: readonly { readonly shape: number[]; readonly data: Numbers }[];
  readonly value: Numbers;
  /** Of the sum of the values times 1, 1.25, 1.5 and so on; one for each input. */
  readonly grads: readonly Numbers[];
}

const cases = JSON.parse(readFileSync('test/data/specialPoints.json', 'utf8')) as Record<string, Case>;

const labels = (): T => tf.tensor1d([0, 2], 'int32');
const integerLabels = (x: T): T => train.softmaxCrossEntropyWithIntegerLabels(x, labels());

/** A layer with its first weights, which the first call makes. */
const layer = (of: unknown): ((x: T) => T) => {
  const model = transformWithState(of as Layer<[x: T], T>);
  let weights: ReturnType<typeof model.init> | undefined;
  return (x) => {
    weights ??= model.init(key(0), x);
    return model.apply(weights.params, weights.state, { isTraining: true }, x).output;
  };
};

const attend =
  (...mask: number[]) =>
  (q: T, k: T, v: T): T =>
    nn.attend(q as tf.Tensor4D, k as tf.Tensor4D, v as tf.Tensor4D, { mask: tf.tensor3d(mask, [1, 2, 3]) });

const pool = (of: typeof nn.maxPool, windowShape: number, strides: number) => (x: T) =>
  of(x as tf.Tensor4D, { windowShape, strides });

const functions: Readonly<Record<string, (...xs: T[]) => T>> = {
  sigmoidBinaryCrossEntropy: train.sigmoidBinaryCrossEntropy,
  softmaxCrossEntropy: train.softmaxCrossEntropy,
  softmaxCrossEntropyWithIntegerLabels: integerLabels,
  'integer labels, a logit of -inf': integerLabels,
  'integer labels, the own logit is -inf': integerLabels,
  maskedLanguageLoss: (x) => {
    const isMasked = tf.tensor2d([[1, 0]]);
    return tf.mul(
      train.maskedLanguageLoss(tf.expandDims(x), tf.expandDims(labels()), isMasked).sum,
      tf.tensor1d([1, 0]),
    );
  },
  l1Loss: train.l1Loss,
  l2Loss: train.l2Loss,
  huberLoss: (a, b) => train.huberLoss(a, b),
  'huberLoss, delta 0.5': (a, b) => train.huberLoss(a, b, 0.5),
  endPointError: train.endPointError,
  relu: tf.relu,
  relu6: tf.relu6,
  leakyRelu: (x) => tf.leakyRelu(x, 0.2),
  elu: tf.elu,
  selu: tf.selu,
  'gelu, tanh': (x) => gelu({ x }, { approximate: 'tanh' }),
  'gelu, exact': (x) => gelu({ x }, { approximate: 'none' }),
  swish: (x) => tf.mul(x, tf.sigmoid(x)),
  'squared relu': (x) => tf.square(tf.relu(x)),
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
  softplus: tf.softplus,
  logSigmoid: tf.logSigmoid,
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.logSoftmax(x),
  logSumExp: (x) => tf.logSumExp(x, -1),
  log1p: tf.log1p,
  expm1: tf.expm1,
  abs: tf.abs,
  sqrt: tf.sqrt,
  'sqrt of a square': (x) => tf.sqrt(tf.square(x)),
  rsqrt: tf.rsqrt,
  square: tf.square,
  norm: (x) => tf.norm(x, 'euclidean', -1),
  prelu: tf.prelu,
  reciprocal: (x) => tf.div(1, x),
  maximum: tf.maximum,
  minimum: tf.minimum,
  'maximum of a number': (x) => tf.maximum(x, 1),
  clip: (x) => tf.clipByValue(x, 0, 1),
  max: (x) => tf.max(x, -1),
  min: (x) => tf.min(x, -1),
  pow: tf.pow,
  where: (x) => {
    const isPositive = tf.greater(x, 0);
    return tf.where(isPositive, tf.log(tf.where(isPositive, x, tf.onesLike(x))), tf.zerosLike(x));
  },
  layerNorm: layer(nn.layerNorm()),
  batchNorm: layer(nn.batchNorm({ decayRate: 0.9 })),
  groupNorm: layer(nn.groupNorm({ groups: 2 })),
  instanceNorm: layer(nn.instanceNorm({})),
  rmsNorm: layer(nn.rmsNorm()),
  attend: attend(1, 1, 1, 0, 0, 1),
  'attend, a row without keys': attend(0, 0, 0, 1, 1, 0),
  maxPool: pool(nn.maxPool, 2, 1),
  'maxPool of 3': pool(nn.maxPool, 3, 2),
  avgPool: pool(nn.avgPool, 2, 1),
};

const inputsOf = ({ inputs }: Case): T[] =>
  inputs.map(({ shape, data }) => tf.tensor(data.map(Number), shape));

/** The values, and the gradients in the inputs. */
const walked =
  (f: (...xs: T[]) => T) =>
  (...xs: T[]): T[] => {
    const weighted = (x: T): T =>
      tf.sum(tf.mul(tf.reshape(x, [-1]), tf.add(1, tf.div(tf.range(0, x.size), 4))));
    return [f(...xs), ...gradients((own) => weighted(f(...own)), xs).grads];
  };

const compare = (t: Test, name: string, found: readonly (readonly number[])[]): void => {
  const { value, grads } = cases[name];
  [value, ...grads].forEach((numbers, i) => {
    const expected = numbers.map(Number);
    // Of arrays with large numbers, a 0 of a difference is one within their rounding.
    const scale = Math.max(1, ...expected.map(Math.abs).filter(Number.isFinite));
    const isNear = (a: number, b: number): boolean =>
      Object.is(a, b) || a === b || Math.abs(a - b) <= 1e-6 * scale + 1e-5 * Math.abs(b);
    const isSame =
      expected.length === found[i].length && expected.every((each, j) => isNear(found[i][j], each));
    t.ok(
      isSame,
      `${name}, ${i === 0 ? 'value' : `gradient ${i}`}: ${found[i].join()}, JAX ${expected.join()}`,
    );
  });
};

const checkAll = (t: Test): void =>
  Object.entries(functions).forEach(([name, f]) => {
    const found = tidy(() =>
      tf.tensor1d(walked(f)(...inputsOf(cases[name])).flatMap((x) => [...x.dataSync()])).arraySync(),
    );
    const sizes = [cases[name].value, ...cases[name].grads].map(({ length }) => length);
    let at = 0;
    compare(
      t,
      name,
      sizes.map((size) => found.slice(at, (at += size))),
    );
  });

t.test('every number of JAX has its function here', async (t) => {
  t.same(Object.keys(functions), Object.keys(cases));
});

t.test('values and gradients are JAX’s on every engine', async (t) => {
  await onEachEngine((name) => t.test(name, async (t) => checkAll(t)));
  await engine({ backend: 'cpu' });
  await t.test('plain JavaScript', async (t) => checkAll(t));
});

t.test('a compiled gradient has them, too', async (t) => {
  await engine();
  for (const [name, f] of Object.entries(functions)) {
    const xs = inputsOf(cases[name]);
    const graph = traceFunction(walked(f), xs as never, {
      names: { inputs: xs.map((_, i) => `x${i}`), output: 'y' },
      isComposed: isComposedInOnnx,
    });
    const { run, names } = await started(graphToOnnx(graph));
    const given = names.inputs.map((input) => xs[Number(/\d+/.exec(input)![0])]);
    const found = await run(given);
    compare(
      t,
      name,
      names.outputs.map((output) => [...found[output].data]),
    );
  }
});
