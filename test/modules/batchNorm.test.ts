import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32 } from '../../lib/data/array.js';
import { engine } from '../../lib/engine/index.js';
import type { Params } from '../../lib/data/leaf.js';
import { key } from '../../lib/random/index.js';
import { transformWithState } from '../../lib/language/transform.js';
import { batchNorm, batchStatistics } from '../../modules/batchNorm.js';

await engine();

const model = transformWithState(batchNorm({ decayRate: 0.9 }));
/** Two channels: 1, 3 (mean 2, variance 1) and 10, 30 (mean 20, variance 100). */
const x = tf.tensor2d([1, 10, 3, 30], [2, 2]);
const values = (leaf: unknown) => [...(leaf as tf.Tensor).dataSync()];

const near = (found: ArrayLike<number>, expected: number[], tolerance = 1e-4) =>
  found.length === expected.length &&
  expected.every((y, i) => Math.abs(found[i] - y) <= tolerance * (1 + Math.abs(y)));

t.test('statistics are those of each channel', async (t) => {
  const { mean, variance } = batchStatistics(x);
  t.same(
    [mean.shape, values(mean), values(variance)],
    [
      [1, 2],
      [2, 20],
      [1, 100],
    ],
  );
});

t.test('in training a batch is normalised by itself and the averages are renewed', async (t) => {
  const { params, state } = model.init(key(0), x);
  const { output, state: next } = model.apply(params, state, { isTraining: true }, x);
  t.ok(near(output.dataSync(), [-1, -1, 1, 1]));
  t.ok(near(values(next['batch_norm/~/mean_ema'].average), [2, 20]));
  t.ok(near(values(next['batch_norm/~/var_ema'].average), [1, 100]));
  t.same(values(next['batch_norm/~/mean_ema'].counter), [1]);
});

t.test("init leaves the first batch's statistics and counts none", async (t) => {
  const { params, state } = model.init(key(0), x);
  t.same(params, {
    batch_norm: { scale: float32([1, 2], [1, 1]), offset: float32([1, 2], [0, 0]) },
  });
  const { counter, hidden, average } = state['batch_norm/~/mean_ema'];
  t.same([[...counter.data], [...hidden.data]], [[0], [0, 0]]);
  t.ok(near(average.data as Float32Array, [2, 20]));
});

t.test('out of training the averages normalise, and stay as they are', async (t) => {
  const { params, state } = model.init(key(0), x);
  const { output, state: next } = model.apply(params, state, {}, tf.tensor2d([[2, 40]]));
  t.ok(near(output.dataSync(), [0, 2]));
  t.same(next, state);
});

t.test('out of training a batch may be normalised by itself', async (t) => {
  const { params, state } = model.init(key(0), x);
  const other = tf.tensor2d([0, 0, 4, 4], [2, 2]);
  const { output } = model.apply(params, state, {}, other, { useBatchStatistics: true });
  t.ok(near(output.dataSync(), [-1, -1, 1, 1]));
});

t.test('scale and offset are applied last, and may be left out', async (t) => {
  const { state } = model.init(key(0), x);
  const params = {
    batch_norm: { scale: float32([1, 2], [2, 3]), offset: float32([1, 2], [10, 20]) },
  } as unknown as Params;
  t.ok(near(model.apply(params, state, {}, x).output.dataSync(), [8, 17, 12, 23]));
  const bare = transformWithState(batchNorm({ decayRate: 0.9, withScale: false, withOffset: false }));
  const made = bare.init(key(0), x);
  t.same(made.params, {});
  t.ok(near(bare.apply(made.params, made.state, {}, x).output.dataSync(), [-1, -1, 1, 1]));
});

t.test('there is nothing to normalise by before the first batch', async (t) => {
  t.throws(() => model.apply({} as Params, {}, {}, x), {
    message: /^batch_norm\/~\/mean_ema: state 'average' is read before it exists/,
  });
});
