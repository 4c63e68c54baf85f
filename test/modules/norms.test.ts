/** Norms over other axes than the last, by groups, without centring. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../lib/engine/index.js';
import type { Params } from '../../lib/data/leaf.js';
import { outline } from '../../lib/language/outline.js';
import type { Layer } from '../../lib/language/scope.js';
import { transform } from '../../lib/language/transform.js';
import { groupNorm } from '../../modules/groupNorm.js';
import { instanceNorm } from '../../modules/instanceNorm.js';
import { layerNorm } from '../../modules/layerNorm.js';
import { axesOf } from '../../modules/norm.js';
import { rmsNorm } from '../../modules/rmsNorm.js';

await engine();

const plain = { withScale: false, withOffset: false, epsilon: 1e-12 };

const applied = (layer: Layer<[x: tf.Tensor], tf.Tensor>, x: tf.Tensor): number[] =>
  [
    ...transform(layer)
      .apply({} as Params, {}, x)
      .dataSync(),
  ].map((value) => Math.round(value * 1e4) / 1e4);

t.test('layer norm takes mean and variance over the axes that are named', async (t) => {
  const x = tf.tensor3d([1, 10, 3, 30], [1, 2, 2]);
  t.same(applied(layerNorm({ ...plain, axes: 1 }), x), [-1, -1, 1, 1]);
  t.same(applied(layerNorm(plain), x), [-1, 1, -1, 1]);
  t.same(
    applied(layerNorm({ ...plain, axes: { from: 1 } }), x),
    applied(layerNorm({ ...plain, axes: [1, 2] }), x),
  );
});

t.test('instance norm norms each channel of each example', async (t) => {
  const x = tf.tensor3d([1, 10, 3, 30], [1, 2, 2]);
  t.same(applied(instanceNorm(plain), x), [-1, -1, 1, 1]);
});

t.test('group norm norms the channels of a group together', async (t) => {
  const x = tf.tensor2d([1, 3, 10, 30], [1, 4]);
  t.same(applied(groupNorm({ ...plain, groups: 2 }), x), [-1, 1, -1, 1]);
  t.throws(() => outline(groupNorm({ groups: 3 }), [{ shape: [1, 4] }]), {
    message: 'group_norm: the number of channels is 4, which groups (3) does not divide',
  });
});

t.test('RMS norm divides by the root of the mean square and does not centre', async (t) => {
  t.same(
    applied(rmsNorm({ withScale: false, epsilon: 1e-12 }), tf.tensor2d([3, 4], [1, 2])),
    [0.8485, 1.1314],
  );
});

t.test('parameters run along the axes that are named', async (t) => {
  const shapes = (options: object) => {
    const { scale, offset } = outline(layerNorm(options), [{ shape: [2, 5, 8] }]).params.layer_norm;
    return [scale.shape, offset.shape];
  };
  t.same(shapes({ axes: [1, 2] }), [[8], [8]]);
  t.same(shapes({ paramAxes: 1 }), [
    [1, 5, 1],
    [1, 5, 1],
  ]);
  t.same(shapes({ paramAxes: [-2, -1] }), [
    [1, 5, 8],
    [1, 5, 8],
  ]);
});

t.test('a scale that is given and a parameter exclude each other', async (t) => {
  const [x, scale] = [tf.tensor2d([1, 3], [1, 2]), tf.tensor1d([1, 2])];
  const given =
    (withScale: boolean): Layer<[x: tf.Tensor], tf.Tensor> =>
    (s, x) =>
      s.declare(layerNorm({ ...plain, withScale })).affine(x, { scale });
  t.same(applied(given(false), x), [-1, 2]);
  t.throws(() => applied(given(true), x), {
    message: 'layer_norm: a scale is given, but the module has a parameter for it: set withScale to false',
  });
});

t.test('axes are counted from either end, once each', async (t) => {
  t.same(axesOf(-1, 3), [2]);
  t.same(axesOf([-1, 0], 3), [0, 2]);
  t.same(axesOf({ from: 1, to: -1 }, 4), [1, 2]);
  t.throws(() => axesOf([0, -3], 3), { name: 'ShapeError' });
  t.throws(() => axesOf(3, 3), { message: 'axes are [3], expected different axes of an array of rank 3' });
  t.throws(() => layerNorm({ axes: 0.5 }), { name: 'ConfigError' });
});

t.test('integers and scalars are refused', async (t) => {
  t.throws(() => outline(layerNorm(), [{ shape: [2, 3], dtype: 'int32' }]), {
    message: 'layer_norm: x is int32, expected float32: cast it first',
  });
  t.throws(() => outline(rmsNorm(), [{ shape: [] }]), {
    message: 'rms_norm: x is a scalar, expected [..., C]',
  });
});
