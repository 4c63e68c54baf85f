import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../lib/engine/index.js';
import type { Params } from '../../lib/data/leaf.js';
import { outline } from '../../lib/language/outline.js';
import type { Scope } from '../../lib/language/scope.js';
import { transform } from '../../lib/language/transform.js';
import { batchApply } from '../../modules/batchApply.js';
import { conv2d } from '../../modules/conv.js';

await engine();

t.test('a layer for images runs on every frame of videos, with one set of weights', async (t) => {
  const { params, outputs } = outline(batchApply(conv2d({ outputChannels: 2, kernelShape: 1, stride: 2 })), [
    { shape: [2, 3, 4, 6, 5] },
  ]);
  t.same(outputs.shape, [2, 3, 2, 3, 2]);
  t.same(Object.keys(params), ['conv2_d']);
});

t.test('elements keep their places, and further inputs pass as they are', async (t) => {
  const addTo = (_s: Scope, x: tf.Tensor, y: tf.Tensor) => tf.add(x, y);
  const x = tf.reshape(tf.range(0, 8), [2, 1, 2, 2]);
  const y = transform(batchApply(addTo, 3)).apply({} as Params, {}, x, tf.tensor1d([10, 20]));
  t.same(y.shape, [2, 1, 2, 2]);
  t.same([...y.dataSync()], [10, 21, 12, 23, 14, 25, 16, 27]);
});

t.test('inputs with too few axes are an error', async (t) => {
  const same = batchApply((_s: Scope, x: tf.Tensor) => x);
  t.throws(() => transform(same).apply({} as Params, {}, tf.zeros([3])), {
    name: 'ShapeError',
    message: 'x has shape [3], expected at least 2 axes to merge',
  });
});
