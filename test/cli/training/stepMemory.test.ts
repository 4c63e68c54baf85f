/** The memory of a training step, counted before the first one. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { expectRoom, stepBytes } from '../../../cli/training/stepMemory.js';
import type { Prepared } from '../../../cli/training/prepared.js';
import { float32, type HostArray } from '../../../lib/data/array.js';
import { engine } from '../../../lib/engine/index.js';
import { transform } from '../../../lib/language/transform.js';
import { key } from '../../../lib/random/index.js';
import * as train from '../../../lib/train/index.js';
import { linear } from '../../../modules/index.js';

t.before(() => engine());

const layers = 10;

interface Batch {
  readonly x: HostArray;
}

/** A training whose step keeps a tensor of `rows` rows of 8 numbers for each of ten layers. */
const training = (rows: number): Prepared => {
  const model = transform(linear(8));
  const loss: train.Loss<Batch> = ({ params }, { x: row }, options) => {
    let x = tf.tanh(model.apply(params, options, tf.tile(row, [rows, 1]) as tf.Tensor2D));
    for (let i = 1; i < layers; i++) x = tf.tanh(x);
    return train.weighted(tf.square(x));
  };
  const step = train.trainStep(loss, train.sgd(0.1));
  const state = step.init({ params: model.init(key(0), { shape: [1, 8] }) }, key(1));
  const data = { at: async () => ({ x: float32([1, 8], new Float32Array(8)) }) };
  return { run: { step, state, data, key: key(2) }, recipe: { batchSize: 2 } } as unknown as Prepared;
};

t.test('the estimate has what the gradient keeps, and grows with it', async (t) => {
  const [one, two] = await Promise.all([10_000, 20_000].map((rows) => stepBytes(training(rows))));
  const kept = 4 * 8 * layers * 10_000;
  t.ok(one! > kept && one! < 3 * kept, `${one} of ${kept}`);
  t.ok(Math.abs(two! / one! - 2) < 0.01, `${two} of ${one}`);
});

t.test('a step that has no place is refused before anything is computed', async (t) => {
  const before = tf.memory().numTensors;
  t.type(await expectRoom(training(100), true), 'number');
  await t.rejects(
    expectRoom(training(20_000_000), true),
    /a step with a batch of 2 takes about [\d.]+ GB of memory, more than the 4.3 GB that WebAssembly can address: take/,
  );
  await t.rejects(expectRoom(training(2e14), false), /more than the [\d.]+ .B of this machine: take/);
  t.ok(tf.memory().numTensors - before < 20, 'no tensors but the states');
});

t.test('a step that decides by values has no estimate', async (t) => {
  const { run, recipe } = training(10);
  const deciding = Object.assign(
    () => ({ state: run.state, metrics: { loss: tf.scalar(tf.exp(tf.ones([1])).dataSync()[0]) } }),
    run.step,
  );
  t.equal(await expectRoom({ run: { ...run, step: deciding as never }, recipe }, true), undefined);
});
