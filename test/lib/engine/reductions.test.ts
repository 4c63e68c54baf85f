/** Sums, means, maxima and minima along any axes. */
import t from 'tap';
import * as fc from '../../property.js';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../../lib/engine/index.js';
import { runsOf } from '../../../lib/engine/kernels/reductions.js';
import { distance, isSame, noise, onEverySetting } from './settings.js';

const tolerance = 1e-5;
const reductions = { sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min };

interface Case {
  readonly shape: number[];
  readonly axes: number[];
  readonly keepDims: boolean;
}

const small: fc.Arbitrary<Case> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 7 }), fc.boolean()), { minLength: 1, maxLength: 5 })
  .chain((sizes) =>
    fc.record({
      shape: fc.constant(sizes.map(([n]) => n)),
      axes: fc.constant(sizes.flatMap(([, isReduced], axis) => (isReduced ? [axis] : []))),
      keepDims: fc.boolean(),
    }),
  );

/** Reductions that are done in parts, by many tasks, and of every width of columns. */
const large: readonly Case[] = [
  { shape: [100003], axes: [0], keepDims: false },
  { shape: [3, 40000], axes: [1], keepDims: false },
  { shape: [900, 3], axes: [0], keepDims: false },
  { shape: [40000, 3], axes: [0], keepDims: false },
  { shape: [300, 1030], axes: [0], keepDims: false },
  { shape: [70, 30, 31], axes: [0, 2], keepDims: true },
  { shape: [2, 3000, 17], axes: [1], keepDims: false },
  { shape: [5000, 2, 3], axes: [1, 2], keepDims: false },
];

/** A reduction by its definition, in double precision. */
const exactly = (x: tf.Tensor, { shape, axes }: Case, name: string): number[] => {
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const groups = new Map<number, number[]>();
  x.dataSync().forEach((value, i) => {
    let rest = i;
    const at = [...shape].reverse().map((n) => {
      const index = rest % n;
      rest = Math.floor(rest / n);
      return index;
    });
    at.reverse();
    const to = kept.reduce((index, axis) => index * shape[axis] + at[axis], 0);
    groups.set(to, [...(groups.get(to) ?? []), value]);
  });
  return [...groups.keys()]
    .sort((a, b) => a - b)
    .map((to) => {
      const values = groups.get(to) as number[];
      if (name === 'max') return Math.max(...values);
      if (name === 'min') return Math.min(...values);
      return values.reduce((a, b) => a + b, 0) / (name === 'mean' ? values.length : 1);
    });
};

t.test('along any axes, of nothing too, as on the cpu backend and in double precision', async (t) => {
  const cases = [...fc.sample(small, { seed: 5, numRuns: 60 }), ...large];
  for (const [name, reduce] of Object.entries(reductions)) {
    const runs = await onEverySetting(() =>
      cases.map(({ shape, axes, keepDims }, seed) => reduce(noise(shape, seed), axes, keepDims)),
    );
    // Sums of thousands of numbers of both signs: what they are the sum of is what counts.
    const least = name === 'sum' ? 100 : 1;
    for (const kernels of ['relaxed', 'plain', 'stock'] as const)
      t.ok(distance(runs[kernels], runs.cpu, least) <= tolerance, `${name}, ${kernels}`);
    t.ok(isSame(runs.relaxed, runs.relaxedTwice), `${name}, relaxed: the same on two threads`);
    t.ok(isSame(runs.plain, runs.plainTwice), `${name}, plain: the same on two threads`);
    tf.tidy(() =>
      cases.slice(0, 60).forEach((aCase, seed) => {
        const x = noise(aCase.shape, seed);
        if (x.size === 0) return;
        const right = Float32Array.from(exactly(x, aCase, name));
        t.ok(distance([runs.relaxed[seed]], [right], 1) <= tolerance, `${name} of [${aCase.shape}]`);
      }),
    );
  }
});

t.test('NaN is neither the highest nor the lowest: it is NaN', async (t) => {
  for (const kernels of ['relaxed', 'plain'] as const) {
    await engine({ kernels, threads: 1 });
    for (let at = 0; at < 9; at += 1) {
      const row = Array.from({ length: 9 }, (_, i) => (i === at ? NaN : i));
      tf.tidy(() => {
        t.ok(Number.isNaN(tf.max(tf.tensor1d(row)).dataSync()[0]), `max, ${at}`);
        t.ok(Number.isNaN(tf.min(tf.tensor1d(row)).dataSync()[0]), `min, ${at}`);
        const columns = tf.max(tf.tensor2d([row, row.map(() => 0)]), 0).dataSync();
        t.same([...columns], [...row]);
      });
    }
    t.same([...tf.max(tf.tensor1d([-Infinity, -Infinity])).dataSync()], [-Infinity]);
  }
});

t.test('integers are left to tfjs', async (t) => {
  await engine({ kernels: 'relaxed' });
  t.same(
    [
      ...tf
        .sum(
          tf.tensor2d(
            [
              [1, 2],
              [3, 4],
            ],
            [2, 2],
            'int32',
          ),
          0,
        )
        .dataSync(),
    ],
    [4, 6],
  );
  t.same(
    [
      ...tf
        .max(
          tf.tensor2d(
            [
              [1, 2],
              [3, 4],
            ],
            [2, 2],
            'int32',
          ),
          0,
        )
        .dataSync(),
    ],
    [3, 4],
  );
});

t.test('axes that lie side by side are one run', async (t) => {
  t.same(runsOf([2, 3, 4, 5], [1, 2]), [{ outer: 2, steps: 12, inner: 5 }]);
  t.same(runsOf([2, 3, 4, 5], [0, 2]), [
    { outer: 6, steps: 4, inner: 5 },
    { outer: 1, steps: 2, inner: 15 },
  ]);
  t.same(runsOf([2, 1, 3], [0, 2]), [{ outer: 1, steps: 6, inner: 1 }]);
  t.same(runsOf([2, 1, 3], [1]), []);
});
