/** Functions written down: gradients, keys, state, open sizes. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32 } from '../../../lib/data/array.js';
import { type Params, toTensor } from '../../../lib/data/leaf.js';
import { bernoulliTensor, engine, uniformTensor } from '../../../lib/engine/index.js';
import { trace, traceFunction, type Graph } from '../../../lib/graph/index.js';
import { chain, remat } from '../../../lib/language/combinators/index.js';
import { module } from '../../../lib/language/module.js';
import { transform } from '../../../lib/language/transform.js';
import { valueAndGrad } from '../../../lib/language/valueAndGrad.js';
import { graphToOnnx } from '../../../lib/onnx/index.js';
import * as random from '../../../lib/random/index.js';
import { foldIn, type Key, key, type Mode, split } from '../../../lib/random/index.js';
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
    message: "trace: 'input' is of int64, expected float32, int32, bool",
  });
});

/** Draws from keys that are derived in every way there is, and the next key. */
const draws = (from: Key) => {
  const [a, b] = split(from);
  const [c, d, e] = split(a, 3);
  const f = foldIn(d, 7);
  return {
    dropped: uniformTensor(() => b, [3, 5]),
    uniform: toTensor(random.uniform(b, [3, 5])),
    range: toTensor(random.uniform(c, [4], { min: -2, max: 2 })),
    rounded: toTensor(random.uniform(c, [500], { min: -2, max: 5 })),
    kept: bernoulliTensor(() => f, 0.7, [9]),
    trials: toTensor(random.bernoulli(f, 0.3, [9])),
    words: toTensor(random.bits(f, [3])),
    digit: toTensor(random.randint(e, [20], 0, 10)),
    wide: toTensor(random.randint(e, [20], -(2 ** 31), 2 ** 31 - 1)),
    odd: toTensor(random.randint(e, [20], -5, 1_000_003)),
    order: toTensor(random.permutation(e, 2000)),
    itself: random.permutation(e, 1),
    next: split(d)[0],
  };
};

/** Draws through logarithms. */
const smooth = (from: Key) => ({
  normal: toTensor(random.normal(from, [4000], { stddev: 2, mean: 1 })),
  truncated: toTensor(random.truncatedNormal(from, -1, 3, [100])),
  wide: toTensor(random.truncatedNormal(from, -9, 9, [100])),
  gumbel: toTensor(random.gumbel(from, [100])),
});

t.test(
  "draws of tfjs's own are refused with the layer's path; what was drawn before is a constant",
  async (t) => {
    await engine();
    const drawing: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
      dropout: (x) => tf.dropout(x, 0.5),
      randomUniform: (x) => tf.add(x, tf.randomUniform([2])),
      randomUniformInt: (x) => tf.add(x, tf.cast(tf.randomUniformInt([2], 0, 9), 'float32')),
      randomNormal: (x) => tf.add(x, tf.randomNormal([2])),
      truncatedNormal: (x) => tf.add(x, tf.truncatedNormal([2])),
      randomGamma: (x) => tf.add(x, tf.randomGamma([2], 1)),
      rand: (x) => tf.add(x, tf.rand([2], Math.random)),
    };
    for (const [name, f] of Object.entries(drawing)) {
      const message = new RegExp(
        `^mine: tf.${name} draws its numbers while .* random key .* toTensor\\(uniform`,
      );
      const layer = module('mine', () => f);
      t.throws(() => trace(layer, [{ shape: [2] }]), { message });
      const { apply } = transform(layer);
      t.throws(() => traceFunction((x: tf.Tensor) => apply({} as Params, {}, x), [{ shape: [2] }]), {
        message,
      });
    }
    const before = tf.randomNormal([2]);
    const { nodes } = traceFunction((x: tf.Tensor) => tf.add(x, before), [{ shape: [2] }]);
    t.match(nodes, [{ kernel: 'Add', inputs: { b: { kind: 'constant' } } }]);
  },
);

const inOnnx = (f: (from: Key) => unknown, mode: Mode) =>
  traceFunction(f, [key(0, mode)], {
    names: { inputs: ['key'], output: 'y' },
  });

