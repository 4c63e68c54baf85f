import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32 } from '../../lib/data/array.js';
import { engine } from '../../lib/engine/index.js';
import type { Params } from '../../lib/data/leaf.js';
import { outline } from '../../lib/language/outline.js';
import { key } from '../../lib/random/index.js';
import { transform, transformWithState } from '../../lib/language/transform.js';
import { conv2dDownsample } from '../../modules/conv2dDownsample.js';

await engine();

t.test("ImageNet's images of 224 pixels become 56 × 56 × 64", async (t) => {
  const { outputs, params, state } = outline(conv2dDownsample(), [{ shape: [1, 224, 224, 3] }]);
  t.same(outputs.shape, [1, 56, 56, 64]);
  t.same(Object.keys(params), ['conv2_d_downsample/~/conv', 'conv2_d_downsample/~/batchnorm']);
  t.same(params['conv2_d_downsample/~/conv'].w.shape, [7, 7, 3, 64]);
  t.same(Object.keys(state), [
    'conv2_d_downsample/~/batchnorm/~/mean_ema',
    'conv2_d_downsample/~/batchnorm/~/var_ema',
  ]);
});

t.test('each layer makes images 4 times smaller, halves rounded up', async (t) => {
  const shape = (numLayers: number, size: number) =>
    outline(conv2dDownsample({ numLayers, numChannels: 2 }), [{ shape: [1, size, size, 3] }]).outputs.shape;
  t.same(shape(2, 32), [1, 2, 2, 2]);
  t.same(shape(1, 13), [1, 4, 4, 2]);
  t.same(shape(0, 5), [1, 5, 5, 3]);
});

t.test('without batch norm there is no state, and outputs are never negative', async (t) => {
  const model = transform(conv2dDownsample({ numChannels: 3, withBatchNorm: false }));
  const x = tf.randomNormal([1, 9, 9, 2], 0, 1, 'float32', 5);
  const params = model.init(key(1), x);
  t.same(Object.keys(params), ['conv2_d_downsample/~/conv']);
  t.ok(tf.min(model.apply(params, {}, x)).dataSync()[0] >= 0);
});

t.test("out of training a batch's own statistics can be asked for", async (t) => {
  const model = transformWithState(conv2dDownsample({ numChannels: 3 }));
  const x = tf.randomNormal([2, 9, 9, 2], 0, 1, 'float32', 5);
  const { params, state } = model.init(key(1), x);
  const other = tf.add(tf.mul(x, 3), 1);
  const trained = model.apply(params, state, { isTraining: true }, other).output;
  const own = model.apply(params, state, {}, other, { useBatchStatistics: true }).output;
  const averaged = model.apply(params, state, {}, other).output;
  t.same(own.dataSync(), trained.dataSync());
  t.notSame(averaged.dataSync(), trained.dataSync());
});

t.test('configs that do not fit are errors', async (t) => {
  t.throws(() => conv2dDownsample({ numLayers: -1 }), { name: 'ConfigError', message: /numLayers/ });
});

t.test('symmetric padding: windows begin a pixel further up and left, pooling stays inside', async (t) => {
  const shape = (size: number) =>
    outline(conv2dDownsample({ padding: 'symmetric', numChannels: 2 }), [{ shape: [1, size, size, 3] }])
      .outputs.shape;
  t.same(shape(224), [1, 55, 55, 2], "as PyTorch's MaxPool2d(3, 2) of 112");
  t.same(shape(13), [1, 3, 3, 2]);
});

t.test('symmetric padding gives what is seen by hand', async (t) => {
  const model = transform(conv2dDownsample({ padding: 'symmetric', numChannels: 1, withBatchNorm: false }));
  const x = tf.tensor4d(
    Float32Array.from({ length: 36 }, (_, i) => i),
    [1, 6, 6, 1],
  );
  // The pixel in the middle of each window: 0, 2, 4, 12, … 28; one window of all of them is pooled.
  const w = new Float32Array(49);
  w[24] = 1;
  const params = { 'conv2_d_downsample/~/conv': { w: float32([7, 7, 1, 1], w) } } as unknown as Params;
  t.same(model.apply(params, {}, x).dataSync(), Float32Array.of(28));
});
