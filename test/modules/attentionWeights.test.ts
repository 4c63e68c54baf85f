/** Whoever asks for the weights of an attention layer sees them; outputs and the other layers stay as they are. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { eachPart, engine, key, type Scope, type Shown, transform, valueAndGrad } from '../../lib/index.js';
import { attentionWeights } from '../../modules/attend.js';
import { crossAttention, selfAttention } from '../../modules/index.js';

await engine();

const [q, kv] = [
  tf.randomNormal([2, 6, 8], 0, 1, 'float32', 1),
  tf.randomNormal([2, 9, 12], 0, 1, 'float32', 2),
];
const mask = tf.greater(tf.randomUniform([2, 6, 9], 0, 1, 'float32', 3), 0.3);
const network = (s: Scope, x: tf.Tensor) =>
  selfAttention({ numHeads: 2 })(s, crossAttention({ numHeads: 3 })(s, x, kv, mask));
const model = transform(network);
const params = model.init(key(1), q);

const largest = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];

t.test('weights are shown by path and rows, and sum to one', async (t) => {
  const plain = model.apply(params, {}, q);
  const seen: { path: string; shape: number[]; rows: number }[] = [];
  const before = tf.memory().numTensors;
  const tapped = model.apply(
    params,
    {
      watch: {
        of: /^cross_attention.*weights$/,
        see: ({ path, rows, make }) => {
          const weights = make([0, rows]);
          seen.push({ path, shape: weights.shape, rows });
          const sums = tf.sum(weights, 3);
          const isThere = tf.expandDims(tf.cast(tf.any(mask, 2), 'float32'), 1);
          t.ok(largest(sums, tf.mul(tf.onesLike(sums), isThere)) < 1e-6);
        },
      },
    },
    q,
  );
  t.same(seen, [{ path: 'cross_attention/attention', shape: [2, 3, 6, 9], rows: 6 }]);
  t.equal(tf.memory().numTensors, before + 1, 'weights are freed');
  t.ok(largest(plain, tapped) < 1e-5, 'the output is what it was');
});

t.test('many queries come in parts, in order', async (t) => {
  const [long, keys] = [3000, 2000].map((n) => tf.randomNormal([1, n, 4], 0, 1, 'float32', n));
  const cross = transform(crossAttention({ numHeads: 1 }));
  const weights = cross.init(key(2), long, keys);
  const starts: number[] = [];
  let rows = 0;
  const see = (shown: Shown) =>
    eachPart(shown, (part, start) => {
      starts.push(start);
      rows += part.shape[2] as number;
    });
  const tapped = cross.apply(weights, { watch: { of: /weights/, see } }, long, keys);
  t.equal(rows, 3000);
  t.ok(starts.length > 1 && starts.every((start, i) => i === 0 || start > starts[i - 1]), `${starts}`);
  t.ok(largest(tapped, cross.apply(weights, {}, long, keys)) < 1e-5);
});

t.test('gradients are the same while somebody looks', async (t) => {
  const of = (look: boolean) => {
    const options = look
      ? { watch: { of: /./, see: (shown: Shown) => eachPart(shown, () => undefined) } }
      : {};
    return valueAndGrad((x: tf.Tensor) => tf.sum(tf.sin(model.apply(params, options, x))))(q).grads;
  };
  t.ok(largest(of(true), of(false)) < 1e-5);
});

t.test('weights by hand', async (t) => {
  const shown = attentionWeights(tf.tensor4d([1, 0], [1, 1, 1, 2]), tf.tensor4d([0, 0, 0, 0], [1, 2, 1, 2]));
  t.same([...shown.dataSync()], [0.5, 0.5]);
});
