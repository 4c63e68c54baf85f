/** Batches as steps take them: examples that only fill one, and arrays that do not belong together. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray } from '../../../lib/data/array.js';
import { engine } from '../../../lib/engine/index.js';
import { transform } from '../../../lib/language/transform.js';
import { key, normal } from '../../../lib/random/index.js';
import * as train from '../../../lib/train/index.js';
import { linear } from '../../../modules/index.js';

interface Batch {
  readonly x: HostArray;
  readonly y: HostArray;
}

const model = transform(linear(1));
const params = model.init(key(0), { shape: [2, 3] });
const loss: train.Loss<Batch> = (weights, { x, y }, options) =>
  train.weighted(train.l2Loss(model.apply(weights.params, options, x as tf.Tensor2D), y));

t.before(() => engine());

t.test('a loss that ignores the weights of examples does not count those that fill a batch', async (t) => {
  const [x, y] = [normal(key(1), [3, 3]), normal(key(2), [3, 1])];
  const twice = ({ data, shape: [, D] }: HostArray) => float32([6, D], [...data, ...data].map(Number));
  const filled = { x: twice(x), y: twice(y), exampleWeights: float32([6], [1, 1, 1, 0, 0, 0]) };
  for (const microBatches of [1, 2, 5]) {
    const step = train.trainStep(loss, train.sgd(0.1), { microBatches });
    const of = async (batch: Batch) => {
      const { state, metrics } = step(step.init({ params }, key(0)), batch);
      const figures = await train.readMetrics(metrics);
      return { figures, weights: await train.takeWeights(state) };
    };
    const found = await of(filled);
    t.equal(found.figures.weight, 3);
    t.same(found, await of({ x, y }));
    await t.rejects(
      of({ ...filled, exampleWeights: float32([6], new Float32Array(6)) } as Batch),
      /a batch has no examples: all exampleWeights are 0, expected one or more/,
    );
  }
});

t.test('a batch whose arrays disagree on the number of examples is refused', async (t) => {
  const step = train.trainStep(loss, train.sgd(0.1), { microBatches: 3 });
  const state = step.init({ params }, key(0));
  const uneven = { x: normal(key(1), [4, 3]), y: normal(key(1), [5, 1]) };
  t.throws(
    () => step(state, uneven),
    /must agree on the number of examples, their first axis; found 4 in 'x' and 5 in 'y'/,
  );
  const scalar = { x: normal(key(1), [4, 3]), y: float32([], [1]) };
  t.throws(() => step(state, scalar), /first axis; found 4 in 'x' and a scalar in 'y'/);
  const short = { x: normal(key(1), [4, 3]), y: { ...normal(key(1), [3, 1]), shape: [4, 1] } };
  t.throws(() => step(state, short), /'y' of the batch has 3 numbers, expected 4 for its shape \[4, 1\]/);
  train.freeTrainState(state);
});
