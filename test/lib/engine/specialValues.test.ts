/** NaN with either sign bit, infinities and −0 through every kernel: the wasm backend gives what plain JavaScript gives. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine, tidy } from '../../../lib/engine/index.js';
import { onEachEngine } from './eachEngine.js';

type T = tf.Tensor;

/** Bits of NaN, NaN with the sign bit, ∞, −∞ and −0. Numbers of JavaScript do not keep the sign of NaN. */
const specials = { NaN: 0x7fc00000, '-NaN': 0xffc00000, '∞': 0x7f800000, '-∞': 0xff800000, '-0': 0x80000000 };

const bitsOf = (value: number): number => new Uint32Array(Float32Array.of(value).buffer)[0];
const ofBits = (bits: readonly number[]): Float32Array => new Float32Array(Uint32Array.from(bits).buffer);

/** Numbers between −2 and 3, none of them 1 and −1, whose powers of NaN and ∞ differ in JavaScript. */
const finite = (size: number): number[] => Array.from({ length: size }, (_, i) => ((i * 7) % 10) / 2 - 1.75);

/** All of them, and finite numbers, in vectors of four and a rest. [19] */
const mixed = (): T => tf.tensor1d(ofBits([...Object.values(specials), ...finite(14).map(bitsOf)]));

/** Rows with one special value: [3, 19] */
const rowsWith = (bits: number, at: number): T =>
  tf.tensor2d(ofBits(finite(57).map(bitsOf).with(at, bits)), [3, 19]);

const image = (x: T): tf.Tensor4D => tf.reshape(x, [1, 3, 19, 1]);
const filter = (value: number, channels: number): tf.Tensor4D => tf.fill([2, 2, 1, channels], value);

const unary = [
  ...[tf.relu, tf.relu6, tf.elu, tf.selu, tf.leakyRelu, tf.sigmoid, tf.tanh, tf.softplus, tf.sign, tf.abs],
  ...[tf.exp, tf.expm1, tf.log, tf.log1p, tf.sqrt, tf.rsqrt, tf.square, tf.reciprocal, tf.neg, tf.erf],
  ...[
    tf.floor,
    tf.ceil,
    tf.round,
    tf.sin,
    tf.cos,
    tf.tan,
    tf.atan,
    tf.asinh,
    tf.isNaN,
    tf.isInf,
    tf.isFinite,
  ],
] as readonly ((x: T) => T)[];

const binary = [
  ...[tf.maximum, tf.minimum, tf.add, tf.sub, tf.mul, tf.div, tf.mod, tf.floorDiv, tf.squaredDifference],
  ...[tf.greater, tf.greaterEqual, tf.less, tf.lessEqual, tf.equal, tf.notEqual, tf.atan2, tf.prelu],
] as readonly ((a: T, b: T) => T)[];

const reductions = [
  tf.max,
  tf.min,
  tf.sum,
  tf.mean,
  tf.prod,
  tf.argMax,
  tf.argMin,
  tf.logSumExp,
] as readonly ((x: T, axis: number) => T)[];

const rows: Readonly<Record<string, (x: T) => T>> = {
  softmax: tf.softmax,
  logSoftmax: tf.logSoftmax,
  cumsum: (x) => tf.cumsum(x, 1),
  'clip by value': (x) => tf.clipByValue(x, -1, 1),
  'the largest': (x) => tf.topk(x, 4).values,
  'places of the largest': (x) => tf.topk(x, 4).indices,
  'max pool': (x) => tf.maxPool(image(x), 2, 1, 'same'),
  'average pool': (x) => tf.avgPool(image(x), 2, 1, 'same'),
  convolution: (x) => tf.conv2d(image(x), filter(0.5, 3), 1, 'same'),
  'batch norm': (x) => tf.batchNorm(x, tf.fill([19], 0.1), tf.fill([19], 1.3)),
  ...Object.fromEntries(
    (['relu', 'relu6', 'elu', 'linear'] as const).flatMap((activation) => [
      [
        `product, ${activation}`,
        (x: T) => tf.fused.matMul({ a: x as tf.Tensor2D, b: tf.fill([19, 5], 0.5), activation }),
      ],
      [
        `convolution, ${activation}`,
        (x: T) =>
          tf.fused.conv2d({ x: image(x), filter: filter(-0.5, 3), strides: 1, pad: 'valid', activation }),
      ],
      [
        `depthwise, ${activation}`,
        (x: T) =>
          tf.fused.depthwiseConv2d({
            x: image(x),
            filter: filter(0.5, 2),
            strides: 1,
            pad: 'same',
            activation,
          }),
      ],
    ]),
  ),
};

/** The results of all kernels by name. */
const resultsOf = (): ReadonlyMap<string, Float32Array> => {
  const results = new Map<string, Float32Array>();
  const add = (name: string, run: () => T): unknown =>
    results.set(
      name,
      tidy(() => Float32Array.from(run().dataSync())),
    );
  unary.forEach((f) => add(f.name, () => f(mixed())));
  add('step', () => tf.step(mixed(), 0.3));
  const other = (): T => tf.tensor1d(finite(19));
  binary.forEach((f) => {
    add(`${f.name} before`, () => f(mixed(), other()));
    add(`${f.name} after`, () => f(other(), mixed()));
    add(`${f.name} on both sides`, () => f(mixed(), tf.reverse(mixed())));
  });
  Object.entries(specials).forEach(([special, bits]) =>
    [0, 24, 56].forEach((at) => {
      const x = (): T => rowsWith(bits, at);
      reductions.forEach((f) =>
        [0, 1].forEach((axis) => add(`${f.name} of axis ${axis}, ${special} at ${at}`, () => f(x(), axis))),
      );
      Object.entries(rows).forEach(([name, f]) => add(`${name}, ${special} at ${at}`, () => f(x())));
    }),
  );
  return results;
};

const isClose = (found: number, expected: number): boolean =>
  Object.is(found, expected) ||
  found === expected ||
  Math.abs(found - expected) <= 1e-5 * Math.max(1, Math.abs(expected));

t.test('the wasm backend agrees with plain JavaScript', async (t) => {
  await engine({ backend: 'cpu' });
  const expected = resultsOf();
  await onEachEngine((engineName) => {
    const wrong = [...resultsOf()].filter(
      ([name, values]) => !values.every((value, i) => isClose(value, expected.get(name)![i])),
    );
    t.same(
      wrong.map(([name]) => name),
      [],
      engineName,
    );
  });
});

t.test('NaN that was computed stays NaN in relu', async (t) => {
  await onEachEngine((name) => {
    const computed = tidy(() => [
      ...tf.relu(tf.div(tf.tensor1d([0, 1, 0]), tf.tensor1d([0, 1, 0]))).dataSync(),
      ...tf.relu(tf.log(tf.tensor1d([-1]))).dataSync(),
      ...tf.relu(tf.sub(tf.tensor1d([Infinity]), Infinity)).dataSync(),
    ]);
    t.same(computed, [NaN, 1, NaN, NaN, NaN], name);
  });
});
