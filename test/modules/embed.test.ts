import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32 } from '../../lib/data/array.js';
import { engine } from '../../lib/engine/index.js';
import type { Params } from '../../lib/data/leaf.js';
import { outline } from '../../lib/language/outline.js';
import { key } from '../../lib/random/index.js';
import { module } from '../../lib/language/module.js';
import { transform } from '../../lib/language/transform.js';
import { embed, lookUp } from '../../modules/embed.js';

await engine();

const layer = embed({ vocabSize: 3, numChannels: 2 });
const params = { embed: { embeddings: float32([3, 2], [1, 2, 3, 4, 5, 6]) } } as unknown as Params;

t.test('each id becomes its row of the table', async (t) => {
  const y = transform(layer).apply(params, {}, tf.tensor2d([[2, 0, 2]], [1, 3], 'int32'));
  t.same(y.shape, [1, 3, 2]);
  t.same([...y.dataSync()], [5, 6, 1, 2, 5, 6]);
});

t.test('the table begins as a standard normal cut at two deviations', async (t) => {
  const made = transform(embed({ vocabSize: 100, numChannels: 20 })).init(key(3), {
    shape: [1, 1],
    dtype: 'int32',
  });
  const { data } = made.embed.embeddings;
  t.ok((data as Float32Array).every((x) => Math.abs(x) < 2));
  const square = (data as Float32Array).reduce((sum, x) => sum + x * x, 0) / data.length;
  t.ok(Math.abs(Math.sqrt(square) - 0.88) < 0.03, 'deviation of 0.88 after the cut');
});

t.test('table() gives the same parameter, under the same path, without a call', async (t) => {
  const tied = module('tied', (s) => {
    const embedding = s.declare(layer);
    return () => embedding.table();
  });
  t.same(outline(tied, []).params, {
    'tied/~/embed': { embeddings: outline(tied, []).params['tied/~/embed'].embeddings },
  });
  const table = transform(tied).apply({ 'tied/~/embed': params.embed } as unknown as Params, {});
  t.same([...table.dataSync()], [1, 2, 3, 4, 5, 6]);
});

t.test('an id outside of the vocabulary is an error that names it', async (t) => {
  const apply = (ids: number[]) => transform(layer).apply(params, {}, tf.tensor1d(ids, 'int32'));
  t.throws(() => apply([0, 3]), { message: 'embed: id 3 at index 1 is not in a vocabulary of 3' });
  t.throws(() => apply([-1]), { message: 'embed: id -1 at index 0 is not in a vocabulary of 3' });
});

t.test('ids that are not whole numbers are an error', async (t) => {
  t.throws(() => transform(layer).apply(params, {}, tf.tensor1d([0, 1])), {
    message: 'embed: ids are float32, expected int32',
  });
});

t.test('a shape-only reading looks at no id', async (t) => {
  t.same(outline(layer, [{ shape: [4, 5], dtype: 'int32' }]).outputs, { shape: [4, 5, 2], dtype: 'float32' });
});

t.test('rows that are used twice get the sum of both gradients', async (t) => {
  const slopes = tf.grad((table) => {
    const rows = lookUp(table, tf.tensor1d([2, 0, 2], 'int32'));
    return tf.sum(tf.mul(rows, tf.tensor2d([1, 2, 10, 20, 100, 200], [3, 2])));
  })(tf.zeros([3, 2]));
  t.same([...slopes.dataSync()], [10, 20, 0, 0, 101, 202]);
});
