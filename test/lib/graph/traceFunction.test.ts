/** Functions written down: gradients, keys, state, open sizes. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import type { Params } from '../../../lib/data/leaf.js';
import { bernoulliTensor, engine, uniformTensor } from '../../../lib/engine/index.js';
import { trace, traceFunction, type Graph } from '../../../lib/graph/index.js';
import { chain, remat } from '../../../lib/language/combinators/index.js';
import { transform } from '../../../lib/language/transform.js';
import { valueAndGrad } from '../../../lib/language/valueAndGrad.js';
import { graphToOnnx, isComposedInOnnx } from '../../../lib/onnx/index.js';
import { foldIn, type Key, key, split, uniform } from '../../../lib/random/index.js';
import { linear, mlp } from '../../../modules/index.js';
import { started } from '../onnx/runtime.js';
import { interpret } from './interpret.js';

const run = (graph: Graph, inputs: Readonly<Record<string, tf.Tensor>>, sizes = {}): number[][] =>
  tf.tidy(() =>
    interpret(graph, inputs, () => tf.scalar(0), sizes).map((y) => [...(y.dataSync() as Float32Array)]),
  );

const loss = (w: tf.Tensor, x: tf.Tensor): tf.Tensor => tf.sum(tf.square(tf.matMul(x, w)));

t.test('no engine has to run for a gradient to be written down', async (t) => {
  const graph = traceFunction(valueAndGrad(loss), [{ shape: [3, 2] }, { shape: [4, 3] }]);
  t.same(
    graph.inputs.map(({ name, shape }) => [name, shape]),
    [
      ['input', [3, 2]],
      ['input_1', [4, 3]],
    ],
  );
  t.same(graph.result, { value: 'output.value', grads: 'output.grads' });
  t.equal(tf.engine().backendName, undefined);
});

t.test('a gradient at a size that was left open', async (t) => {
  await engine();
  const graph = traceFunction(valueAndGrad(loss), [{ shape: [3, 2] }, { shape: ['batch', 3] }], {
    names: { inputs: ['w', 'x'], output: '' },
  });
  t.same(
    graph.outputs.map(({ name }) => name),
    ['value', 'grads'],
  );
  for (const batch of [1, 4, 7]) {
    const [w, x] = [
      tf.randomNormal([3, 2], 0, 1, 'float32', 1),
      tf.randomNormal([batch, 3], 0, 1, 'float32', 2),
    ];
    const { value, grads } = valueAndGrad(loss)(w, x);
    const expected = [value, grads].map((y) => [...y.dataSync()]);
    t.same(run(graph, { w, x }, { batch }), expected);
  }
});

t.test("a nest's parts have its keys for names, and the result tells where each output is", async (t) => {
  const f = (p: { a: tf.Tensor; list: tf.Tensor[] }, n: number) => ({
    sums: [tf.add(p.a, p.list[1]), p.a],
    constant: 3,
    scaled: tf.mul(p.list[0], n),
  });
  const one = { shape: [2] };
  const graph = traceFunction(f, [{ a: one, list: [one, one] }, 5], {
    names: { inputs: ['p'], output: 'y' },
  });
  t.same(
    graph.inputs.map(({ name }) => name),
    ['p.a', 'p.list.0', 'p.list.1'],
  );
  t.same(graph.result, { sums: ['y.sums.0', 'y.sums.1'], constant: 3, scaled: 'y.scaled' });
  t.throws(() => traceFunction((x: tf.Tensor) => x, [{ shape: [2], dtype: 'int64' } as never]), {
    message: "traceFunction: 'input' is of int64, expected float32, int32, bool",
  });
});

/** Draws from keys that are derived in every way there is, and the next key. */
const draws = (from: Key) => {
  const [a, b] = split(from);
  const [c, d] = split(a, 3);
  return {
    uniform: uniformTensor(() => b, [3, 5]),
    range: uniformTensor(() => c, [4], { min: -2, max: 2 }),
    kept: bernoulliTensor(() => foldIn(d, 7), 0.7, [9]),
    next: split(d)[0],
  };
};

