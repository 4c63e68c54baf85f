/**
 * The shape-only reading: names, shapes and initialisers of a program, and the shapes of its outputs, without data and
 * before any engine runs.
 */
import t from 'tap';
import * as fc from '../../property.js';
import * as tf from '@tensorflow/tfjs-core';
import {
  chain,
  engine,
  fanOut,
  key,
  type Layer,
  outline,
  parallel,
  type Scope,
  stack,
  transform,
  transformWithState,
  tree,
} from '../../../lib/index.js';
import { zeros } from '../../../lib/language/initializers.js';
import { initialParams, initialValue } from '../../../lib/language/outline.js';
import type { Shape } from '../../../lib/data/array.js';
import { batchNorm } from '../../../modules/batchNorm.js';
import { dropoutLayer } from '../../../modules/dropout.js';
import { layerNorm } from '../../../modules/layerNorm.js';
import { linear } from '../../../modules/linear.js';
import { selfAttention } from '../../../modules/selfAttention.js';

t.test('a program is read before any engine runs', async (t) => {
  const read = outline(chain(linear(3), layerNorm()), [{ shape: [2, 6] }]);
  t.match(read.params, {
    linear: {
      w: { shape: [6, 3], dtype: 'float32', initializer: { kind: 'truncatedNormal' }, draw: 0 },
      b: { shape: [3], dtype: 'float32', initializer: { kind: 'zeros' }, draw: undefined },
    },
    layer_norm: { scale: { shape: [3], initializer: { kind: 'ones' } }, offset: { shape: [3] } },
  });
  t.same(read.outputs, { shape: [2, 3], dtype: 'float32' });
  t.equal(read.draws, 1);
  t.same(read.state, {});
});

t.test('parameters by seed need no engine either', async (t) => {
  const params = initialParams(outline(linear(3), [{ shape: [2, 6] }]), key(42));
  t.equal(tree.count(params), 21);
  t.ok(params.linear.w.data.some((n) => n !== 0));
});

t.test('26 layers at full size are read in under a second of work', async (t) => {
  const tower = stack(26, () =>
    selfAttention({ numHeads: 8, qkChannels: 256, vChannels: 1280, wideningFactor: 1 }),
  );
  const before = process.cpuUsage();
  const { params, outputs } = outline(tower, [{ shape: [1, 256, 1280] }]);
  const { user, system } = process.cpuUsage(before);
  t.ok((user + system) / 1e6 < 1, `${(user + system) / 1e6} s`);
  // Two norms; queries, keys, values, output; widening and narrowing.
  const [z, qk] = [1280, 256];
  const layer = 2 * 2 * z + 2 * (z * qk + qk) + 2 * (z * z + z) + 2 * (z * z + z);
  t.equal(tree.count(params), 26 * layer);
  t.same(outputs, { shape: [1, 256, 1280], dtype: 'float32' });
});

t.test('what is dropped at random is not drawn', async (t) => {
  const huge = { shape: [1, 4096, 4096, 64] }; // a billion numbers
  const before = process.cpuUsage();
  const { draws, outputs } = outline(dropoutLayer(0.5), [huge]);
  const { user, system } = process.cpuUsage(before);
  t.ok((user + system) / 1e6 < 1);
  t.equal(draws, 1);
  t.same(outputs.shape, huge.shape);
});

t.test('inputs and outputs are nests, and what is no tensor passes through', async (t) => {
  const layer = (s: Scope, { image, labels }: { image: tf.Tensor; labels: tf.Tensor[] }, factor: number) => ({
    scaled: tf.mul(linear(2)(s, image), factor),
    labels: labels.map((label) => tf.cast(label, 'int32')),
    factor,
    name: 'x',
    nothing: undefined,
  });
  const { outputs } = outline(layer, [
    { image: { shape: [4, 3] }, labels: [{ shape: [4] }, { shape: [] }] },
    3,
  ]);
  t.same(outputs, {
    scaled: { shape: [4, 2], dtype: 'float32' },
    labels: [
      { shape: [4], dtype: 'int32' },
      { shape: [], dtype: 'int32' },
    ],
    factor: 3,
    name: 'x',
    nothing: undefined,
  });
});

t.test('a spec may say its element type', async (t) => {
  const echo: Layer<[x: tf.Tensor], tf.Tensor> = (_s, x) => x;
  t.same(outline(echo, [{ shape: [2], dtype: 'int32' }]).outputs, { shape: [2], dtype: 'int32' });
  t.same(outline(echo, [{ shape: [2], dtype: 'bool' }]).outputs, { shape: [2], dtype: 'bool' });
});

