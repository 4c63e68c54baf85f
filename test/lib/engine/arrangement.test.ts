/** Transposes, rows by their numbers, and sums of rows by theirs: what moves elements moves each to its place. */
import t from 'tap';
import * as fc from '../../property.js';
import * as tf from '@tensorflow/tfjs-core';
import { engine, gradients } from '../../../lib/engine/index.js';
import { distance, isSame, noise, onEverySetting } from './settings.js';

const settings = ['relaxed', 'plain', 'relaxedTwice', 'plainTwice', 'stock'] as const;

interface Permutation {
  readonly shape: number[];
  readonly perm: number[];
}

const small: fc.Arbitrary<Permutation> = fc
  .array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 7 })
  .filter((shape) => shape.reduce((size, n) => size * n, 1) < 5000)
  .chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      perm: fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
    }),
  );

const large: readonly Permutation[] = [
  { shape: [300, 411], perm: [1, 0] },
  { shape: [3, 40001], perm: [1, 0] },
  { shape: [40001, 3], perm: [1, 0] },
  { shape: [2, 30011], perm: [1, 0] },
  { shape: [30011, 2], perm: [1, 0] },
  { shape: [7, 101, 103], perm: [0, 2, 1] },
  { shape: [5, 9001, 3], perm: [1, 0, 2] },
  { shape: [3, 130, 5, 31], perm: [0, 2, 1, 3] },
  { shape: [2, 60, 4, 60, 1, 5], perm: [0, 1, 3, 2, 4, 5] },
  { shape: [9, 8, 7, 6, 5, 4], perm: [5, 3, 1, 4, 2, 0] },
];

t.test('a permutation moves every element to its place, of every dtype', async (t) => {
  const cases = [...fc.sample(small, { seed: 11, numRuns: 60 }), ...large];
  for (const dtype of ['float32', 'int32', 'bool'] as const) {
    const runs = await onEverySetting(() =>
      cases.map(({ shape, perm }, seed) => {
        const x = noise(shape, seed, 1000);
        return tf.transpose(dtype === 'float32' ? x : tf.cast(x, dtype), perm);
      }),
    );
    for (const setting of settings) t.ok(isSame(runs[setting], runs.cpu), `${dtype}, ${setting}`);
  }
});

t.test('rows by their numbers, along any axis', async (t) => {
  const one = fc
    .record({
      shape: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
      indices: fc.array(fc.nat(1000), { minLength: 0, maxLength: 12 }),
      axis: fc.nat(3),
    })
    .map(({ shape, indices, axis }) => {
      const along = axis % shape.length;
      return { shape, axis: along, indices: indices.map((i) => i % shape[along]) };
    });
  const cases = [
    ...fc.sample(one, { seed: 13, numRuns: 60 }),
    { shape: [262, 331], axis: 0, indices: Array.from({ length: 500 }, (_, i) => (i * 7) % 262) },
    { shape: [5, 40, 20], axis: 1, indices: Array.from({ length: 700 }, (_, i) => (i * 7) % 40) },
  ];
  for (const dtype of ['float32', 'int32', 'bool'] as const) {
    const runs = await onEverySetting(() =>
      cases.map(({ shape, axis, indices }, seed) => {
        const x = noise(shape, seed, 1000);
        return tf.gather(dtype === 'float32' ? x : tf.cast(x, dtype), tf.tensor1d(indices, 'int32'), axis);
      }),
    );
    for (const setting of settings) t.ok(isSame(runs[setting], runs.cpu), `${dtype}, ${setting}`);
  }
});

t.test('indices of two axes, and those that are not there', async (t) => {
  for (const kernels of ['relaxed', 'stock'] as const) {
    await engine({ kernels, threads: 1 });
    tf.tidy(() => {
      const rows = tf.gather(
        tf.tensor2d([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
        tf.tensor2d([[2, 0]], [1, 2], 'int32'),
      );
      t.same(rows.shape, [1, 2, 2]);
      t.same([...rows.dataSync()], [5, 6, 1, 2]);
      for (const wrong of [-1, 3])
        t.throws(() => tf.gather(tf.ones([3, 2]), tf.tensor1d([0, wrong], 'int32')), /index value/);
    });
  }
});

t.test('the gradient of rows by their numbers adds up what each was taken for', async (t) => {
  const ids = Array.from({ length: 700 }, (_, i) => (i * 31) % 50);
  for (const columns of [1, 3, 64, 67, 300]) {
    const runs = await onEverySetting(
      () =>
        gradients(
          ([table]) => tf.sum(tf.mul(tf.gather(table, tf.tensor1d(ids, 'int32')), noise([700, columns], 2))),
          [noise([60, columns], 1)],
        ).grads,
    );
    for (const setting of settings)
      t.ok(distance(runs[setting], runs.cpu) <= 1e-6, `${columns} columns, ${setting}`);
    t.ok(isSame(runs.relaxed, runs.relaxedTwice) && isSame(runs.plain, runs.plainTwice));
  }
});

t.test('segments: those that are not there are left out, of no rows they are zero', async (t) => {
  const runs = await onEverySetting(() => [
    tf.unsortedSegmentSum(noise([5, 3], 1), tf.tensor1d([1, -1, 7, 1, 0], 'int32'), 3),
    tf.unsortedSegmentSum(tf.zeros([0, 3]), tf.zeros([0], 'int32') as tf.Tensor1D, 2),
    tf.unsortedSegmentSum(tf.tensor2d([[1], [2]], [2, 1], 'int32'), tf.tensor1d([1, 1], 'int32'), 2),
  ]);
  for (const setting of ['relaxed', 'plain', 'stock'] as const) {
    const x = tf.tidy(() => noise([5, 3], 1).dataSync());
    const first = [0, 1, 2].map((c) => x[12 + c]);
    const second = [0, 1, 2].map((c) => Math.fround(x[c] + x[9 + c]));
    t.same([...runs[setting][0]], [...first, ...second, 0, 0, 0], setting);
    t.same([...runs[setting][1]], [0, 0, 0, 0, 0, 0]);
    t.same([...runs[setting][2]], [0, 3]);
  }
});
