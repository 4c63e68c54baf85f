import t from 'tap';
import * as fc from '../property.js';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../lib/engine/index.js';
import { everyNth, perDimension, placeWindows, subsample } from '../../modules/window.js';

await engine();

t.test('SAME puts a window on every stride-th element and pads more after than before', async (t) => {
  t.same(placeWindows(7, { size: 3, stride: 2, rate: 1 }, 'SAME'), { count: 4, before: 1, after: 1 });
  t.same(placeWindows(8, { size: 3, stride: 2, rate: 1 }, 'SAME'), { count: 4, before: 0, after: 1 });
  t.same(placeWindows(8, { size: 7, stride: 2, rate: 1 }, 'SAME'), { count: 4, before: 2, after: 3 });
  t.same(placeWindows(9, { size: 1, stride: 4, rate: 1 }, 'SAME'), { count: 3, before: 0, after: 0 });
  t.same(placeWindows(5, { size: 3, stride: 1, rate: 3 }, 'SAME'), { count: 5, before: 3, after: 3 });
});

t.test('VALID takes the windows that fit', async (t) => {
  t.same(placeWindows(9, { size: 3, stride: 2, rate: 1 }, 'VALID'), { count: 4, before: 0, after: 0 });
  t.same(placeWindows(5, { size: 3, stride: 1, rate: 2 }, 'VALID'), { count: 1, before: 0, after: 0 });
  t.throws(() => placeWindows(4, { size: 3, stride: 1, rate: 2 }, 'VALID'), {
    name: 'ShapeError',
    message: 'a window of 5 does not fit into 4',
  });
});

t.test('every n-th element is what indexing gives', async () => {
  const small = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(small, small, fc.nat(5), (length, stride, seed) =>
      tf.tidy(() => {
        const start = seed % length;
        const count = Math.ceil((length - start) / stride);
        const x = tf.reshape(tf.range(0, 2 * length * 3), [2, length, 3]);
        const expected = [0, 1].flatMap((i) =>
          Array.from({ length: count }, (_, j) =>
            [0, 1, 2].map((c) => (i * length + start + j * stride) * 3 + c),
          ),
        );
        const y = everyNth(x, 1, stride, count, start);
        return `${y.shape}` === `${[2, count, 3]}` && `${y.dataSync()}` === `${expected.flat()}`;
      }),
    ),
  );
});

t.test('the gradient reaches the elements that were taken and no other', async (t) => {
  const slopes = tf.grad((x) => tf.sum(subsample(x, 0, [2, 3])))(tf.zeros([3, 5]));
  t.same([...slopes.dataSync()], [1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0]);
});

t.test('one number stands for every dimension', async (t) => {
  t.same(perDimension('stride', 2, 3), [2, 2, 2]);
  t.same(perDimension('stride', [1, 2], 2), [1, 2]);
  t.throws(() => perDimension('stride', [1, 2], 3), { message: 'stride has 2 numbers, expected 3' });
  t.throws(() => perDimension('stride', [0, 2], 2), {
    message: 'stride is [0, 2], expected whole numbers from 1',
  });
});
