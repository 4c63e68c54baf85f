/** Functions of each element: exponentials, GELU in both forms and their gradients, against double precision. */
import t from 'tap';
import * as fc from '../../property.js';
import * as tf from '@tensorflow/tfjs-core';
import { engine, gradients } from '../../../lib/engine/index.js';
import { gelu, geluExact } from '../../../modules/mlp.js';
import { distance, isSame, noise, onEverySetting } from './settings.js';

/** The largest errors on [-20, 20] against double precision. */
const tolerance = { exp: 5e-7, gelu: 2e-6, others: 5e-7, gradient: 2e-6 };
/** Between backends, of the largest value. */
const betweenBackends = 1e-5;

/** The error function in double precision: its series, and its continued fraction where that is short. */
const erf = (x: number): number => {
  const a = Math.abs(x);
  if (a < 2.5) {
    let [sum, term] = [0, a];
    for (let n = 0; n < 80; n += 1) {
      sum += term / (2 * n + 1);
      term *= -(a * a) / (n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let k = 60; k > 0; k -= 1) fraction = k / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
};

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const root = Math.sqrt(2 / Math.PI);
const tanhShare = (x: number): number => logistic(2 * root * (x + 0.044715 * x ** 3));
const normalShare = (x: number): number => (1 + erf(x / Math.SQRT2)) / 2;

interface Curve {
  readonly run: (x: tf.Tensor) => tf.Tensor;
  readonly value: (x: number) => number;
  readonly slope: (x: number) => number;
}

const curves: Readonly<Record<string, Curve>> = {
  exp: { run: (x) => tf.exp(x), value: Math.exp, slope: Math.exp },
  erf: {
    run: (x) => tf.erf(x),
    value: erf,
    slope: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x),
  },
  tanh: { run: (x) => tf.tanh(x), value: Math.tanh, slope: (x) => 1 / Math.cosh(x) ** 2 },
  sigmoid: { run: (x) => tf.sigmoid(x), value: logistic, slope: (x) => logistic(x) * logistic(-x) },
  gelu: {
    run: gelu,
    value: (x) => x * tanhShare(x),
    slope: (x) => {
      const s = tanhShare(x);
      return s + x * s * (1 - s) * 2 * root * (1 + 3 * 0.044715 * x * x);
    },
  },
  geluExact: {
    run: geluExact,
    value: (x) => x * normalShare(x),
    slope: (x) => normalShare(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI),
  },
};

/** 40,001 numbers from −20 to 20, as float32 has them. */
const line = Float32Array.from({ length: 40001 }, (_, i) => -20 + i / 1000);

const worst = (found: Float32Array, expected: (x: number) => number, isRelative: boolean): number =>
  found.reduce((most, value, i) => {
    const right = expected(line[i]);
    return Math.max(most, Math.abs(value - right) / (isRelative ? Math.abs(right) : 1));
  }, 0);

const slopes = (run: Curve['run'], x: tf.Tensor): tf.Tensor =>
  gradients(([at]) => tf.sum(run(at)), [x]).grads[0];

t.test('values and gradients are close to double precision, with every kind of kernels', async (t) => {
  for (const [name, { run, value, slope }] of Object.entries(curves)) {
    const runs = await onEverySetting(() => {
      const x = tf.tensor1d(line);
      return [run(x), slopes(run, x)];
    });
    for (const kernels of ['relaxed', 'plain'] as const) {
      const [values, rises] = runs[kernels];
      const isExp = name === 'exp';
      const most = isExp ? tolerance.exp : name.startsWith('gelu') ? tolerance.gelu : tolerance.others;
      const error = worst(values, value, isExp);
      t.ok(error <= most, `${name}, ${kernels}: ${error}`);
      const gradientError = worst(rises, slope, isExp);
      t.ok(gradientError <= tolerance.gradient, `gradient of ${name}, ${kernels}: ${gradientError}`);
      t.ok(
        distance(runs[kernels], runs.cpu) <= betweenBackends,
        `${name}, ${kernels}, as on the cpu backend`,
      );
      t.ok(isSame(runs[kernels], runs[`${kernels}Twice`]), `${name}, ${kernels}: the same on two threads`);
    }
    t.ok(distance(runs.stock, runs.cpu) <= betweenBackends, `${name}, composed, as on the cpu backend`);
  }
});

t.test('shapes of any size, none and odd ones too', async (t) => {
  const size = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 10, max: 200 }));
  const shapes = fc.sample(fc.array(size, { maxLength: 3 }), { seed: 7, numRuns: 25 });
  for (const [name, { run }] of Object.entries(curves)) {
    const runs = await onEverySetting(() =>
      shapes.flatMap((shape, seed) => {
        const x = noise(shape, seed, 6);
        const y = run(x);
        if (String(y.shape) !== String(shape)) throw new Error(`${name}: [${shape}] became [${y.shape}]`);
        return [y, slopes(run, x)];
      }),
    );
    for (const kernels of ['relaxed', 'plain', 'stock'] as const)
      t.ok(distance(runs[kernels], runs.cpu, 1) <= betweenBackends, `${name}, ${kernels}`);
    t.ok(isSame(runs.relaxed, runs.relaxedTwice) && isSame(runs.plain, runs.plainTwice), name);
  }
});

