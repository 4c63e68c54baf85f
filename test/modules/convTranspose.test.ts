import t from 'tap';
import * as fc from '../property.js';
import * as tf from '@tensorflow/tfjs-core';
import { float32 } from '../../lib/data/array.js';
import { engine } from '../../lib/engine/index.js';
import type { Params } from '../../lib/data/leaf.js';
import { outline } from '../../lib/language/outline.js';
import { transform } from '../../lib/language/transform.js';
import { convolve } from '../../modules/conv.js';
import { conv2dTranspose, conv3dTranspose, convTranspose } from '../../modules/convTranspose.js';

await engine();

const line = (values: number[]) => tf.tensor3d(values, [1, values.length, 1]);
const kernel = (values: number[]) => tf.tensor3d(values, [values.length, 1, 1]);

t.test('each position paints the kernel, last weight first, and overlaps add up', async (t) => {
  const painted = convTranspose(line([1, 10]), kernel([1, 2, 3]), { stride: 2, padding: 'VALID' });
  t.same([...painted.dataSync()], [3, 2, 1 + 30, 20, 10]);
});

t.test('SAME gives stride times the size, cut in the middle', async (t) => {
  const y = (stride: number) => [...convTranspose(line([1, 10]), kernel([1, 2, 3]), { stride }).dataSync()];
  t.same(y(1), [2 + 30, 1 + 20]);
  t.same(y(2), [3, 2, 1 + 30, 20]);
  t.same(y(4), [3, 2, 1, 0, 30, 20, 10, 0]);
});

t.test('it is the adjoint of the convolution with the flipped kernel', async (t) => {
  const small = fc.integer({ min: 1, max: 4 });
  const padding = fc.constantFrom('SAME' as const, 'VALID' as const);
  fc.assert(
    fc.property(
      fc.tuple(small, small, small, small, small, small),
      padding,
      ([h, w, kh, kw, sh, sw], padding) =>
        tf.tidy(() => {
          const random = (shape: number[], seed: number) => tf.randomUniform(shape, -1, 1, 'float32', seed);
          const x = random([2, h, w, 3], 1);
          const weights = random([kh, kw, 2, 3], 2);
          const stride = [sh, sw];
          const large = convTranspose(x, tf.reverse(weights, [0, 1]), { stride, padding });
          const y = random(large.shape, 3);
          const small = convolve(y, weights, { stride, padding });
          t.same(small.shape, x.shape);
          const [a, b] = [tf.sum(tf.mul(small, x)), tf.sum(tf.mul(y, large))].map((sum) => sum.dataSync()[0]);
          return Math.abs(a - b) < 1e-4 * (1 + Math.abs(a));
        }),
    ),
    { numRuns: 40 },
  );
});

t.test('videos are painted in time too', async (t) => {
  const layer = conv3dTranspose({ outputChannels: 1, kernelShape: [2, 1, 1], stride: [2, 1, 1] });
  const params = {
    conv3_d_transpose: { w: float32([2, 1, 1, 1, 1], [1, 10]), b: float32([1], [1000]) },
  };
  const x = tf.tensor5d([1, 2], [1, 2, 1, 1, 1]);
  const y = transform(layer).apply(params as unknown as Params, {}, x);
  t.same(y.shape, [1, 4, 1, 1, 1]);
  t.same([...y.dataSync()], [1010, 1001, 1020, 1002]);
});

t.test('weights are laid out (kernel, outputs, inputs) and begin by the inputs alone', async (t) => {
  const { params } = outline(conv2dTranspose({ outputChannels: 5, kernelShape: 4, stride: 2 }), [
    { shape: [1, 3, 3, 2] },
  ]);
  const { w, b } = params.conv2_d_transpose;
  t.same(w.shape, [4, 4, 5, 2]);
  t.same(w.initializer.config.stddev, 1 / Math.sqrt(4 * 4 * 2));
  t.same(b.shape, [5]);
});

t.test('inputs that do not fit are errors', async (t) => {
  t.throws(() => convTranspose(tf.zeros([1, 2, 3]), kernel([1])), {
    name: 'ShapeError',
    message: 'x has shape [1, 2, 3], expected [B, N0, 1]',
  });
  t.throws(() => outline(conv3dTranspose({ outputChannels: 1, kernelShape: 2 }), [{ shape: [2, 2, 1] }]), {
    name: 'ShapeError',
    message: 'conv3_d_transpose: x has shape [2, 2, 1], expected [B, T, H, W, C]',
  });
});