t.test('shapes that do not fit are told with the path', async (t) => {
  const twoSizes = (s: Scope, x: tf.Tensor) => tf.add(x, s.param('g', [3], zeros));
  t.throws(() => outline(twoSizes, [{ shape: [2] }]));
  t.throws(
    () =>
      outline(
        stack(1, () => selfAttention({ numHeads: 3 })),
        [{ shape: [1, 2, 4] }],
      ),
    {
      name: 'ShapeError',
      message: /^self_attention\/attention: qkChannels is 4, which numHeads \(3\) does not divide$/,
    },
  );
});

t.test('a layer that reads values to decide what to do is told so', async (t) => {
  const reads = (_s: Scope, x: tf.Tensor) => (x.dataSync()[0] > 0 ? x : tf.neg(x));
  t.throws(() => outline(reads, [{ shape: [1] }]), { name: 'NoDataError' });
});

t.test('training or not may ask for other things', async (t) => {
  const layer = chain(linear(2), batchNorm({ decayRate: 0.9 }));
  t.same(Object.keys(outline(layer, [{ shape: [4, 3] }]).state), [
    'batch_norm/~/mean_ema',
    'batch_norm/~/var_ema',
  ]);
  t.same(outline(layer, [{ shape: [4, 3] }]).state['batch_norm/~/mean_ema'], {
    counter: { shape: [], dtype: 'int32' },
    hidden: { shape: [1, 2], dtype: 'float32' },
    average: { shape: [1, 2], dtype: 'float32' },
  });
  t.throws(() => outline(layer, [{ shape: [4, 3] }], { isTraining: false }), { message: /before it exists/ });
});

t.test('values by seed come one at a time, each what all together give', async (t) => {
  const layer = chain(linear(4), dropoutLayer(0.5), linear(3), linear(2));
  const read = outline(layer, [{ shape: [1, 5] }]);
  const all = initialParams(read, key(11));
  const one = initialValue(read, key(11));
  t.same(one('linear_2', 'w'), all.linear_2.w);
  t.same(one('linear', 'w'), all.linear.w);
  t.same(one('linear_1', 'b'), all.linear_1.b);
});

const width = fc.integer({ min: 1, max: 5 });
type Flow = Layer<[x: tf.Tensor], tf.Tensor>;
const someLayer: fc.Arbitrary<Flow> = fc.oneof(
  width.map((channels): Flow => linear(channels)),
  fc.constant(0).map((): Flow => layerNorm()),
  fc.constant(0).map((): Flow => batchNorm({ decayRate: 0.5 })),
  fc.constant(0).map((): Flow => dropoutLayer(0.5)),
  width.map(
    (n): Flow =>
      (_s, x) =>
        tf.tile(x, [n, ...x.shape.slice(1).map(() => 1)]),
  ),
);

t.test('the shapes read are the shapes that run', async (t) => {
  await engine();
  const shape = ({ shape, dtype }: { shape: Shape; dtype?: string }) => [shape, dtype];
  fc.assert(
    fc.property(
      fc.array(someLayer, { maxLength: 4 }),
      fc.array(width, { minLength: 2, maxLength: 4 }),
      (layers, size) => {
        tf.tidy(() => {
          const flow = chain(...layers);
          const layer = chain(flow, fanOut({ same: linear(2), list: parallelOf(size) }));
          const x = tf.ones(size);
          const read = outline(layer, [{ shape: size }]);
          const model = transformWithState(layer);
          const { params, state } = model.init(key(1), x);
          const { output } = model.apply(params, state, { isTraining: true, key: key(2) }, x);
          t.same(shape(read.outputs.same), shape(output.same));
          t.same(read.outputs.list.map(shape), output.list.map(shape));
          t.same(tree.map(read.params, shape), tree.map(params, shape));
          t.same(tree.map(read.state, shape), tree.map(state, shape));
        });
      },
    ),
    { numRuns: 25 },
  );
});

/** Two branches whose inputs are made of one. */
const parallelOf =
  (size: readonly number[]): Layer<[x: tf.Tensor], tf.Tensor[]> =>
  (s, x) =>
    parallel([linear(size[0]), layerNorm()])(s, [x, tf.ones([2, 3])] as const);

t.test('reading leaves no tensor behind', async (t) => {
  await engine();
  const before = tf.memory().numTensors;
  outline(selfAttention(), [{ shape: [1, 4, 8] }]);
  t.throws(() => outline(selfAttention({ numHeads: 3 }), [{ shape: [1, 4, 8] }]));
  t.equal(tf.memory().numTensors, before);
  t.equal(tf.getBackend(), 'wasm');
  t.same([...transform(linear(1)).init(key(1), { shape: [1, 2] }).linear.w.shape], [2, 1]);
});
