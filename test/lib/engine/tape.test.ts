/** Tensors that a gradient keeps, and the moments at which it lets go of them. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine, gradients } from '../../../lib/engine/index.js';

await engine({ backend: 'wasm' });

/** Tensors that are held when the derivative of the first of many operations is asked for. */
const heldAtTheEnd = (operations: number): number => {
  let held = 0;
  const first = tf.customGrad((x) => ({
    value: tf.clone(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => {
      held = tf.memory().numTensors;
      return tf.clone(dy);
    },
  }));
  const x = tf.ones([8]);
  const before = tf.memory().numTensors;
  const { value, grads } = gradients(
    ([y]) => tf.sum(Array.from({ length: operations }).reduce<tf.Tensor>((z) => tf.tanh(z), first(y))),
    [x],
  );
  tf.dispose([value, ...grads]);
  t.equal(tf.memory().numTensors, before, 'nothing is left');
  x.dispose();
  return held - before;
};

t.test('what derivatives needed is freed as they are computed', async (t) => {
  t.equal(heldAtTheEnd(50), heldAtTheEnd(5));
});

t.test('what is kept takes no memory of its own, and outlives the tensor that it was kept of', async (t) => {
  const x = tf.tensor1d([1, 2, 3]);
  const { numDataBuffers } = tf.memory();
  const copy = tf.clone(x);
  t.equal(tf.memory().numDataBuffers, numDataBuffers);
  x.dispose();
  t.same([...copy.dataSync()], [1, 2, 3]);
  copy.dispose();
});

t.test(
  'an input that is used twice, and a cotangent that several inputs share, are added up once each',
  async (t) => {
    const { grads } = gradients(
      ([x, y]) => tf.sum(tf.add(tf.add(x, y), tf.mul(x, x))),
      [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])],
    );
    t.same(
      grads.map((grad) => [...grad.dataSync()]),
      [
        [3, 5],
        [1, 1],
      ],
    );
  },
);
