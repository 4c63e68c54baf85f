/** Evaluation over a data set: figures do not depend on the size of batches, whether they look at weights or not. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray, int32 } from '../../../lib/data/array.js';
import { engine } from '../../../lib/engine/index.js';
import * as train from '../../../lib/train/index.js';

t.before(() => engine());

const scores = [3, 1, 2, 5, 4, 0, 2, 2, 1, 9];
const heldOut = {
  length: scores.length,
  at: (i: number) => ({ x: float32([2], [scores[i], 2.5]), y: int32([], [i % 2]) }),
};
type Batch = train.Batched<ReturnType<typeof heldOut.at>>;

const evaluated = (batchSize: number, figures: train.EvaluationOptions<Batch, tf.Tensor>['figures']) =>
  train.evaluation<Batch, tf.Tensor>({
    data: train.inOrder(heldOut, batchSize),
    run: (_weights, { x }) => x.clone(),
    figures,
  })({ params: {} as never, state: {} });

t.test('batches of 1, 7 and 64 give one figure, and examples that fill a batch are in none', async (t) => {
  const before = tf.memory().numTensors;
  const found = [];
  let seen = 0;
  for (const size of [1, 7, 64])
    found.push(
      await evaluated(size, (x, { y }, by) => {
        seen += x.shape[0];
        return {
          without: train.metrics.topKAccuracy(x, y),
          with: train.metrics.topKAccuracy(x, y, by),
          mean: train.metrics.mean(x),
        };
      }),
    );
  const right = scores.filter((score, i) => (score >= 2.5 ? 0 : 1) === i % 2).length / 10;
  const mean = (scores.reduce((a, b) => a + b) + 25) / 20;
  for (const figures of found) {
    t.same([figures.without, figures.with], [right, right]);
    t.ok(Math.abs(figures.mean - mean) < 1e-12);
  }
  t.equal(seen, 30);
  t.equal(tf.memory().numTensors, before);
});

t.test(
  'examples of weight 0 are left out wherever they are, and batches without others are passed over',
  async (t) => {
    const batch = (weights: number[]): { x: HostArray; exampleWeights: HostArray } => ({
      x: float32([3], [1, 2, 4]),
      exampleWeights: float32([3], weights),
    });
    const all = [batch([1, 0, 2]), batch([0, 0, 0])];
    const seen: unknown[] = [];
    const figures = await train.evaluation({
      data: { length: 2, at: (n) => all[n] },
      run: (_weights, { x }) => x.clone(),
      figures: (x, _batch, by) => {
        seen.push([...x.data], [...by.weights!.data]);
        return { mean: train.metrics.mean(x, by) };
      },
    })({ params: {} as never, state: {} });
    t.same(seen, [
      [1, 4],
      [1, 2],
    ]);
    t.equal(figures.mean, 3);
  },
);