for (const mode of ['partitionable', 'legacy'] as const)
  t.test(`random draws are part of the graph, bit for bit, from ${mode} keys`, async (t) => {
    await engine();
    const graph = traceFunction(draws, [key(0, mode)], {
      names: { inputs: ['key'], output: 'y' },
      isComposed: isComposedInOnnx,
    });
    t.match(graph.inputs, [{ name: 'key', shape: [2], dtype: 'int32' }]);
    const session = await started(graphToOnnx(graph));
    for (const seed of [0, 1, -5]) {
      const from = key(seed, mode);
      const { next, ...tensors } = draws(from);
      const expected = [
        ...Object.values(tensors).map((y) => [...y.dataSync()]),
        next.words.map((word) => word | 0),
      ].map((values) => values.map(Number));
      const words = tf.tensor1d([...Int32Array.from(from.words)], 'int32');
      t.same(run(graph, { key: words }), expected);
      const found = await session.run([words]);
      t.same(
        graph.outputs.map(({ name }) => [...found[name].data].map(Number)),
        expected,
      );
    }
  });

t.test("words of a train state's key are an input, and its next key an output", async (t) => {
  const next = (state: { key: { shape: number[]; dtype: string; data: ArrayLike<number> } }) => {
    const { data } = state.key;
    const [step, rest] = split({ mode: 'partitionable', words: [data[0], data[1]] });
    return { drawn: uniformTensor(() => step, [2]), key: { ...state.key, data: rest.words } };
  };
  const state = { key: { shape: [2], dtype: 'uint32', data: Uint32Array.of(0, 3) } };
  const graph = traceFunction(next, [state], { names: { inputs: ['state'], output: 'y' } });
  t.match(graph.inputs, [{ name: 'state.key', shape: [2], dtype: 'int32' }]);
  t.same(graph.result, { drawn: 'y.drawn', key: 'y.key' });
});

t.test('drawing on the host from a key that is an input says what to do', async (t) => {
  t.throws(() => traceFunction((from: Key) => tf.tensor(uniform(from, [2]).data), [key(0)]), {
    message: /words of this random key are not known .* bernoulliTensor or uniformTensor/,
  });
});

t.test('what remat repeats is repeated in the graph', async (t) => {
  const tower = (wrap: typeof remat) => chain(linear(4), wrap(mlp()), linear(4));
  const graphOf = (wrap: typeof remat) => {
    const model = transform(tower(wrap));
    const f = (p: Params, x: tf.Tensor) => tf.sum(tf.square(model.apply(p, {}, x)));
    const params = model.init(key(0), { shape: [2, 4] });
    return { graph: traceFunction(valueAndGrad(f), [params as never, { shape: [2, 4] }]), params };
  };
  const gelus = ({ nodes }: Graph): number => nodes.filter(({ kernel }) => kernel === 'RengaGelu').length;
  const [plain, repeated] = [graphOf((layer) => layer), graphOf(remat)];
  t.same([gelus(plain.graph), gelus(repeated.graph)], [1, 2]);
  t.ok(repeated.graph.nodes.some(({ repetition }) => repetition !== undefined));
  t.notOk(plain.graph.nodes.some(({ repetition }) => repetition !== undefined));
});

t.test('a layer is traced as the function of its inputs that it is', async (t) => {
  const layer = chain(linear(3), mlp());
  const model = transform(layer);
  const params = model.init(key(0), { shape: [2, 4] });
  const asFunction = traceFunction((x: tf.Tensor) => model.apply(params, {}, x), [{ shape: [2, 4] }]);
  const asLayer = trace(layer, [{ shape: [2, 4] }]);
  const kernels = ({ nodes }: Graph) => nodes.map(({ kernel }) => kernel);
  t.same(kernels(asFunction), kernels(asLayer));
  t.same([asFunction.weights.length, asLayer.weights.length], [0, 6]);
});

t.test('no tensor is left behind', async (t) => {
  await engine();
  const before = tf.memory().numTensors;
  traceFunction(draws, [key(0)]);
  traceFunction(valueAndGrad(loss), [{ shape: [3, 2] }, { shape: ['batch', 3] }]);
  t.same([tf.memory().numTensors, tf.findBackend('shapes').numDataIds()], [before, 0]);
});
