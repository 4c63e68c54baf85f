/** Kernels that other threads work on while JavaScript goes on: whoever reads or frees memory sees whole results. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { engine, settle, stopThreads } from '../../../lib/engine/index.js';

const n = 384;

/** A product whose elements are all n, from tensors that are freed before it is done. */
const product = (): tf.Tensor =>
  tf.tidy(() => {
    const [a, b] = [tf.ones([n, n]), tf.ones([n, n])];
    const c = tf.matMul(a, b);
    tf.dispose([a, b]);
    tf.tensor(new Float32Array(n * n).fill(7)).dispose(); // takes the memory of what was freed, if it may
    return c;
  });

t.before(async () => engine({ backend: 'wasm', threads: 2 }));
t.after(stopThreads);

t.test('values are read when the job that computes them is done', async (t) => {
  for (let i = 0; i < 20; i += 1) {
    const c = product();
    t.ok(c.dataSync().every((x) => x === n));
    c.dispose();
  }
});

t.test("the stock kernels of tfjs wait for our own kernels' results", async (t) => {
  for (let i = 0; i < 20; i += 1) {
    const sum = tf.tidy(() => tf.abs(tf.neg(product())));
    t.ok(sum.dataSync().every((x) => x === n));
    sum.dispose();
  }
});

t.test('slices, which JavaScript copies, wait as well', async (t) => {
  const corner = tf.tidy(() => tf.slice(product() as tf.Tensor2D, [n - 2, n - 2], [2, 2]));
  t.same([...corner.dataSync()], [n, n, n, n]);
  corner.dispose();
});

t.test('results that nobody reads are freed without harm', async (t) => {
  const before = tf.memory().numTensors;
  for (let i = 0; i < 200; i += 1) product().dispose();
  settle();
  t.equal(tf.memory().numTensors, before);
  const c = product();
  t.ok(c.dataSync().every((x) => x === n));
  c.dispose();
});

t.test('threads are stopped while they work, and what they computed is whole', async (t) => {
  const c = product();
  await stopThreads();
  t.ok(c.dataSync().every((x) => x === n));
  c.dispose();
});
