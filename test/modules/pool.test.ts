import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../lib/engine/index.js';
import { avgPool, maxPool } from '../../modules/pool.js';

await engine();

const row = (values: number[]) => tf.tensor4d(values, [1, 1, values.length, 1]);
const pool = { windowShape: [1, 2], strides: [1, 2] };

t.test('each window gives its largest value', async (t) => {
  t.same([...maxPool(row([1, 5, -3, -2]), pool).dataSync()], [5, -2]);
});

t.test('padding never wins, even over negative values', async (t) => {
  const y = maxPool(row([-5, -4, -3]), { windowShape: 3, strides: 2 });
  t.same(y.shape, [1, 1, 2, 1]);
  t.same([...y.dataSync()], [-4, -3]);
});

t.test('VALID takes the windows that fit', async (t) => {
  t.same([...maxPool(row([1, 2, 3]), { ...pool, padding: 'VALID' }).dataSync()], [2]);
});

t.test('windows of one take every n-th pixel', async (t) => {
  t.same([...maxPool(row([1, 2, 3]), { windowShape: 1, strides: [1, 2] }).dataSync()], [1, 3]);
});

t.test('channels do not mix', async (t) => {
  const x = tf.tensor4d([1, 8, 3, 4], [1, 1, 2, 2]);
  t.same([...maxPool(x, pool).dataSync()], [3, 8]);
});

t.test('the gradient goes to the first of the largest values, also among negative ones', async (t) => {
  const slopes = (values: number[]) => [
    ...tf
      .grad((x) => tf.sum(maxPool(x, pool)))(row(values) as tf.Tensor)
      .dataSync(),
  ];
  t.same(slopes([1, 5, -3, -2]), [0, 1, 0, 1]);
  t.same(slopes([2, 2, -1, -1]), [1, 0, 1, 0]);
});

t.test('overlapping windows add their gradients up', async (t) => {
  const slopes = tf.grad((x) => tf.sum(maxPool(x, { windowShape: [1, 3] })))(row([0, 9, 0]) as tf.Tensor);
  t.same([...slopes.dataSync()], [0, 3, 0]);
});

t.test('inputs that do not fit are errors', async (t) => {
  t.throws(() => maxPool(tf.zeros([2, 1]), { windowShape: 2 }), {
    name: 'ShapeError',
    message: 'x has shape [2, 1], expected [B, N…, C] with one to three sizes',
  });
  t.throws(() => maxPool(row([1]), { windowShape: 2, padding: 'VALID' }), {
    name: 'ShapeError',
    message: 'a window of 2 does not fit into 1',
  });
});

t.test('means count the elements of a window that are there', async (t) => {
  const sequence = tf.tensor3d([1, 2, 6], [1, 3, 1]);
  t.same([...avgPool(sequence, { windowShape: 2, strides: 2 }).dataSync()], [1.5, 6]);
  t.same([...avgPool(sequence, { windowShape: 2, padding: 'VALID' }).dataSync()], [1.5, 4]);
  const volume = tf.reshape(tf.range(0, 8), [1, 2, 2, 2, 1]);
  t.same([...avgPool(volume, { windowShape: 2, padding: 'VALID' }).dataSync()], [3.5]);
  t.same([...maxPool(volume, { windowShape: [1, 2, 2], padding: 'VALID' }).dataSync()], [3, 7]);
});

t.test('a pool that is called as layers are says what it is', async (t) => {
  for (const [name, call] of Object.entries({ maxPool, avgPool }))
    t.throws(() => (call as (x: unknown) => unknown)({ windowShape: 2 }), {
      name: 'TypeError',
      message: new RegExp(
        `^${name}: x is of type object, no tensor, expected ${name}\\(x, \\{ windowShape: 2 \\}\\)`,
      ),
    });
  t.throws(
    () => maxPool(row([1, 2]), undefined as never),
    /maxPool: the options are of type undefined, expected/,
  );
  t.throws(() => avgPool(row([1, 2]), [2, 2] as never), /avgPool: the options are a list, expected/);
  t.throws(
    () => avgPool(row([1, 2]), {} as never),
    /windowShape is of type undefined, expected a whole number/,
  );
});