for (const mode of ['partitionable', 'legacy'] as const)
  t.test(`random draws are part of the graph, bit for bit, from ${mode} keys`, async (t) => {
    await engine();
    const graph = inOnnx(draws, mode);
    t.match(graph.inputs, [{ name: 'key', shape: [2], dtype: 'int32' }]);
    const session = await started(graphToOnnx(graph));
    for (const seed of [0, 1, -5]) {
      const from = key(seed, mode);
      const { next, itself, ...tensors } = draws(from);
      const expected = [
        ...Object.values(tensors).map((y) => [...y.dataSync()]),
        [...itself.data],
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

t.test('normal and Gumbel draws of the graph are those of the host within a few roundings', async (t) => {
  await engine();
  const graph = inOnnx(smooth, 'partitionable');
  const session = await started(graphToOnnx(graph));
  const expected = Object.values(smooth(key(3))).map((y) => [...y.dataSync()]);
  const words = tf.tensor1d([0, 3], 'int32');
  const found = await session.run([words]);
  const inOnnxruntime = graph.outputs.map(({ name }) => [...found[name].data].map(Number));
  for (const values of [run(graph, { key: words }), inOnnxruntime])
    t.ok(
      values.every((each, i) =>
        each.every((x, at) => Math.abs(x - expected[i][at]) <= 1e-6 * (1 + Math.abs(x))),
      ),
    );
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

t.test('a draw that cannot be part of a graph says what to do', (t) => {
  const cases: readonly (readonly [(from: Key) => unknown, RegExp])[] = [
    [(k) => tf.tensor(random.normal(k, [2]).data, [2]), /make it a tensor by toTensor/],
    [(k) => random.uniform(k, [2]).data[0], /make it a tensor by toTensor/],
    [(k) => k.words[0] + 1, /words of this random key are not known .* make the draw a tensor by toTensor/],
    [(k) => random.beta(k, 1, 1, [2]), /loggamma: drawn by rejection, .* give it as an argument/],
    [(k) => random.permutation(k, float32([2], [1, 2])), /tf\.gather\(x, toTensor\(permutation\(key, /],
    [
      (k) => random.categorical(k, float32([2], [1, 2])),
      /tf\.argMax\(tf\.add\(logits, toTensor\(gumbel\(key, /,
    ],
    [(k) => toTensor(random.bits({ ...k, mode: 'legacy' }, [2], 8)), /legacy key .* words of 32 bits, not 8/],
  ];
  for (const [draw, message] of cases) t.throws(() => traceFunction(draw, [key(0)]), { message });
  t.end();
});

t.test('what cannot be traced is refused with what to do', async (t) => {
  const one = { shape: [2] };
  const same = (x: tf.Tensor) => x;
  const sum = (x: tf.Tensor, y: tf.Tensor) => tf.add(x, y);
  const cases: readonly (readonly [readonly unknown[], RegExp])[] = [
    [[same, one], /the specs are of type object, expected traceFunction\(f, \[first, second\], options\)/],
    [[sum, [one], [one]], /the options are a list, expected traceFunction/],
    [
      [{ network: linear(2) }, [one]],
      /the function is of type object.*layerFunction\(model\.network, specs\)/,
    ],
    [[async (x: tf.Tensor) => x, [one]], /returned a promise.*only synchronous functions/],
    [[() => undefined, [one]], /returned nothing, expected a tensor/],
    [[() => 3, [one]], /returned a value of type number, expected a tensor/],
    ...[-2, 2.5, NaN].map(
      (n) => [[same, [{ shape: [n] }]], /the shape at '0' is \[.*\], expected counts/] as const,
    ),
    [
      [same, [{ shape: ['a'] }], { sizes: { a: 0 } }],
      /'a' is tried at is 0, expected an integer of at least 1/,
    ],
    [[same, [{ shape: ['a'] }], { sizes: { b: 2 } }], /sizes names 'b', expected a name of an open size: a$/],
    [
      [sum, [{ shape: ['a'] }, { shape: ['b'] }]],
      /read with a = 3, b = 6; sizes that have to agree need one name/,
    ],
    [
      [(x: tf.Tensor) => tf.scalar(x.dataSync()[0]), [one]],
      /cannot decide by values; choose between results by tf\.where/,
    ],
  ];
  for (const [args, message] of cases)
    t.throws(() => (traceFunction as (...all: unknown[]) => unknown)(...args), { message });
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
