import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../lib/engine/index.js';
import { outline } from '../../lib/language/outline.js';
import { key } from '../../lib/random/index.js';
import { transform } from '../../lib/language/transform.js';
import { multiHeadAttention } from '../../modules/multiHeadAttention.js';

await engine();

const layer = multiHeadAttention({ numHeads: 2, keySize: 3 });
const of = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);
const [q, k, v] = [of([2, 4, 5], 1), of([2, 6, 3], 2), of([2, 6, 2], 3)];

t.test('projections are named for what they make, and widths follow the heads', async (t) => {
  const { params, outputs } = outline(layer, [q, k, v]);
  t.same(
    Object.entries(params).map(([path, { w }]) => [path, ...w.shape]),
    [
      ['multi_head_attention/query', 5, 6],
      ['multi_head_attention/key', 3, 6],
      ['multi_head_attention/value', 2, 6],
      ['multi_head_attention/linear', 6, 6],
    ],
  );
  t.same(outputs.shape, [2, 4, 6]);
});

t.test('leading axes are batches, and there may be none', async (t) => {
  const model = transform(layer);
  const params = model.init(key(1), q, k, v);
  const whole = model.apply(params, {}, q, k, v);
  const first = model.apply(
    params,
    {},
    tf.squeeze(tf.slice(q, 0, 1), [0]),
    tf.squeeze(tf.slice(k, 0, 1), [0]),
    tf.squeeze(tf.slice(v, 0, 1), [0]),
  );
  t.same(first.shape, [4, 6]);
  const difference = tf.sub(first, tf.squeeze(tf.slice(whole, 0, 1), [0]));
  t.ok(tf.max(tf.abs(difference)).dataSync()[0] < 1e-6);
  t.same(
    outline(layer, [{ shape: [3, 2, 4, 5] }, { shape: [3, 2, 6, 3] }, { shape: [3, 2, 6, 2] }]).outputs.shape,
    [3, 2, 4, 6],
  );
});

t.test('a query without keys gets the mean of the values', async (t) => {
  const model = transform(layer);
  const params = model.init(key(1), q, k, v);
  const none = model.apply(params, {}, q, k, v, tf.zeros([2, 1, 4, 6]));
  const rows = tf.unstack(none, 1); // every query of an example gets the same
  t.ok(tf.max(tf.abs(tf.sub(rows[0], rows[3]))).dataSync()[0] < 1e-6);
  t.ok(tf.max(tf.abs(none)).dataSync()[0] > 1e-3, 'and not zeros');
});

t.test('inputs that do not fit are refused', async (t) => {
  t.throws(() => outline(layer, [q, k, { shape: [2, 7, 2] }]), { name: 'ShapeError' });
  t.throws(() => outline(layer, [q, { shape: [3, 6, 3] }, v]), { name: 'ShapeError' });
  t.throws(() => outline(layer, [q, k, v, { shape: [2, 4, 6] }]), {
    message: 'multi_head_attention: mask has shape [2, 4, 6], expected [..., 1 or H, T, S]',
  });
  t.throws(() => multiHeadAttention({ numHeads: 0, keySize: 3 }), { name: 'ConfigError' });
});
