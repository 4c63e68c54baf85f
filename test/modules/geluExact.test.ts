/** GELU by the error function: values by hand, and how far the tanh form is from it. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { engine } from '../../lib/engine/index.js';
import { key } from '../../lib/random/index.js';
import { transform } from '../../lib/language/transform.js';
import { gelu, geluExact, mlp } from '../../modules/mlp.js';

await engine();

/** x·Φ(x) of the standard normal distribution, by tables of Φ to 7 digits. */
const known: readonly (readonly [x: number, y: number])[] = [
  [-5, -5 * 2.866516e-7],
  [-2, -2 * 0.0227501],
  [-1, -0.1586553],
  [-0.5, -0.5 * 0.3085375],
  [0, 0],
  [0.5, 0.5 * 0.6914625],
  [1, 0.8413447],
  [2, 2 * 0.9772499],
  [5, 5 * 0.9999997],
];

t.test('values are x·Φ(x)', async (t) => {
  const found = geluExact(tf.tensor1d(known.map(([x]) => x))).dataSync();
  known.forEach(([x, y], i) => t.ok(Math.abs(found[i] - y) < 5e-7, `${x}: ${found[i]}, expected ${y}`));
});

t.test('the tanh form differs by up to 5e-4, at about 2.2', async (t) => {
  const x = tf.linspace(-4, 4, 801);
  const between = tf.abs(tf.sub(geluExact(x), gelu(x)));
  const largest = tf.max(between).dataSync()[0];
  t.ok(largest > 4e-4 && largest < 5e-4, `${largest}`);
});

t.test('the gradient is Φ(x) + x·φ(x)', async (t) => {
  const [slope] = tf
    .grad((x) => geluExact(x))(tf.tensor1d([1]))
    .dataSync();
  t.ok(Math.abs(slope - (0.8413447 + 0.2419707)) < 2e-6, `${slope}`);
});

t.test('an MLP has the activation that its config names', async (t) => {
  const x = tf.randomNormal([2, 3, 8], 0, 1, 'float32', 1);
  const of = (activation?: 'geluTanh' | 'geluExact') => transform(mlp({ activation }));
  const params = of().init(key(1), x);
  const [tanh, exact, unsaid] = [of('geluTanh'), of('geluExact'), of()].map((model) => [
    ...model.apply(params, {}, x).dataSync(),
  ]);
  t.same(unsaid, tanh, "DeepMind's if not given");
  const between = Math.max(...exact.map((y, i) => Math.abs(y - tanh[i])));
  t.ok(between > 1e-6 && between < 1e-2, `${between}`);
  t.throws(() => mlp({ activation: 'relu' as 'geluExact' }), { name: 'ConfigError', message: /activation/ });
});
