/** Causes of steps that are not finite, beside the first number that is none. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray, int32 } from '../../../lib/data/array.js';
import type { Params } from '../../../lib/data/leaf.js';
import { engine } from '../../../lib/engine/index.js';
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
