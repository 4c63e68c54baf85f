import t from 'tap';
import * as fc from '../property.js';
import * as tf from '@tensorflow/tfjs-core';
import { float32 } from '../../lib/data/array.js';
import { engine } from '../../lib/engine/index.js';
import type { Params } from '../../lib/data/leaf.js';
import { outline } from '../../lib/language/outline.js';
import { key } from '../../lib/random/index.js';
import { transform } from '../../lib/language/transform.js';
import { conv1d, conv2d, convolve } from '../../modules/conv.js';

await engine();

const row = (values: number[]) => tf.tensor4d(values, [1, 1, values.length, 1]);
const kernel = (values: number[]) => tf.tensor4d(values, [1, values.length, 1, 1]);
const largest = (x: tf.Tensor): number => tf.max(tf.abs(x)).dataSync()[0];

t.test('the kernel is laid on as it is, not flipped, with zeros outside', async (t) => {
  t.same([...convolve(row([1, 2, 3]), kernel([1, 10, 100])).dataSync()], [210, 321, 32]);
});

t.test('strides and VALID padding leave out windows', async (t) => {
  const x = row([1, 2, 3, 4, 5]);
  t.same([...convolve(x, kernel([1, 10]), { stride: [1, 2], padding: 'VALID' }).dataSync()], [21, 43]);
  t.same([...convolve(x, kernel([1, 10]), { stride: [1, 2] }).dataSync()], [21, 43, 5]);
});

t.test('input channels are summed, each with its own weights', async (t) => {
  const x = tf.tensor4d([1, 2], [1, 1, 1, 2]);
  const w = tf.tensor4d([1, 10, 100, 1000], [1, 1, 2, 2]);
  t.same([...convolve(x, w).dataSync()], [201, 2010]);
});

/** A kernel [side, side, C, D] with zeros between its weights, as wide as it reaches when dilated. */
const withHoles = (w: tf.Tensor, rate: number): tf.Tensor => {
  const [side, , C, D] = w.shape;
  const reach = (side - 1) * rate + 1;
  const spread = (rows: tf.Tensor) => {
    const padded = tf.pad(tf.reshape(rows, [side, 1, -1]), [
      [0, 0],
      [0, rate - 1],
      [0, 0],
    ]);
    return tf.slice(tf.reshape(padded, [side * rate, -1]), [0, 0], [reach, -1]);
  };
  const rows = tf.reshape(spread(w), [reach, side, C, D]);
  const columns = tf.reshape(spread(tf.transpose(rows, [1, 0, 2, 3])), [reach, reach, C, D]);
  return tf.transpose(columns, [1, 0, 2, 3]);
};

t.test('a dilated convolution is one with holes in its kernel, and so is its gradient', async () => {
  const size = fc.integer({ min: 1, max: 3 });
  const padding = fc.constantFrom('SAME' as const, 'VALID' as const);
  fc.assert(
    fc.property(size, size, size, padding, (side, rate, stride, padding) =>
      tf.tidy(() => {
        const x = tf.randomUniform([2, 9, 8, 2], -1, 1, 'float32', 7) as tf.Tensor;
        const w = tf.randomUniform([side, side, 2, 3], -1, 1, 'float32', 8) as tf.Tensor;
        const dilated = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => convolve(a, b, { rate, stride, padding });
        const holed = (a: tf.Tensor, b: tf.Tensor): tf.Tensor =>
          convolve(a, withHoles(b, rate), { stride, padding });
        const slopes = (f: typeof dilated) => tf.grads((a, b) => tf.sum(tf.square(f(a, b))))([x, w]);
        const [dx, dw] = slopes(dilated);
        const [dx2, dw2] = slopes(holed);
        const differences = [tf.sub(dilated(x, w), holed(x, w)), tf.sub(dx, dx2), tf.sub(dw, dw2)];
        return differences.every((difference) => largest(difference) < 1e-3);
      }),
    ),
    { numRuns: 20 },
  );
});

t.test('gradients by hand', async (t) => {
  const [dx, dw] = tf.grads((x, w) => tf.sum(convolve(x, w, { padding: 'VALID' })))([
    row([1, 2, 4]) as tf.Tensor,
    kernel([3, 5]) as tf.Tensor,
  ]);
  t.same([...dx.dataSync()], [3, 8, 5]);
  t.same([...dw.dataSync()], [3, 6]);
});

