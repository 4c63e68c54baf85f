/** Attention in the order that takes fewest products: what onnxruntime gives stays what the engine gives. */
import t, { type Test } from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { flopsOf, type Graph, trace } from '../../../../lib/graph/index.js';
import { reassociate } from '../../../../lib/graph/passes/reassociate.js';
import { engine, key, type Layer, type Scope, transform } from '../../../../lib/index.js';
import { exportOnnx } from '../../../../lib/onnx/index.js';
import { attention } from '../../../../modules/index.js';
import type { AnyPreset } from '../../../../presets/preset.js';
import { presets } from '../../../../presets/index.js';
import { noisy } from '../../../conformance/noisy.js';
import { difference, started } from '../../onnx/runtime.js';

const tolerance = 1e-5;

const products = ({ nodes }: Graph): number => nodes.reduce((sum, node) => sum + flopsOf(node), 0);

const attended = { few: [3, 8], many: [50, 6] } as const;

type Side = keyof typeof attended;

type Pair = Layer<[q: tf.Tensor, kv: tf.Tensor], tf.Tensor>;

const attending = attention({ numHeads: 1, qkChannels: 16, vChannels: 16, outputChannels: 5 }) as Pair;

const specs = (from: Side, to: Side, batch: number | string) =>
  [{ shape: [batch, ...attended[from]] }, { shape: [batch, ...attended[to]] }] as const;

const compare = async (t: Test, layer: Pair, from: Side, to: Side): Promise<void> => {
  await engine();
  const [q, kv] = [from, to].map((side) => tf.randomNormal([2, ...attended[side]], 0, 1, 'float32', 7));
  const { init, apply } = transform(layer);
  const params = noisy(init(key(1), q, kv));
  const expected = apply(params, {}, q, kv);
  const model = exportOnnx(layer, { params }, specs(from, to, 'batch') as never);
  const { run } = await started(model);
  const { output } = await run([q, kv]);
  t.ok(difference(output, expected) < tolerance, `${difference(output, expected)}`);
};

const change = (layer: Pair, from: Side, to: Side): readonly [before: number, after: number] => {
  const graph = trace(layer, specs(from, to, 2) as never);
  return [products(graph), products(reassociate(graph))];
};

t.test('few queries of many keys: what is weighed is projected, not the keys', async (t) => {
  const [before, after] = change(attending, 'few', 'many');
  // Queries; keys and values, scores and what they weigh; the result.
  t.equal(before, 2 * 2 * (3 * 8 * 16 + 2 * 50 * 6 * 16 + 2 * 3 * 50 * 16 + 3 * 16 * 5));
  t.equal(after, 2 * 2 * (3 * 8 * 16 + 2 * 3 * 6 * 16 + 2 * 3 * 50 * 6 + 3 * 16 * 5));
  await compare(t, attending, 'few', 'many');
});

t.test('many queries of few keys: keys and values are projected, not the queries', async (t) => {
  const [before, after] = change(attending, 'many', 'few');
  t.equal(before, 2 * 2 * (50 * 6 * 16 + 2 * 3 * 8 * 16 + 2 * 3 * 50 * 16 + 50 * 16 * 5));
  // A row more for the bias of the queries.
  t.equal(after, 2 * 2 * (3 * 7 * 16 + 2 * 3 * 8 * 16 + 3 * 50 * 7 + 3 * 50 * 5 + 3 * 16 * 5));
  await compare(t, attending, 'many', 'few');
});

t.test('a result that is used twice is right', async (t) => {
  const twice = (s: Scope, q: tf.Tensor, kv: tf.Tensor): tf.Tensor => {
    const weighed = attending(s, q, kv);
    return tf.add(weighed, tf.mul(weighed, weighed));
  };
  await compare(t, twice as Pair, 'many', 'few');
});

t.test('several heads, masks and order are left alone', async (t) => {
  const heads = attention({ numHeads: 2, qkChannels: 16, vChannels: 16 }) as Pair;
  const [before, after] = change(heads, 'few', 'many');
  t.equal(after, before);
  const masked = ((s: Scope, q: tf.Tensor, kv: tf.Tensor) =>
    attention({ numHeads: 1 })(s, q as tf.Tensor3D, kv as tf.Tensor3D, tf.ones([2, 3, 50]))) as Pair;
  const [plain, rewritten] = change(masked, 'few', 'many');
  t.equal(rewritten, plain);
  const [ordered, same] = change(attention({ numHeads: 1, causal: true }) as Pair, 'few', 'many');
  t.equal(same, ordered);
});

t.test('causal attention counts the pairs that see each other', async (t) => {
  const costOf = (options: object): number =>
    products(trace(attention({ numHeads: 2, ...options }) as Pair, specs('few', 'many', 2) as never));
  // Three queries, of which the first sees 48 of 50 keys; 8 channels of queries, keys and values.
  const pairs = 2 * 2 * 2 * 8;
  t.equal(costOf({}) - costOf({ causal: true }), pairs * (150 - (48 + 49 + 50)));
  t.equal(costOf({}) - costOf({ causal: true, window: 4 }), pairs * (150 - 12));
});

t.test('published models take fewer products', async (t) => {
  const share = (name: 'flow' | 'language') => {
    const { network, inputs } = (presets[name as never] as AnyPreset)();
    const graph = trace(network, inputs);
    return products(reassociate(graph)) / products(graph);
  };
  t.ok(share('flow') < 0.75);
  t.equal(share('language'), 1, 'where all attention has several heads, the same');
});
