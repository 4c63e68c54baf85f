/** The attention layer's options: shared heads, widths of heads, order, hooks and biases; and those of the blocks. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { engine, key, type Layer, type Params, type Scope, transform } from '../../lib/index.js';
import { exportOnnx } from '../../lib/onnx/index.js';
import type { HostArray } from '../../lib/data/array.js';
import { toTensor } from '../../lib/data/leaf.js';
import { noisy } from '../conformance/noisy.js';
import { difference, started } from '../lib/onnx/runtime.js';
import {
  alibi,
  attend,
  attention,
  type AttentionOptions,
  crossAttention,
  layerNorm,
  mlp,
  rotary,
  selfAttend,
  selfAttention,
} from '../../modules/index.js';

await engine();

const noise = (shape: number[], seed: number): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);
const largest = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];

const [q, kv] = [noise([2, 4, 12], 1), noise([2, 7, 9], 2)];

type Leaves = Readonly<Record<string, tf.Tensor>>;

/** A linear layer by hand. */
const project = (x: tf.Tensor, { w, b }: Leaves): tf.Tensor => {
  const [B, N, C] = x.shape as [number, number, number];
  const rows = tf.matMul(tf.reshape(x, [B * N, C]), w as tf.Tensor2D);
  return tf.reshape(b ? tf.add(rows, b) : rows, [B, N, w.shape[1] as number]);
};

const split = (x: tf.Tensor, heads: number): tf.Tensor =>
  tf.reshape(x, [...x.shape.slice(0, 2), heads, (x.shape[2] as number) / heads]);

const made = (options: AttentionOptions): readonly [Params, tf.Tensor] => {
  const { init, apply } = transform(attention(options) as Layer<[tf.Tensor, tf.Tensor], tf.Tensor>);
  const params = noisy(init(key(1), q, kv));
  return [params, apply(params, {}, q, kv)];
};

const leaves = (params: Params, name: string): Leaves =>
  Object.fromEntries(
    Object.entries(params[`attention/${name}`]).map(([leaf, array]) => [leaf, toTensor(array as HostArray)]),
  );

t.test('heads of keys and values that several heads of queries share', async (t) => {
  const [params, found] = made({ numHeads: 6, numKeyValueHeads: 2, headChannels: 4, outputChannels: 5 });
  const shapes = ['linear', 'linear_1', 'linear_2', 'linear_3'].map((name) => leaves(params, name).w.shape);
  t.same(shapes, [
    [12, 24],
    [9, 8],
    [9, 8],
    [24, 5],
  ]);
  const attended = attend(
    split(project(q, leaves(params, 'linear')), 6),
    split(project(kv, leaves(params, 'linear_1')), 2),
    split(project(kv, leaves(params, 'linear_2')), 2),
  );
  t.ok(largest(found, project(attended, leaves(params, 'linear_3'))) < 1e-5);
});

t.test('order, biases by distance and the mean reach the primitive', async (t) => {
  const options = { causal: true, window: 2, withoutKeys: 'mean' } as const;
  const [params, found] = made({ numHeads: 2, ...options, relativeBias: alibi() });
  const attended = attend(
    split(project(q, leaves(params, 'linear')), 2),
    split(project(kv, leaves(params, 'linear_1')), 2),
    split(project(kv, leaves(params, 'linear_2')), 2),
    { ...options, relativeBias: alibi()({} as Scope, { heads: 2, queries: 4, keys: 7 }) },
  );
  t.ok(largest(found, project(attended, leaves(params, 'linear_3'))) < 1e-5);
});

t.test('a hook sees queries and keys by head, and its parameters are the module’s', async (t) => {
  const positions = tf.range(0, 7, 1, 'int32');
  const turn = rotary({ maxWavelength: 20 });
  const onHeads: AttentionOptions['onHeads'] = (s, asked, keys) => [
    turn(s, layerNorm({ name: 'query_norm' })(s, asked), tf.slice(positions, 3)),
    turn(s, layerNorm({ name: 'key_norm' })(s, keys), positions),
  ];
  const [params, found] = made({ numHeads: 2, onHeads });
  t.same(
    Object.keys(params).filter((path) => path.endsWith('norm')),
    ['attention/query_norm', 'attention/key_norm'],
  );
  const norm = (x: tf.Tensor, { scale, offset }: Leaves) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), scale), offset);
  };
  const asked = norm(split(project(q, leaves(params, 'linear')), 2), leaves(params, 'query_norm'));
  const keys = norm(split(project(kv, leaves(params, 'linear_1')), 2), leaves(params, 'key_norm'));
  const attended = attend(
    turn({} as Scope, asked, tf.slice(positions, 3)),
    turn({} as Scope, keys, positions),
    split(project(kv, leaves(params, 'linear_2')), 2),
  );
  t.ok(largest(found, project(attended, leaves(params, 'linear_3'))) < 1e-5);
});

