import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32 } from '../../lib/data/array.js';
import { engine } from '../../lib/engine/index.js';
import type { Params } from '../../lib/data/leaf.js';
import { transform } from '../../lib/language/transform.js';
import { embeddingDecoder } from '../../modules/embeddingDecoder.js';

await engine();

const model = transform(embeddingDecoder());
const params = { embedding_decoder: { bias: float32([3], [0, 10, 100]) } } as unknown as Params;

t.test('a logit is the product with a row of the table, and a bias', async (t) => {
  const table = tf.tensor2d([
    [1, 0],
    [0, 1],
    [2, 3],
  ]);
  const y = model.apply(params, {}, tf.tensor3d([[[4, 5]]]), table);
  t.same(y.shape, [1, 1, 3]);
  t.same([...y.dataSync()], [4, 15, 123]);
});

t.test('a table of another width is an error', async (t) => {
  t.throws(() => model.apply(params, {}, tf.zeros([1, 2, 4]), tf.zeros([3, 5])), {
    name: 'ShapeError',
    message: 'embedding_decoder: x has shape [1, 2, 4], expected [B, N, C] with C = 5',
  });
});
