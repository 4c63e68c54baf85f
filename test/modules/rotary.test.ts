/** Rotary positions by hand, their one property, and the parts of heads that they leave alone. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { engine, type Scope } from '../../lib/index.js';
import { rotary } from '../../modules/rotary.js';

await engine();

const nowhere = {} as Scope;
const noise = (shape: number[], seed: number): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);
const largest = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];

/** x·cos − y·sin, x·sin + y·cos for each pair, at angles of which there is one for each pair. */
const turned = (row: readonly number[], angles: readonly number[]): number[] =>
  angles.flatMap((angle, i) => {
    const [x, y] = [row[2 * i], row[2 * i + 1]];
    return [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)];
  });

t.test('pairs side by side are turned by the position divided by their wavelength', async (t) => {
  const row = [1, 2, 3, 4, 5, 6];
  const x = tf.tensor4d(row, [1, 1, 1, 6]);
  const at = (options: Parameters<typeof rotary>[0], position: number) => [
    ...rotary(options)(nowhere, x, tf.tensor1d([position], 'int32')).dataSync(),
  ];
  const isNear = (found: number[], expected: number[]) =>
    found.every((n, i) => Math.abs(n - expected[i]) < 1e-5);
  t.ok(isNear(at({ maxWavelength: 100 }, 7), turned(row, [7, 7 / 10, 7 / 100])), 'both ends included');
  const excluded = [7, 7 / 100 ** (1 / 3), 7 / 100 ** (2 / 3)];
  t.ok(isNear(at({ maxWavelength: 100, lastWavelength: 'excluded' }, 7), turned(row, excluded)));
  t.ok(
    isNear(at({ maxWavelength: 100, fraction: 0.5 }, -3), [...turned(row, [-3]), 3, 4, 5, 6]),
    'one pair of three',
  );
  t.same(at({ fraction: 0.3 }, 5), row, 'no pair');
});

t.test('scores depend on the distance alone', async (t) => {
  const [q, k] = [noise([1, 1, 2, 8], 1), noise([1, 1, 2, 8], 2)];
  const turn = rotary({ maxWavelength: 50, fraction: 0.8 });
  const scores = (i: number, j: number) =>
    tf.sum(
      tf.mul(turn(nowhere, q, tf.tensor1d([i], 'int32')), turn(nowhere, k, tf.tensor1d([j], 'int32'))),
      3,
    );
  t.ok(largest(scores(3, 9), scores(-10, -4)) < 1e-5);
  t.ok(largest(scores(3, 9), scores(3, 8)) > 1e-3);
});

t.test('positions of each example, and heads that are not turned', async (t) => {
  const x = noise([2, 3, 4, 6], 3);
  const positions = tf.tensor2d([0, 1, 2, 5, 5, 9], [2, 3], 'int32');
  const found = rotary({ numRotatedHeads: 1 })(nowhere, x, positions);
  t.same(found.shape, x.shape);
  const [rest, before] = [found, x].map((each) => tf.slice(each, [0, 0, 1, 0]));
  t.equal(largest(rest, before), 0);
  const second = rotary()(nowhere, tf.slice(x, [1], [1]), tf.slice(positions, [1], [1]));
  t.ok(largest(tf.slice(found, [1, 0, 0, 0], [1, -1, 1, -1]), tf.slice(second, 0, [-1, -1, 1, -1])) < 1e-6);
});

t.test('positions that do not fit are named', async (t) => {
  const x = noise([2, 3, 1, 4], 1);
  t.throws(() => rotary()(nowhere, x, tf.zeros([4], 'int32')), /positions has shape \[1, 4\]/);
  t.throws(() => rotary()(nowhere, x, tf.zeros([3, 3], 'int32')), /positions has shape \[3, 3\]/);
});
