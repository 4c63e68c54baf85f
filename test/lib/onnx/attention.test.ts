/** Attention with masks, biases, order and shared heads: what onnxruntime gives is what the engine gives. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine, type Scope } from '../../../lib/index.js';
import { exportOnnx } from '../../../lib/onnx/index.js';
import type { Params } from '../../../lib/data/leaf.js';
import { attend, type AttendOptions } from '../../../modules/attend.js';
import { difference, started } from './runtime.js';

const noise = (shape: number[], seed: number): tf.Tensor => tf.randomNormal(shape, 0, 1, 'float32', seed);
const some = (shape: number[], seed: number): tf.Tensor => tf.greater(noise(shape, seed), -0.5);

interface Sizes {
  readonly B: number;
  readonly T: number;
  readonly S: number;
  readonly H: number;
  readonly G: number;
}

/** Options beside tensors, and tensors by the names that options have for them. */
type Given = readonly [AttendOptions, Readonly<Record<string, tf.Tensor>>];

const cases: Readonly<Record<string, (sizes: Sizes) => Given>> = {
  causal: () => [{ causal: true }, {}],
  'causal with a window': () => [{ causal: true, window: 3 }, {}],
  'a mask for all queries, causal': ({ B, S }) => [{ causal: true }, { mask: some([B, 1, S], 1) }],
  'a mask by head, with the mean': ({ B, H, T, S }) => [
    { withoutKeys: 'mean', causal: true },
    { mask: some([B, H, T, S], 2) },
  ],
  'a bias by distance': ({ H, T, S }) => [
    { causal: true, scale: 0.4 },
    { relativeBias: noise([H, T + S - 1], 3) },
  ],
  'both biases': ({ B, T, S }) => [
    {},
    { relativeBias: noise([1, T + S - 1], 4), bias: noise([B, 1, T, S], 5) },
  ],
};

const sizes: readonly Sizes[] = [
  { B: 2, T: 6, S: 9, H: 4, G: 2 },
  { B: 1, T: 5, S: 3, H: 2, G: 2 },
  { B: 1, T: 200, S: 230, H: 2, G: 1 },
  { B: 1, T: 150, S: 40, H: 1, G: 1 },
];

t.before(() => engine());

for (const isOpen of [false, true])
  t.test(
    `onnxruntime gives what the engine gives, ${isOpen ? 'for a batch left open' : 'all sizes given'}`,
    async (t) => {
      for (const size of sizes)
        for (const [what, givenOf] of Object.entries(cases)) {
          const { B, T, S, H, G } = size;
          const [options, tensors] = givenOf(size);
          const names = Object.keys(tensors);
          const layer = (_s: Scope, q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, ...others: tf.Tensor[]) =>
            attend(q, k, v, { ...options, ...Object.fromEntries(names.map((name, i) => [name, others[i]])) });
          const inputs = [noise([B, T, H, 5], 6), noise([B, S, G, 5], 7), noise([B, S, G, 3], 8)];
          const all = [...inputs, ...Object.values(tensors)];
          const open = (shape: number[]) =>
            isOpen && B > 1 && shape[0] === B ? ['batch', ...shape.slice(1)] : shape;
          const specs = all.map(({ shape, dtype }) => ({ shape: open(shape), dtype }));
          const model = exportOnnx(layer as never, { params: {} as Params }, specs as never);
          const { run } = await started(model);
          const off = difference(
            (await run(all)).output,
            layer({} as Scope, ...(all as [never, never, never])),
          );
          t.ok(off < 1e-5, `${what}, ${Object.values(size)}: ${off}`);
        }
    },
  );

t.test('causal attention of sequences of any length', async (t) => {
  const layer = (_s: Scope, q: tf.Tensor, k: tf.Tensor): tf.Tensor =>
    attend(q, k, k, { causal: true, window: 4 });
  const specs = [{ shape: [1, 'queries', 2, 3] }, { shape: [1, 'keys', 1, 3] }];
  const { run } = await started(exportOnnx(layer, { params: {} as Params }, specs as never));
  for (const [queries, keys] of [
    [4, 9],
    [7, 7],
    [5, 2],
  ]) {
    const [q, k] = [noise([1, queries, 2, 3], 1), noise([1, keys, 1, 3], 2)];
    t.ok(difference((await run([q, k])).output, layer({} as Scope, q, k)) < 1e-5, `${queries}, ${keys}`);
  }
});