t.test('options that do not fit are named with the path', async (t) => {
  t.throws(
    () => made({ numHeads: 4, numKeyValueHeads: 3 }),
    /^attention: numHeads is 4, which numKeyValueHeads \(3\)/,
  );
  t.throws(() => made({ headChannels: 4, qkChannels: 8 }), /^attention: headChannels is 4 beside qkChannels/);
  t.throws(() => made({ numHeads: 2, window: 3 }), /^attention: window is 3 without causal/);
  t.throws(
    () => made({ withoutKeys: 'none' as never }),
    /withoutKeys: found "none", expected 'zeros' or 'mean'/,
  );
});

t.test('a causal block says nothing of later places, and blocks hand on what attention takes', async (t) => {
  const x = noise([1, 6, 8], 3);
  const changed = tf.concat([tf.slice(x, 0, [-1, 4, -1]), noise([1, 2, 8], 4)], 1);
  for (const layer of [
    selfAttention({ numHeads: 2, numKeyValueHeads: 1, headChannels: 6, causal: true, relativeBias: alibi() }),
    ((s: Scope, y: tf.Tensor) =>
      crossAttention({ numHeads: 2, headChannels: 3, causal: true })(s, y, y)) as Layer<
      [tf.Tensor],
      tf.Tensor
    >,
  ] as Layer<[tf.Tensor], tf.Tensor>[]) {
    const { init, apply } = transform(layer);
    const params = noisy(init(key(1), x));
    const [before, after] = [x, changed].map((each) => apply(params, {}, each));
    const difference = tf.sub(before, after);
    t.ok(tf.max(tf.abs(tf.slice(difference, 0, [-1, 4, -1]))).dataSync()[0] < 1e-6);
    t.ok(tf.max(tf.abs(tf.slice(difference, [0, 4, 0]))).dataSync()[0] > 1e-3);
  }
});

t.test('masks for all queries, and by head, in a block that takes queries part by part', async (t) => {
  const cross = transform(crossAttention({ numHeads: 1, qkChannels: 4 }));
  const [long, rows] = [noise([1, 9001, 480], 5), noise([1, 5, 6], 6)];
  const params = noisy(cross.init(key(1), long, rows));
  const mask = tf.tensor([1, 0, 1, 1, 0], [1, 1, 5]);
  const kept = tf.gather(rows, [0, 2, 3], 1);
  const expected = cross.apply(params, {}, long, kept);
  const most = tf.max(tf.abs(expected)).dataSync()[0];
  t.ok(largest(cross.apply(params, {}, long, rows, mask), expected) < 1e-5 * most);
  t.ok(largest(cross.apply(params, {}, long, rows, tf.reshape(mask, [1, 1, 1, 5])), expected) < 1e-5 * most);
});

t.test('layers take a name', async (t) => {
  const pathsOf = (layer: Layer<[tf.Tensor], tf.Tensor>) => Object.keys(transform(layer).init(key(1), q));
  t.same(pathsOf(mlp({ name: 'widen' })), ['widen/linear', 'widen/linear_1']);
  t.ok(pathsOf(selfAttend({ numHeads: 2, name: 'look' })).every((path) => path.startsWith('look/')));
  t.ok(pathsOf(selfAttention({ numHeads: 2, name: 'block' })).every((path) => path.startsWith('block/')));
  const across = (s: Scope, x: tf.Tensor) => crossAttention({ numHeads: 1, name: 'read' })(s, x, kv);
  t.ok(pathsOf(across).every((path) => path.startsWith('read/')));
});

t.test('an MLP takes any activation', async (t) => {
  const run = (activation: Parameters<typeof mlp>[0]) => {
    const { init, apply } = transform(mlp(activation));
    return apply(noisy(init(key(1), q)), {}, q);
  };
  t.ok(largest(run({ activation: tf.relu }), run({})) > 1e-3);
  t.equal(largest(run({ activation: (x) => tf.relu(x) }), run({ activation: tf.relu })), 0);
  t.throws(
    () => mlp({ activation: 'relu' as never }),
    /activation: found "relu", expected 'geluTanh' or 'geluExact' or/,
  );
});

t.test('a block with all of it runs in onnxruntime, for sequences of any length', async (t) => {
  const turn = rotary({ fraction: 0.5 });
  const layer = (s: Scope, x: tf.Tensor, positions: tf.Tensor): tf.Tensor =>
    selfAttention({
      ...{ numHeads: 4, numKeyValueHeads: 2, causal: true, window: 5, relativeBias: alibi() },
      onHeads: (inner, asked, keys) => [turn(inner, asked, positions), turn(inner, keys, positions)],
    })(s, x);
  const [x, positions] = [noise([1, 9, 16], 7), tf.range(-9, 0, 1, 'int32')];
  const { init, apply } = transform(layer);
  const params = noisy(init(key(1), x, positions));
  const specs = [{ shape: [1, 'length', 16] }, { shape: ['length'], dtype: 'int32' }];
  const { run } = await started(exportOnnx(layer, { params }, specs as never));
  t.ok(difference((await run([x, positions])).output, apply(params, {}, x, positions)) < 1e-5);
});
