/** Operations on each row of the last axis, softmax and layer norm, with their gradients. */
import t from 'tap';
import * as fc from '../../property.js';
import * as tf from '@tensorflow/tfjs-core';
import { engine, gradients } from '../../../lib/engine/index.js';
import { layerNorm } from '../../../lib/engine/operations/layerNorm.js';
import { distance, isSame, noise, onEverySetting } from './settings.js';

/** Between backends, and against double precision, of the largest value; tfjs's sums of thousands lose a digit. */
const tolerance = { relaxed: 1e-5, plain: 1e-5, stock: 1e-4 };
const epsilon = 1e-5;

/** Shapes with rows of every length, more rows than one task takes, and none. */
const shapes: readonly number[][] = [
  ...fc.sample(
    fc.tuple(fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 2 }), fc.integer({ min: 1, max: 70 })),
    { seed: 3, numRuns: 25 },
  ),
].map(([leading, columns]) => [...leading, columns]);
const large: readonly number[][] = [[3000, 17], [70, 600], [7, 3001], [3001], [200, 261], [9, 4096]];
const all = [...shapes, ...large];

/** A gradient in which every element of the output counts otherwise. */
const weighted = (y: tf.Tensor): tf.Tensor => tf.sum(tf.mul(y, noise(y.shape, 99)));

/** Each row of the last axis, in double precision. */
const rowsOf = (x: tf.Tensor): number[][] => {
  const columns = x.shape[x.rank - 1];
  const values = Array.from(x.dataSync());
  return Array.from({ length: values.length / columns }, (_, i) =>
    values.slice(i * columns, (i + 1) * columns),
  );
};
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const softmaxOf = (row: number[]): number[] => {
  const top = Math.max(...row);
  const total = sum(row.map((x) => Math.exp(x - top)));
  return row.map((x) => Math.exp(x - top) / total);
};

const normOf = (row: number[], scale: ArrayLike<number>, offset: ArrayLike<number>): number[] => {
  const mean = sum(row) / row.length;
  const variance = sum(row.map((x) => (x - mean) ** 2)) / row.length;
  return row.map((x, i) => ((x - mean) / Math.sqrt(variance + epsilon)) * scale[i] + offset[i]);
};

/** Checks a program of one tensor for each shape on every engine, close to the others and to `exactly`. */
const holds = async (
  t: Pick<typeof import('tap').t, 'ok'>,
  name: string,
  run: (x: tf.Tensor) => readonly tf.Tensor[],
  exactly: (x: tf.Tensor) => number[],
): Promise<void> => {
  const inputs = () => all.map((shape, seed) => noise(shape, seed, 3));
  const runs = await onEverySetting(() => inputs().flatMap(run));
  const outputs = runs.relaxed.length / all.length;
  for (const kernels of ['relaxed', 'plain', 'stock'] as const) {
    const errors = runs[kernels].map((values, i) => distance([values], [runs.cpu[i]]));
    const worst = errors.indexOf(Math.max(...errors));
    const what = `output ${worst % outputs} of [${all[Math.floor(worst / outputs)]}]: ${errors[worst]}`;
    t.ok(errors[worst] <= tolerance[kernels], `${name}, ${kernels}, as on the cpu backend: ${what}`);
  }
  t.ok(isSame(runs.relaxed, runs.relaxedTwice), `${name}, relaxed: the same on two threads`);
  t.ok(isSame(runs.plain, runs.plainTwice), `${name}, plain: the same on two threads`);
  const right = tf.tidy(() => inputs().map((x) => Float32Array.from(exactly(x))));
  for (const kernels of ['relaxed', 'plain'] as const) {
    const first = runs[kernels].filter((_, i) => i % outputs === 0);
    t.ok(distance(first, right) <= tolerance[kernels], `${name}, ${kernels}: ${distance(first, right)}`);
  }
};

t.test('softmax', async (t) => {
  const run = (x: tf.Tensor) => [tf.softmax(x), ...gradients(([at]) => weighted(tf.softmax(at)), [x]).grads];
  await holds(t, 'softmax', run, (x) => rowsOf(x).flatMap(softmaxOf));
});

