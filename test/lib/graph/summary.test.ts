/** Costs of models, against published figures and by hand. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { flopsOf, summary, summaryMarkdown, summaryText, trace } from '../../../lib/graph/index.js';
import { chain, module, type Scope } from '../../../lib/index.js';
import { attend, linear } from '../../../modules/index.js';
import type { AnyPreset } from '../../../presets/preset.js';
import { presets } from '../../../presets/index.js';
import { cases, type Case } from '../engine/operations.js';

/** GFLOP by the original's own code and by arithmetic on its shapes, and parameters. */
const published = {
  'imagenet-fourier': [406.1, 48_440_627],
  'imagenet-learned': [478, 62_255_848],
  'imagenet-conv': [369.4, 48_646_522],
  language: [120.9, 201_108_230],
  flow: [1887, 41_057_134],
} as const;

for (const [name, [gigaflops, parameters]] of Object.entries(published)) {
  t.test(`${name} takes ${gigaflops} GFLOP and has ${parameters} parameters`, async (t) => {
    const model = (presets[name as keyof typeof published] as AnyPreset)();
    const whole = summary(model.network, model.inputs);
    t.ok(Math.abs(whole.flops / 1e9 / gigaflops - 1) < 1e-3, `${whole.flops}`);
    t.equal(whole.parameters, parameters);
    const sumOf = (of: 'flops' | 'parameters') => whole.modules.reduce((sum, module) => sum + module[of], 0);
    t.equal(sumOf('parameters'), parameters);
    t.equal(sumOf('flops'), whole.flops);
    t.ok(whole.bytes.activations <= whole.bytes.activationsUntiled);
  });
}

t.test("all of flow's scores would take two gigabytes more than a tile of them", async (t) => {
  const { network, inputs } = presets.flow();
  const { bytes } = summary(network, inputs);
  t.ok(bytes.activationsUntiled - bytes.activations > 2e9);
});

const two = chain(linear(3), linear(2, { name: 'second' }));

t.test('two linear layers, by hand', async (t) => {
  const { modules, ...whole } = summary(two, [{ shape: [5, 4] }]);
  t.same(modules, [
    {
      path: 'linear',
      config: { outputChannels: 3, withBias: true },
      calls: 1,
      inputs: [[5, 4]],
      outputs: [[5, 3]],
      parameters: 15,
      flops: 2 * 5 * 4 * 3,
      bytes: 60,
    },
    {
      path: 'second',
      config: { outputChannels: 2, withBias: true },
      calls: 1,
      inputs: [[5, 3]],
      outputs: [[5, 2]],
      parameters: 8,
      flops: 2 * 5 * 3 * 2,
      bytes: 32,
    },
  ]);
  t.same([whole.parameters, whole.flops, whole.bytes.weights], [23, 180, 92]);
});

t.test('memory is that of tensors which are alive at once', async (t) => {
  const kilo = { shape: [1000] };
  const chained = (_s: Scope, x: tf.Tensor) => tf.tidy(() => tf.neg(tf.exp(tf.neg(x))));
  t.equal(summary(chained, [kilo]).bytes.activations, 3 * 4000, 'a scope frees when it ends');
  const scoped = (_s: Scope, x: tf.Tensor) => {
    const first = tf.tidy(() => tf.exp(tf.neg(x)));
    const second = tf.tidy(() => tf.exp(tf.neg(first)));
    return tf.reshape(second, [10, 100]);
  };
  t.equal(summary(scoped, [kilo]).bytes.activations, 3 * 4000, 'a reshaped tensor takes nothing');
  const heads = { shape: [1, 100, 2, 8] };
  const attending = (_s: Scope, q: tf.Tensor, k: tf.Tensor) => attend(q, k, k);
  const { activations, activationsUntiled } = summary(attending, [heads, heads]).bytes;
  t.equal(activationsUntiled - activations, 2 * 4 * 2 * 100 * 100, 'scores and their softmax');
});

t.test('modules are listed with those in them after each one, repeated calls counted', async (t) => {
  const inner = module('inner', (s) => (x: tf.Tensor) => linear(4)(s, x));
  const outer = module('outer', (s) => {
    const shared = s.declare(inner);
    return (x: tf.Tensor) => shared(shared(x));
  });
  const { modules } = summary(chain(outer, linear(2)), [{ shape: [3, 4] }]);
  t.same(
    modules.map(({ path, calls, parameters }) => [path, calls, parameters]),
    [
      ['outer', 1, 0],
      ['outer/~/inner', 2, 0],
      ['outer/~/inner/linear', 2, 20],
      ['linear', 1, 10],
    ],
  );
});

t.test('as text and as Markdown', async (t) => {
  const whole = summary(two, [{ shape: [5, 4] }]);
  const [head, first, second, blank, total, memory] = summaryText(whole).split('\n');
  t.match(head, /^module +config +inputs +outputs +parameters +MFLOP +bytes$/);
  t.match(first, /^linear +outputChannels=3 withBias=true +\[5, 4\] +\[5, 3\] +15 +0\.0 +60$/);
  t.match(second, /^second /);
  t.equal(blank, '');
  t.equal(total, '23 parameters; 180 FLOP in products and convolutions');
  t.match(memory, /^memory: 92 B weights, 100 B activations at their peak/);
  const table = summaryMarkdown(whole).split('\n').slice(0, 4);
  t.ok(table.every((line) => line.split('|').length === 9));
  t.match(table[1], /^\| --- +\|.*--: \|$/);
});

const flopsIn = (name: string): number => {
  const { inputs, run } = cases.find((each) => each.name === name) as Case;
  const shapes = inputs.map(({ shape, dtype }) => ({ shape, dtype }));
  const { nodes } = trace((_s: Scope, ...xs: tf.Tensor[]) => run(...xs), shapes);
  return nodes.reduce((sum, node) => sum + flopsOf(node), 0);
};

t.test('products and convolutions, by hand', async (t) => {
  t.equal(flopsIn('matMul of batches [2] and [2], transposed true and false'), 2 * 2 * 2 * 3 * 4);
  t.equal(flopsIn('einsum bthd,bshd->bhts'), 2 * 2 * 3 * 2 * 2 * 4);
  t.equal(flopsIn('einsum ij->ji'), 0);
  t.equal(flopsIn('fused matMul with bias and relu'), 2 * 2 * 3 * 4);
  t.equal(flopsIn('fused depthwise convolution'), 2 * (2 * 3 * 4 * 2) * 4);
  t.equal(flopsIn('layer norm'), 0);
});
