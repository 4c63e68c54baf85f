/** Steps that cannot be taken: causes of those that are not finite, and losses, batches and options that are refused. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray, int32 } from '../../../lib/data/array.js';
import type { Params } from '../../../lib/data/leaf.js';
import { engine } from '../../../lib/engine/index.js';
import { chain, lift } from '../../../lib/language/combinators/index.js';
import { transform } from '../../../lib/language/transform.js';
import { key, normal } from '../../../lib/random/index.js';
import * as train from '../../../lib/train/index.js';
import { linear } from '../../../modules/index.js';

interface Batch {
  readonly x: HostArray;
  readonly labels: HostArray;
  readonly weights: HostArray;
}

t.test('a label outside of the classes and a batch of weight 0 are named as causes', async (t) => {
  await engine();
  const classes = transform(linear(3));
  const step = train.trainStep<Batch, train.OptimizerState>(
    ({ params }, { x, labels, weights }, options) =>
      train.weighted(
        train.softmaxCrossEntropyWithIntegerLabels(classes.apply(params, options, x as tf.Tensor2D), labels),
        weights,
      ),
    train.sgd(0.1),
    { microBatches: 2 },
  );
  const params = { linear: { w: float32([3, 3], new Float32Array(9)), b: float32([3], [0, 0, 0]) } };
  const of = async (labels: number[], weights: number[]) => {
    const batch = { x: normal(key(1), [4, 3]), labels: int32([4], labels), weights: float32([4], weights) };
    const { state, metrics } = step(step.init({ params: params as unknown as Params }, key(0)), batch);
    const { isFinite } = await train.readMetrics(metrics);
    const found = await train.findNotFinite(step, state, batch, key(0));
    train.freeTrainState(state);
    return { isFinite, message: found && train.showNotFinite(found) };
  };
  const { numTensors } = tf.memory();
  t.same(await of([0, 1, 2, 3], [1, 1, 1, 1]), {
    isFinite: 0,
    message:
      "label 3 in row 1 of 'labels' of the batch is outside of the classes 0 to 2: classes count from 0, and rows of " +
      'weight 0 have one, too (micro-batch 1)',
  });
  t.match(await of([0, -1, 2, 0], [1, 1, 1, 1]), {
    isFinite: 0,
    message: /label -1 in row 1 .* \(micro-batch 0\)/,
  });
  t.same(await of([0, 1, 2, 0], [0, 0, 1, 0]), { isFinite: 1, message: undefined });
  t.match(await of([0, 1, 2, 0], [0, 0, 0, 0]), {
    isFinite: 0,
    message: /the weight of the batch is 0, so that/,
  });
  t.equal(tf.memory().numTensors, numTensors);
});

t.test(
  'a weight below 0, and a gradient whose norm alone is beyond float32, end a run and say why',
  async (t) => {
    await engine();
    const w = float32([2], [1, 1]);
    const of = async (factor: number, weight: number) => {
      const loss: train.Loss<{ readonly x: HostArray }> = ({ params }, { x }) => ({
        sum: tf.sum(tf.mul(tf.mul(params.linear.w, x), factor)),
        weight: tf.scalar(weight),
      });
      const step = train.trainStep(loss, train.sgd(0.1) as train.Transformation);
      const events = [];
      const state = step.init({ params: { linear: { w } } as unknown as Params }, key(0));
      const data = { at: async () => ({ x: float32([2], [1, 1]) }) };
      for await (const event of train.train({ step, state, data, key: key(1), numSteps: 1 }))
        events.push(event);
      return events;
    };
    t.match(await of(1, -1), [
      {},
      {
        kind: 'notFinite',
        message: 'step 1, batch 0: the weight of the batch is -1, expected a number above 0',
      },
      { reason: 'notFinite', step: 0 },
    ]);
    t.match((await of(1e30, 1))[1], {
      message:
        'step 1, batch 0: each number is finite, and the norm of the gradient is beyond float32: take a lower learning rate',
    });
  },
);

t.test('a number that arose between two modules is not laid on the second one', async (t) => {
  await engine();
  const { numTensors } = tf.memory();
  const model = transform(
    chain(
      linear(2),
      lift((x: tf.Tensor) => tf.div(x, tf.zerosLike(x))),
      linear(2),
    ),
  );
  const step = train.trainStep<{ readonly x: HostArray }, train.OptimizerState>(
    ({ params }, { x }, options) => train.weighted(model.apply(params, options, x as tf.Tensor2D)),
    train.sgd(0.1),
  );
  const state = step.init({ params: model.init(key(0), { shape: [4, 3] }) }, key(0));
  const found = await train.findNotFinite(step, state, { x: normal(key(1), [4, 3]) }, key(0));
  t.equal(
    train.showNotFinite(found!),
    "an input of module 'linear_1' is not finite, and no output of a module before is: it was computed between them",
  );
  train.freeTrainState(state);
  t.equal(tf.memory().numTensors, numTensors);
});

t.test('a loss that is a mean, options out of range and a batch without examples are refused', async (t) => {
  await engine();
  const params = { linear: { w: float32([3, 1], [1, 1, 1]) } } as unknown as Params;
  const mean = (weights: { params: Params<tf.Tensor> }): tf.Tensor => tf.mean(weights.params.linear.w);
  const take = (loss: unknown, examples = 1) => {
    const step = train.trainStep(loss as train.Loss<Pick<Batch, 'x'>>, train.sgd(1));
    const state = step.init({ params }, key(0));
    try {
      step(state, { x: float32([examples, 2], new Float32Array(2 * examples)) });
    } finally {
      train.freeTrainState(state);
    }
  };
  t.throws(() => take(mean), /the loss gave a tensor \[\], expected \{ sum, weight \}/);
  t.throws(
    () => take((weights: never) => ({ sum: mean(weights), weight: 4 })),
    /the loss gave \{ sum: a tensor \[\], weight: number \}, expected/,
  );
  t.throws(
    () => take((weights: never) => ({ ...train.weighted(mean(weights)), metrics: { above: tf.scalar(1) } })),
    /'above' of the loss's metrics gave a tensor/,
  );
  t.throws(() => take(mean, 0), /a batch has no examples: its arrays are \[0, 2\], expected one or more/);
  const make = (options: train.TrainStepOptions) => train.trainStep(mean as never, train.sgd(1), options);
  t.throws(() => make({ microBatches: 0 }), /trainStep: microBatches is 0, expected a whole number from 1/);
  t.throws(
    () => make({ ema: { decay: 2, start: 'zeros' } }),
    /ema: decay is 2, expected a number from 0, below 1/,
  );
  t.throws(
    () => make({ ema: { decay: 0.5, start: 'zero' as 'zeros' } }),
    /ema: start is 'zero', expected 'zeros' or 'copy'/,
  );
});