for (const has of [[], ['scale'], ['offset'], ['scale', 'offset']]) {
  t.test(`layer norm with ${has.join(' and ') || 'nothing more'}`, async (t) => {
    const params = (x: tf.Tensor) => {
      const channels = x.shape.slice(-1);
      return [
        has.includes('scale') ? noise(channels, 50, 2) : undefined,
        has.includes('offset') ? noise(channels, 51, 2) : undefined,
      ];
    };
    const run = (x: tf.Tensor) => {
      const [scale, offset] = params(x);
      const given = [x, scale, offset].filter((each) => each !== undefined);
      const loss = ([x, ...others]: tf.Tensor[]) =>
        weighted(
          layerNorm({ x, scale: scale && others.shift(), offset: offset && others.shift() }, { epsilon }),
        );
      return [layerNorm({ x, scale, offset }, { epsilon }), ...gradients(loss, given).grads];
    };
    await holds(t, 'layer norm', run, (x) => {
      const [scale = tf.onesLike(x), offset = tf.zerosLike(x)] = params(x);
      return rowsOf(x).flatMap((row) => normOf(row, scale.dataSync(), offset.dataSync()));
    });
  });
}

t.test('gradients have gradients', async (t) => {
  const functions: readonly ((x: tf.Tensor, scale: tf.Tensor) => tf.Tensor)[] = [
    (x) => tf.softmax(x),
    (x, scale) => layerNorm({ x, scale, offset: undefined }, { epsilon }),
  ];
  for (const f of functions) {
    const inner = ([x, scale]: tf.Tensor[]) =>
      tf.addN(gradients(([a, b]) => weighted(f(a, b)), [x, scale]).grads.map((g) => tf.sum(tf.square(g))));
    const runs = await onEverySetting(() => gradients(inner, [noise([3, 5], 1), noise([5], 2)]).grads);
    for (const kernels of ['relaxed', 'plain', 'stock'] as const)
      t.ok(distance(runs[kernels], runs.cpu, 1) <= tolerance[kernels], kernels);
    const at = (x: tf.Tensor) => tf.tidy(() => inner([x, noise([5], 2)]).dataSync()[0]);
    const step = 1 / 128;
    runs.cpu[0].forEach((found, i) => {
      const moved = (by: number) =>
        at(tf.add(noise([3, 5], 1), tf.reshape(tf.mul(tf.oneHot(tf.scalar(i, 'int32'), 15), by), [3, 5])));
      const difference = (moved(step) - moved(-step)) / (2 * step);
      t.ok(
        Math.abs(found - difference) < 2e-2 * Math.max(1, Math.abs(difference)),
        `${found}, ${difference}`,
      );
    });
  }
});

t.test('what is not finite goes where the composed form sends it', async (t) => {
  const rows = [
    [NaN, 1, 2, 3, 4],
    [1, 2, 3, 4, NaN],
    [Infinity, 1, 2, 3, 4],
    [-Infinity, 1, 2, 3, 4],
    [-Infinity, -Infinity, -Infinity, -Infinity, -Infinity],
    [1, 2, -1e30, 4, 5],
    [1e30, 1, 2, 3, 4],
  ];
  for (const kernels of ['relaxed', 'plain'] as const) {
    await engine({ kernels, threads: 1 });
    const found = tf.tidy(() => Array.from(tf.softmax(tf.tensor2d(rows)).dataSync()));
    rows.flatMap(softmaxOf).forEach((right, i) => {
      const isClose = Object.is(found[i], right) || Math.abs(found[i] - right) <= 1e-6;
      t.ok(isClose, `row ${Math.floor(i / 5)}: ${found[i]}, expected ${right}, ${kernels}`);
    });
    const normed = tf.tidy(() =>
      layerNorm({ x: tf.tensor2d(rows.slice(0, 4)), scale: undefined, offset: undefined }, { epsilon }),
    );
    t.ok(normed.dataSync().every(Number.isNaN));
    normed.dispose();
  }
});
