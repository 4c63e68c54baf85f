/** Whole numbers, booleans and nothing at all: the wasm backend gives what plain JavaScript gives, or says why not. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine, tidy } from '../../../lib/engine/index.js';

type T = tf.Tensor;

const unary = [
  ...[tf.abs, tf.neg, tf.square, tf.exp, tf.log1p, tf.round, tf.sign, tf.reciprocal, tf.atan, tf.asinh],
  ...[tf.softplus, tf.relu, tf.relu6, tf.selu, tf.leakyRelu, tf.step, tf.isNaN, tf.isFinite, tf.isInf],
  ...[tf.reverse, tf.cumsum],
] as readonly ((x: T) => T)[];

const others: Readonly<Record<string, (x: T) => T>> = {
  clip: (x) => tf.clipByValue(x, -1, 1),
  topk: (x) => tf.topk(x, 2).values,
  'strided slice': (x) => tf.stridedSlice(x, [0, 2], [2, 0], [1, -1]),
  'modulo 3': (x) => tf.mod(x, tf.cast(3, x.dtype)),
  'gather of nothing': (x) => tf.gather(x, tf.tensor1d([], 'int32'), 1),
  choice: (x) => tf.where(tf.cast(x, 'bool'), x, tf.zerosLike(x)),
};

const nothing: Readonly<Record<string, () => T>> = {
  prod: () => tf.prod(tf.zeros([0])),
  any: () => tf.any(tf.zeros([2, 0], 'bool'), 1),
  mean: () => tf.mean(tf.zeros([0, 2], 'int32'), 0),
  'a convolution': () =>
    tf.conv3d(tf.zeros<tf.Rank.R5>([0, 4, 4, 4, 1]), tf.zeros<tf.Rank.R5>([2, 2, 2, 1, 3]), 1, 'valid'),
};

const given = (dtype: 'int32' | 'bool'): T =>
  tf.tensor2d(dtype === 'bool' ? [1, 0, 1, 1, 0, 0] : [5, -3, 0, 16777217, -8, 2], [2, 3], dtype);

const results = (): Map<string, unknown> => {
  const found = new Map<string, unknown>();
  const add = (name: string, run: () => T): unknown =>
    found.set(
      name,
      tidy(() => {
        const y = run();
        const values = [...y.dataSync()].map((value) => Number(value.toPrecision(5)));
        return { dtype: y.dtype, shape: y.shape, values };
      }),
    );
  for (const dtype of ['int32', 'bool'] as const) {
    unary.forEach((f) => add(`${f.name} of ${dtype}`, () => f(given(dtype))));
    Object.entries(others).forEach(([name, f]) => add(`${name} of ${dtype}`, () => f(given(dtype))));
  }
  Object.entries(nothing).forEach(([name, run]) => add(`${name} of nothing`, run));
  return found;
};

t.test('kernels of floats take whole numbers and booleans', async (t) => {
  await engine({ backend: 'cpu' });
  const expected = results();
  for (const kernels of ['relaxed', 'stock'] as const) {
    await engine({ backend: 'wasm', kernels, threads: 1 });
    results().forEach((found, name) => t.strictSame(found, expected.get(name), `${name}, ${kernels}`));
  }
});

t.test('indices of their own for each example', async (t) => {
  for (const kernels of ['relaxed', 'stock'] as const) {
    await engine({ backend: 'wasm', kernels, threads: 1 });
    const x = tf.tensor2d([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
    const ids = tf.tensor2d([[0, 0, 1, 2], [2, 1, 0, 0]], [2, 4], 'int32'); // prettier-ignore
    t.same(tf.gather(x, ids, 1, 1).arraySync(), [[1, 1, 2, 3], [6, 5, 4, 4]]); // prettier-ignore
    const cube = tf.reshape(tf.range(0, 24), [2, 3, 4]);
    const few = tf.tensor2d([[3, 0], [1, 1]], [2, 2], 'int32'); // prettier-ignore
    const rows = [[[3, 0], [7, 4], [11, 8]], [[13, 13], [17, 17], [21, 21]]]; // prettier-ignore
    t.same(tf.gather(cube, few, 2, 1).arraySync(), rows, 'an axis between');
    t.throws(() => tf.gather(x, tf.tensor2d([[0], [3]], [2, 1], 'int32'), 1, 1), /3 is not in \[0, 2\]/);
    tf.dispose([x, ids, cube, few]);
  }
});

t.test('windows that do not fit, or see nothing, are refused', async (t) => {
  await engine({ backend: 'wasm', threads: 1 });
  const x = tf.zeros<tf.Rank.R4>([1, 5, 5, 1]);
  t.throws(() => tf.maxPool(x, 6, 1, 'valid'), /a window \[6, 6\] does not fit into images \[1, 5, 5, 1\]/);
  t.throws(() => tf.avgPool(x, 1, 3, 0, 'ceil'), /'ceil' gives a window that sees nothing/);
  t.throws(
    () => tf.maxPool3d(tf.zeros<tf.Rank.R5>([1, 5, 5, 5, 1]), 2, 2, 0, 'ceil'),
    /a pool of videos knows rounding 'floor' only/,
  );
});

t.test('a tensor without a size names operation and shape', async (t) => {
  await engine({ backend: 'wasm', threads: 1 });
  t.throws(
    () => tf.engine().runKernel(tf.Transpose, { x: tf.zeros([2, 3]) }, { perm: [0, -1] }),
    /^Transpose: the wasm backend cannot make a tensor \[2, undefined\] of float32/,
  );
});