t.test('the layer adds its bias', async (t) => {
  const layer = conv2d({ outputChannels: 2, kernelShape: 1 });
  const params = { conv2_d: { w: float32([1, 1, 1, 2], [2, 3]), b: float32([2], [10, 20]) } };
  t.same(
    [
      ...transform(layer)
        .apply(params as unknown as Params, {}, row([1]))
        .dataSync(),
    ],
    [12, 23],
  );
});

t.test('weights begin with deviation 1 / √(kernel size · input channels), bias at zero', async (t) => {
  const { params, outputs } = outline(conv2d({ outputChannels: 5, kernelShape: [3, 2], stride: 2 }), [
    { shape: [1, 9, 8, 4] },
  ]);
  const { w, b } = params.conv2_d;
  t.same(w.shape, [3, 2, 4, 5]);
  t.same(w.initializer.kind, 'truncatedNormal');
  t.same(w.initializer.config.stddev, 1 / Math.sqrt(24));
  t.same([b.shape, b.initializer.kind], [[5], 'zeros']);
  t.same(outputs.shape, [1, 5, 4, 5]);
});

t.test('without bias there is one leaf, under the name that was given', async (t) => {
  const made = transform(conv2d({ outputChannels: 1, kernelShape: 1, withBias: false, name: 'conv' }));
  t.same(Object.keys(made.init(key(1), { shape: [1, 1, 1, 1] }).conv), ['w']);
});

t.test('inputs and configs that do not fit are errors', async (t) => {
  const layer = transform(conv2d({ outputChannels: 1, kernelShape: 2, padding: 'VALID' }));
  t.throws(() => layer.init(key(1), { shape: [3, 1] }), {
    name: 'ShapeError',
    message: 'conv2_d: x has shape [3, 1], expected [B, H, W, C]',
  });
  t.throws(() => layer.init(key(1), { shape: [1, 1, 3, 1] }), { name: 'ShapeError' });
  t.throws(() => convolve(tf.zeros([1, 2, 2, 3]), tf.zeros([1, 1, 2, 1])), {
    name: 'ShapeError',
    message: 'x has shape [1, 2, 2, 3], expected [B, H, W, C] with C = 2',
  });
  t.throws(() => conv2d({ outputChannels: 0, kernelShape: 1 }), { name: 'ConfigError' });
  t.throws(() => conv2d({ outputChannels: 1, kernelShape: [1, 1, 1] }), {
    message: 'kernelShape has 3 numbers, expected 2',
  });
});

const sequence = tf.tensor3d([1, 2, 3, 4], [1, 4, 1]);

t.test('CAUSAL windows see nothing that comes later', async (t) => {
  const w = tf.tensor3d([1, 10], [2, 1, 1]);
  t.same([...convolve(sequence, w, { padding: 'CAUSAL' }).dataSync()], [10, 21, 32, 43]);
  t.same([...convolve(sequence, w, { padding: 'CAUSAL', rate: 2 }).dataSync()], [10, 20, 31, 42]);
});

t.test('zeros before and after are counted one by one', async (t) => {
  const w = tf.tensor3d([1, 10], [2, 1, 1]);
  t.same([...convolve(sequence, w, { padding: [0, 2] }).dataSync()], [21, 32, 43, 4, 0]);
  t.same([...convolve(sequence, w, { padding: [[1, 0]], stride: 3 }).dataSync()], [10, 43]);
  t.throws(
    () =>
      convolve(sequence, w, {
        padding: [
          [0, 0],
          [0, 0],
        ],
      }),
    /padding has 2 pairs, expected 1/,
  );
});

t.test('each group of channels has its own part of the kernel', async (t) => {
  const x = tf.tensor3d([1, 2, 3, 4], [1, 1, 4]);
  const w = tf.tensor3d([1, 10, 1, 10], [1, 2, 2]); // [1, C / 2, D]
  t.same([...convolve(x, w, { groups: 2 }).dataSync()], [3, 70]);
  const own = tf.tensor3d([1, 10, 100, 1000], [1, 1, 4]);
  t.same([...convolve(x, own, { groups: 4 }).dataSync()], [1, 20, 300, 4000]);
  t.throws(() => convolve(x, tf.zeros([1, 2, 3]), { groups: 2 }), /output channels is 3, which groups \(2\)/);
});

t.test('one example without a batch is a batch of one', async (t) => {
  const layer = conv1d({ outputChannels: 2, kernelShape: 3 });
  t.same(outline(layer, [{ shape: [7, 8] }]).outputs.shape, [7, 2]);
  t.same(outline(layer, [{ shape: [3, 7, 8] }]).outputs.shape, [3, 7, 2]);
});
