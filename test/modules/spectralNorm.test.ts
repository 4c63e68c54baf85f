/** Spectral norm, and norms and averages of whole trees. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../lib/engine/index.js';
import { key } from '../../lib/random/index.js';
import { transformWithState } from '../../lib/language/transform.js';
import { emaParamsTree, snParamsTree } from '../../modules/paramsTrees.js';
import { spectralNorm } from '../../modules/spectralNorm.js';

await engine();

const near = (found: ArrayLike<number>, expected: readonly number[]): boolean =>
  Array.from(found).every((value, i) => Math.abs(value - expected[i]) < 1e-3);

t.test('a diagonal matrix is divided by its largest entry, once power iteration has found it', async (t) => {
  const model = transformWithState((s, x: tf.Tensor) => spectralNorm({ numSteps: 20 })(s, x));
  const x = tf.tensor2d([4, 0, 0, 2], [2, 2]);
  const { params, state } = model.init(key(1), x);
  const { output, state: next } = model.apply(params, state, {}, x);
  t.ok(near(output.dataSync(), [1, 0, 0, 0.5]));
  t.ok(near((next.spectral_norm.sigma as tf.Tensor).dataSync(), [4]));
});

t.test('a call may leave the state as it is', async (t) => {
  const frozen = transformWithState((s, x: tf.Tensor) => spectralNorm()(s, x, { updateStats: false }));
  const x = tf.tensor2d([4, 1, 0, 2], [2, 2]);
  const { params, state } = frozen.init(key(1), x);
  t.same(Object.keys(state.spectral_norm), ['u0']);
  t.same(frozen.apply(params, state, {}, x).state, state);
});

t.test('vectors are refused, by the path of their leaf in a tree', async (t) => {
  const tree = { linear: { w: tf.ones([2, 2]), b: tf.ones([2]) } };
  t.throws(() => transformWithState(snParamsTree()).init(key(1), tree), {
    message: /^sn_params_tree\/linear__b: the value has shape \[2\], expected a matrix/,
  });
  const { state } = transformWithState(snParamsTree({ ignoreRegex: '.*/b$' })).init(key(1), tree);
  t.same(Object.keys(state), ['sn_params_tree/linear__w']);
});

t.test('averages of a tree follow its leaves, but for those that are ignored', async (t) => {
  const model = transformWithState(emaParamsTree({ decayRate: 0.5, ignoreRegex: 'net/~/b' }));
  const tree = (value: number) => ({ 'net/~': { w: tf.fill([1], value), b: tf.fill([1], value) } });
  const { params, state } = model.init(key(1), tree(0));
  t.same(Object.keys(state), ['ema_params_tree/net___tilde___w']);
  const first = model.apply(params, state, {}, tree(1));
  const second = model.apply(params, first.state, {}, tree(2));
  t.ok(near(first.output['net/~'].w.dataSync(), [1]));
  t.ok(near(second.output['net/~'].w.dataSync(), [(0.5 * 0.5 + 0.5 * 2) / 0.75]));
  t.ok(near(second.output['net/~'].b.dataSync(), [2]));
});
