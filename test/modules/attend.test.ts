/** Attention by hand, in tiles and whole, with its gradients. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { toTensor } from '../../lib/data/leaf.js';
import { engine } from '../../lib/engine/index.js';
import { gradients } from '../../lib/engine/derivatives/gradients.js';
import { key, normal, split } from '../../lib/random/index.js';
import { attend, attentionWeights, crossMask } from '../../modules/attend.js';

await engine();

const draw = (seed: number, ...shapes: number[][]): tf.Tensor[] =>
  split(key(seed), shapes.length).map((sub, i) => toTensor(normal(sub, shapes[i])));

const largest = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];

t.test('equal scores give the mean of the values', async (t) => {
  const [v] = draw(0, [1, 3, 1, 2]);
  const out = attend(tf.zeros([1, 2, 1, 4]), tf.zeros([1, 3, 1, 4]), v);
  t.same(out.shape, [1, 2, 2]);
  const mean = tf.reshape(tf.mean(v, 1), [1, 1, 2]);
  t.ok(largest(out, tf.tile(mean, [1, 2, 1])) < 1e-6);
});

t.test('a key that stands out is taken alone', async (t) => {
  const k = tf.tensor4d([0, 0, 100, 0], [1, 2, 1, 2]);
  const v = tf.tensor4d([1, 2, 3, 4], [1, 2, 1, 2]);
  t.same([...attend(tf.tensor4d([9, 0], [1, 1, 1, 2]), k, v).dataSync()], [3, 4]);
});

t.test('masked keys count for nothing and masked rows give zeros', async (t) => {
  const [q, k, v] = draw(1, [2, 3, 2, 4], [2, 5, 2, 4], [2, 5, 2, 3]);
  const mask = crossMask(
    tf.tensor2d([1, 1, 0, 1, 1, 1], [2, 3]),
    tf.tensor2d([1, 0, 1, 0, 0, 1, 1, 1, 1, 1], [2, 5]),
  );
  const out = attend(q, k, v, { mask });
  const row = tf.slice(out, [0, 2, 0], [1, 1, -1]).dataSync();
  t.ok(
    row.every((x) => x === 0),
    'the query that is not there',
  );
  const kept = [k, v].map((x) => tf.gather(tf.slice(x, [0, 0, 0, 0], [1, -1, -1, -1]), [0, 2], 1));
  const alone = attend(tf.slice(q, [0, 0, 0, 0], [1, 2, -1, -1]), kept[0], kept[1]);
  t.ok(largest(tf.slice(out, [0, 0, 0], [1, 2, -1]), alone) < 1e-6, 'as if the others were not there');
});

t.test('weights are what each query takes of each key', async (t) => {
  const [q, k, v] = draw(2, [1, 3, 2, 4], [1, 5, 2, 4], [1, 5, 2, 3]);
  const weights = attentionWeights(q, k);
  t.same(weights.shape, [1, 2, 3, 5]);
  t.ok(largest(tf.sum(weights, 3), tf.ones([1, 2, 3])) < 1e-6);
  const taken = tf.matMul(weights, tf.transpose(v, [0, 2, 1, 3])); // [1, 2, 3, 3]
  t.ok(largest(tf.reshape(tf.transpose(taken, [0, 2, 1, 3]), [1, 3, 6]), attend(q, k, v)) < 1e-6);
});

t.test('long inputs are attended to in tiles with the same result and the same gradients', async (t) => {
  const [queries, keys] = [400, 50_000]; // 20 M scores
  const [q, k, v] = draw(3, [1, queries, 1, 2], [1, keys, 1, 2], [1, keys, 1, 3]);
  const [cotangent] = draw(4, [1, queries, 3]);
  const before = tf.memory().numTensors;
  const whole = tf.tidy(() => attend(q, k, v));
  t.equal(tf.memory().numTensors, before + 1, 'nothing is left but the result');
  const part = attend(tf.slice(q, [0, 100, 0, 0], [1, 20, -1, -1]), k, v);
  t.ok(largest(tf.slice(whole, [0, 100, 0], [1, 20, -1]), part) < 1e-6);
  const loss = (xs: tf.Tensor[]) => tf.sum(tf.mul(attend(xs[0], xs[1], xs[2]), cotangent)) as tf.Scalar;
  const { grads } = gradients(loss, [q, k, v]);
  const halves = [0, queries / 2].map((start) => {
    const size = queries / 2;
    const ofHalf = (xs: tf.Tensor[]) => {
      const out = attend(tf.slice(xs[0], [0, start, 0, 0], [1, size, -1, -1]), xs[1], xs[2]);
      return tf.sum(tf.mul(out, tf.slice(cotangent, [0, start, 0], [1, size, -1]))) as tf.Scalar;
    };
    return gradients(ofHalf, [q, k, v]).grads;
  });
  grads.forEach((grad, i) => {
    const both = tf.add(halves[0][i], halves[1][i]);
    t.ok(largest(grad, both) <= 1e-5 * (1 + tf.max(tf.abs(both)).dataSync()[0]), `gradient ${i}`);
  });
});

t.test('few queries take what they take among many, of one head and of several', async (t) => {
  for (const heads of [1, 3])
    for (const keys of [1, 513, 9000]) {
      const [q, k, v] = draw(6, [2, 9, heads, 12], [2, keys, heads, 12], [2, keys, heads, 7]);
      const mask = tf.greater(tf.randomUniform([2, 9, keys], 0, 1, 'float32', 3), 0.3);
      for (const among of [undefined, mask]) {
        const many = attend(q, k, v, { mask: among });
        for (const few of [1, 4, 5]) {
          const ofFew = among && tf.slice(among, 0, [-1, few, -1]);
          const alone = attend(tf.slice(q, 0, [-1, few, -1, -1]), k, v, { mask: ofFew });
          t.ok(largest(alone, tf.slice(many, 0, [-1, few, -1])) < 2e-6, `${few} of ${heads}, ${keys} keys`);
        }
      }
    }
});

t.test('shapes that do not fit are named', async (t) => {
  const [q, k, v] = draw(5, [1, 3, 2, 4], [1, 5, 2, 6], [1, 5, 2, 3]);
  t.throws(() => attend(q, k, v), /k has shape \[1, 5, 2, 6\].*D = 4/);
  t.throws(() => attend(q, q, v), /v has shape/);
  t.throws(() => attend(q, q, q, { mask: tf.ones([1, 2, 3]) }), /mask has shape/);
});
