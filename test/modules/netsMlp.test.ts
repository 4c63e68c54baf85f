import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../lib/engine/index.js';
import { outline } from '../../lib/language/outline.js';
import { key } from '../../lib/random/index.js';
import type { Layer } from '../../lib/language/scope.js';
import { transform } from '../../lib/language/transform.js';
import { netsMlp } from '../../modules/netsMlp.js';

await engine();

const x = tf.randomNormal([2, 8], 0, 1, 'float32', 1);

t.test('layers are numbered from 0 and activated but for the last', async (t) => {
  const net = netsMlp({ outputSizes: [4, 3], activation: (y) => tf.add(tf.mul(y, 0), 1), withBias: false });
  const model = transform(net);
  const params = model.init(key(1), x);
  t.same(Object.keys(params), ['mlp/~/linear_0', 'mlp/~/linear_1']);
  const sums = tf.sum(tf.tensor2d(params['mlp/~/linear_1'].w.data as Float32Array, [4, 3]), 0);
  const last = model.apply(params, {}, x);
  t.ok(tf.max(tf.abs(tf.sub(last, sums))).dataSync()[0] < 1e-6, 'all hidden values are 1');
  const final = transform(netsMlp({ outputSizes: [4, 3], activateFinal: true })).apply(
    transform(netsMlp({ outputSizes: [4, 3] })).init(key(1), x),
    {},
    x,
  );
  t.ok(tf.min(final).dataSync()[0] >= 0);
});

t.test('the reverse goes back through the widths, with weights of its own', async (t) => {
  const there: Layer<[x: tf.Tensor], tf.Tensor> = (s, input) => {
    const net = s.declare(netsMlp({ outputSizes: [4, 3] }));
    const y = net(input);
    return net.reverse({ activateFinal: true })(y);
  };
  const { params, outputs } = outline(there, [x]);
  t.same(outputs.shape, [2, 8]);
  t.same(params['mlp/~reverse/mlp_reversed/~/linear_0'].w.shape, [3, 4]);
  t.same(params['mlp/~reverse/mlp_reversed/~/linear_1'].w.shape, [4, 8]);
  const early: Layer<[x: tf.Tensor], tf.Tensor> = (s, input) =>
    s.declare(netsMlp({ outputSizes: [4] })).reverse()(input);
  t.throws(() => outline(early, [x]), {
    message: 'mlp: reverse comes before the first call: call the net first',
  });
});

t.test('dropped elements depend on the key alone', async (t) => {
  const model = transform((s, input: tf.Tensor) =>
    s.declare(netsMlp({ outputSizes: [64], activateFinal: true })).dropping(input, 0.5),
  );
  const params = model.init(key(1), x);
  const zeros = (seed: number) =>
    [...model.apply(params, { key: key(seed) }, x).dataSync()].map((y) => y === 0);
  t.same(zeros(2), zeros(2));
  t.notSame(zeros(2), zeros(3));
  t.throws(() => model.apply(params, {}, x), { name: 'MissingKeyError' });
});

t.test('a net without layers is refused by its widths', async (t) => {
  t.throws(() => netsMlp({ outputSizes: [4, 0] }), { name: 'ConfigError' });
});
