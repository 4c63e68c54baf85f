/** Sines, cosines and Fourier features, at many thousand half turns too. */
import t from 'tap';
import * as fc from '../../property.js';
import * as tf from '@tensorflow/tfjs-core';
import { engine, gradients } from '../../../lib/engine/index.js';
import { fourierFeatures } from '../../../modules/fourierPosition.js';
import { distance, isSame, noise, onEverySetting } from './settings.js';

/** Against double precision: one unit in the last place of a number near 1, and what tfjs's own kernels reach. */
const tolerance = 1.2e-7;
const stockTolerance = 4e-7;
/** tfjs's at a hundred thousand million. */
const farTolerance = 1e-5;
const settings = ['relaxed', 'plain', 'relaxedTwice', 'plainTwice', 'stock'] as const;
const functions = { sin: [tf.sin, Math.sin], cos: [tf.cos, Math.cos] } as const;

t.test('sines and cosines of arguments of every size', async (t) => {
  for (const [name, [run, exactly]] of Object.entries(functions)) {
    for (const reach of [1, 20, 15360 * Math.PI, 1048576, 1e9]) {
      const xs = Float32Array.from({ length: 20003 }, (_, i) => (i / 10001 - 1) * reach);
      const runs = await onEverySetting(() => [run(tf.tensor1d(xs))]);
      for (const setting of settings) {
        const error = xs.reduce(
          (worst, x, i) => Math.max(worst, Math.abs(runs[setting][0][i] - exactly(x))),
          0,
        );
        const most = setting === 'stock' || reach > 1048576 ? stockTolerance : tolerance;
        t.ok(error <= most, `${name} up to ${reach}, ${setting}: ${error}`);
      }
    }
  }
});

t.test('what has no sine is NaN', async (t) => {
  for (const kernels of ['relaxed', 'plain'] as const) {
    await engine({ kernels, threads: 1 });
    const values = (run: typeof tf.sin, x: number[]) =>
      tf.tidy(() => Array.from(run(tf.tensor1d(x)).dataSync()));
    t.same(values(tf.sin, [NaN, Infinity, -Infinity, 0]), [NaN, NaN, NaN, 0]);
    t.same(values(tf.cos, [NaN, Infinity, -Infinity, 0]), [NaN, NaN, NaN, 1]);
  }
});

t.test(
  'features of any number of dimensions and bands, with and without positions and cosines',
  async (t) => {
    const one = fc.record({
      maxResolution: fc.array(fc.integer({ min: 2, max: 40000 }), { minLength: 1, maxLength: 3 }),
      numBands: fc.integer({ min: 2, max: 19 }),
      leading: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 2 }),
      concatPos: fc.boolean(),
      sineOnly: fc.boolean(),
    });
    const cases = [
      ...fc.sample(one, { seed: 17, numRuns: 40 }),
      { maxResolution: [368, 496], numBands: 64, leading: [700], concatPos: true, sineOnly: false },
      { maxResolution: [30720], numBands: 192, leading: [1, 300], concatPos: true, sineOnly: false },
    ];
    const runs = await onEverySetting(() =>
      cases.map(({ leading, ...features }, seed) =>
        fourierFeatures(noise([...leading, features.maxResolution.length], seed), features),
      ),
    );
    // The phases are the same to the last bit, so features are as close as sines are.
    for (const setting of settings)
      t.ok(
        distance(runs[setting], runs.cpu, 1) <= (setting === 'stock' ? stockTolerance : tolerance),
        setting,
      );
    t.ok(isSame(runs.relaxed, runs.relaxedTwice) && isSame(runs.plain, runs.plainTwice));
  },
);

t.test('positions that are far out, or not numbers, are as composed', async (t) => {
  const pos = [1e9, -3e7, NaN, 0.5, Infinity, -1];
  const features = { maxResolution: [100], numBands: 5 };
  const runs = await onEverySetting(() => [fourierFeatures(tf.tensor2d(pos, [6, 1]), features)]);
  for (const setting of settings) {
    // Positions come first, before ten waves each; they are as they were.
    const waves = (values: Float32Array) => values.filter((_, i) => i % 11 !== 0);
    t.ok(distance([waves(runs[setting][0])], [waves(runs.cpu[0])], 1) <= farTolerance, setting);
    t.same(
      [...runs[setting][0].filter((_, i) => i % 11 === 0)],
      [...runs.cpu[0].filter((_, i) => i % 11 === 0)],
    );
  }
});

t.test('features have the gradient of positions that their composed form has', async (t) => {
  for (const concatPos of [true, false]) {
    for (const sineOnly of [true, false]) {
      const features = { maxResolution: [20, 12], numBands: 6, concatPos, sineOnly };
      const loss = ([pos]: tf.Tensor[]) => {
        const y = fourierFeatures(pos, features);
        return tf.sum(tf.mul(y, noise(y.shape, 3)));
      };
      const runs = await onEverySetting(() => gradients(loss, [noise([2, 7, 2], 5)]).grads);
      for (const setting of settings) t.ok(distance(runs[setting], runs.cpu) <= 1e-5, setting);
      const at = (i: number, by: number) =>
        tf.tidy(() => {
          const values = noise([2, 7, 2], 5).dataSync().slice();
          values[i] += by;
          return loss([tf.tensor(values, [2, 7, 2])]).dataSync()[0];
        });
      const step = 1 / 1024;
      runs.relaxed[0].forEach((found, i) => {
        const difference = (at(i, step) - at(i, -step)) / (2 * step);
        t.ok(
          Math.abs(found - difference) < 1e-2 * Math.max(10, Math.abs(difference)),
          `${found}, ${difference}`,
        );
      });
    }
  }
});