t.test('NaN stays NaN; infinities have their limits; nothing between is lost', async (t) => {
  const odd = [NaN, Infinity, -Infinity, 1e30, -1e30, 88.72, 88.8, -88, -1e5, 0, 1e-20];
  const { Infinity: inf } = globalThis;
  const expected: Readonly<Record<string, readonly number[]>> = {
    exp: [NaN, inf, 0, inf, 0, Math.exp(Math.fround(88.72)), inf, 0, 0, 1, 1],
    erf: [NaN, 1, -1, 1, -1, 1, 1, -1, -1, 0, 1.1283791670955126e-20],
    tanh: [NaN, 1, -1, 1, -1, 1, 1, -1, -1, 0, 1e-20],
    sigmoid: [NaN, 1, 0, 1, 0, 1, 1, 0, 0, 0.5, 0.5],
    gelu: [NaN, inf, NaN, 1e30, 0, 88.72, 88.8, 0, 0, 0, 5e-21],
    geluExact: [NaN, inf, NaN, 1e30, 0, 88.72, 88.8, 0, 0, 0, 5e-21],
  };
  for (const kernels of ['relaxed', 'plain'] as const) {
    await engine({ kernels, threads: 1 });
    for (const [name, { run }] of Object.entries(curves)) {
      const values = tf.tidy(() => run(tf.tensor1d(odd)).dataSync());
      expected[name].forEach((right, i) => {
        const found = values[i];
        const isClose = Math.abs(found - right) <= Math.max(1e-37, 1e-6 * Math.abs(right));
        t.ok(
          Object.is(found, right) || found === right || isClose,
          `${name}(${odd[i]}) is ${found}, ${kernels}`,
        );
      });
    }
  }
});

t.test('gradients of GELU have gradients', async (t) => {
  for (const run of [gelu, geluExact]) {
    const runs = await onEverySetting(() => [
      gradients(([x]) => tf.sum(tf.square(slopes(run, x))), [noise([3, 7], 1, 3)]).grads[0],
    ]);
    for (const kernels of ['relaxed', 'plain', 'stock'] as const)
      t.ok(distance(runs[kernels], runs.cpu) <= betweenBackends, kernels);
    const at = (x: number): number => tf.tidy(() => slopes(run, tf.tensor1d([x])).dataSync()[0]);
    const x = noise([3, 7], 1, 3).dataSync();
    runs.cpu[0].forEach((found, i) => {
      const difference = (at(x[i] + 1 / 64) ** 2 - at(x[i] - 1 / 64) ** 2) * 32;
      t.ok(Math.abs(found - difference) < 5e-3, `at ${x[i]}: ${found}, ${difference}`);
    });
  }
});

t.test('sums, differences, products and quotients are those of float32, to the bit', async (t) => {
  for (const shape of [[33_001], [3, 181, 61], [200, 200]]) {
    const runs = await onEverySetting(() => {
      const [a, b] = [noise(shape, 1, 1e3), noise(shape, 2, 1e-3)];
      return [tf.add, tf.sub, tf.mul, tf.div].map((join) => join(a, b));
    });
    for (const setting of ['relaxed', 'plain', 'stock', 'relaxedTwice', 'plainTwice'] as const)
      t.ok(isSame(runs[setting], runs.cpu), `[${shape.join(', ')}], ${setting}`);
  }
});
