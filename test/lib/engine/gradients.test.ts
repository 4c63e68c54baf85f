import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine, gradients } from '../../../lib/engine/index.js';

const valuesOf = (tensors: tf.Tensor[]): number[][] => tensors.map((x) => [...x.dataSync()]);

for (const backend of ['wasm', 'cpu'] as const) {
  t.test(`gradients on ${backend}`, async (t) => {
    await engine({ backend });

    t.test('value and gradient of each input', async (t) => {
      const [x, y] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
      const { value, grads } = gradients(([a, b]) => tf.sum(tf.mul(tf.square(a), b)), [x, y]);
      t.equal(value.dataSync()[0], 19);
      t.same(valuesOf(grads), [
        [6, 16],
        [1, 4],
      ]);
    });

    t.test('what the value does not depend on gets zeros', async (t) => {
      const [x, y] = [tf.tensor1d([1, 2]), tf.tensor2d([[3, 4]])];
      const { grads } = gradients(([a]) => tf.sum(a), [x, y]);
      t.same(valuesOf(grads), [
        [1, 1],
        [0, 0],
      ]);
      t.same(grads[1].shape, [1, 2]);
    });

    t.test('a constant gives zeros everywhere', async (t) => {
      const { value, grads } = gradients(() => tf.scalar(7), [tf.tensor1d([1, 2])]);
      t.equal(value.dataSync()[0], 7);
      t.same(valuesOf(grads), [[0, 0]]);
    });

    t.test('an input that is the value has gradient 1', async (t) => {
      const { value, grads } = gradients(([a]) => a, [tf.scalar(5)]);
      t.same([value.dataSync()[0], ...valuesOf(grads)], [5, [1]]);
    });

    t.test('the same tensor twice has two gradients', async (t) => {
      const x = tf.scalar(3);
      const { grads } = gradients(([a, b]) => tf.mul(tf.square(a), b), [x, x]);
      t.same(valuesOf(grads), [[18], [9]]);
    });

    t.test('integers and booleans get zeros', async (t) => {
      const { grads } = gradients(
        ([table, ids, mask]) => tf.sum(tf.mul(tf.gather(table, ids), tf.cast(mask, 'float32'))),
        [
          tf.tensor2d([[1], [2]]),
          tf.tensor1d([1, 1, 0], 'int32'),
          tf.tensor2d([[1], [1], [0]], [3, 1], 'bool'),
        ],
      );
      t.same(valuesOf(grads), [
        [0, 2],
        [0, 0, 0],
        [0, 0, 0],
      ]);
      t.same(
        grads.map(({ dtype }) => dtype),
        ['float32', 'float32', 'float32'],
      );
    });

    t.test('no inputs, or none of floats', async (t) => {
      t.same(gradients(() => tf.scalar(1), []).grads, []);
      const { grads } = gradients(([i]) => tf.sum(tf.cast(i, 'float32')), [tf.tensor1d([1, 2], 'int32')]);
      t.same(valuesOf(grads), [[0, 0]]);
    });

    t.test('ties share, as in JAX', async (t) => {
      const x = tf.tensor1d([2, 1, 2, 2]);
      const third = Math.fround(1 / 3);
      t.same(valuesOf(gradients(([a]) => tf.max(a), [x]).grads), [[third, 0, third, third]]);
      t.same(valuesOf(gradients(([a]) => tf.sum(tf.maximum(a, 2)), [x]).grads), [[0.5, 0, 0.5, 0.5]]);
      t.same(valuesOf(gradients(([a]) => tf.sum(tf.relu(a)), [tf.tensor1d([-1, 0, 1])]).grads), [[0, 0, 1]]);
      t.same(valuesOf(gradients(([a]) => tf.sum(tf.abs(a)), [tf.tensor1d([-1, 0, 1])]).grads), [[-1, 1, 1]]);
    });

    t.test('a branch that was not taken does not poison the other', async (t) => {
      const safe = ([a]: tf.Tensor[]) => {
        const isPositive = tf.greater(a, 0);
        return tf.sum(tf.where(isPositive, tf.log(tf.where(isPositive, a, tf.onesLike(a))), tf.zerosLike(a)));
      };
      t.same(valuesOf(gradients(safe, [tf.tensor1d([0, 2])]).grads), [[0, 0.5]]);
    });

    t.test('second derivatives', async (t) => {
      const cube = (x: tf.Tensor) => tf.mul(tf.square(x), x);
      const { grads } = gradients(
        ([x]) => tf.sum(gradients(([y]) => tf.sum(cube(y)), [x]).grads[0]),
        [tf.tensor1d([1, 2])],
      );
      t.same(valuesOf(grads), [[6, 12]]);
    });

    t.test('nothing is left in memory but what is returned', async (t) => {
      const [x, w, other] = [tf.ones([2, 3]), tf.ones([3, 4]), tf.ones([5])];
      const before = tf.memory().numTensors;
      const loss = ([a, b]: tf.Tensor[]) => tf.mean(tf.square(tf.softmax(tf.relu(tf.matMul(a, b)))));
      const { value, grads } = gradients(loss, [x, w, other]);
      t.equal(tf.memory().numTensors, before + 4);
      tf.dispose([value, ...grads]);
      t.equal(tf.memory().numTensors, before);
    });

    t.test('nothing is left after an error, forward or backward', async (t) => {
      const x = tf.ones([2]);
      const before = tf.memory().numTensors;
      const thrower = ([a]: tf.Tensor[]): tf.Tensor => {
        tf.exp(tf.square(a));
        throw new Error('on purpose');
      };
      t.throws(() => gradients(thrower, [x]), { message: 'on purpose' });
      t.throws(() => gradients(([a]) => tf.square(a), [x]), RangeError);
      t.throws(() => gradients(([a]) => tf.sum(tf.cumprod(tf.exp(a))), [x]), /Cumprod/);
      t.equal(tf.memory().numTensors, before);
      t.same(valuesOf(gradients(([a]) => tf.sum(a), [x]).grads), [[1, 1]]);
    });
  });
}
