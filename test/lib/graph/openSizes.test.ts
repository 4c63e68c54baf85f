/** Sizes left open until a graph runs. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { showSize, trace, traceFunction } from '../../../lib/graph/index.js';
import { chain, engine, module, type Scope, valueAndGrad } from '../../../lib/index.js';
import { attention, layerNorm, linear, trainablePosition } from '../../../modules/index.js';
import { presets } from '../../../presets/index.js';
import { interpret } from './interpret.js';

const shapesOf = (values: readonly { readonly shape: readonly (number | object)[] }[]) =>
  values.map(({ shape }) => shape.map((size) => showSize(size as number)));

t.test('names stand for sizes in every shape that depends on them', async (t) => {
  const layer = chain(layerNorm(), (s: Scope, x: tf.Tensor) => attention({ numHeads: 2 })(s, x, x));
  const { inputs, outputs, nodes, calls } = trace(layer, [{ shape: ['batch', 'n', 6] }]);
  t.same(shapesOf(inputs), [['batch', 'n', '6']]);
  t.same(shapesOf(outputs.map(({ value }) => value)), [['batch', 'n', '6']]);
  const affine = nodes.find(({ kernel }) => kernel === 'RengaAffine');
  t.same(shapesOf(affine?.outputs ?? []), [['batch*n', '6']]);
  t.same(
    calls.at(-1)?.outputs.map((shape) => shape.map((size) => showSize(size))),
    [['batch', 'n', '6']],
  );
});

t.test('numbers stay numbers', async (t) => {
  const { inputs } = trace(linear(2), [{ shape: ['batch', 4] }]);
  t.equal(inputs[0].shape[1], 4);
});

t.test('where what a layer does depends on an open size, the layer is named', async (t) => {
  const byTwo = module('by_two', () => (x: tf.Tensor) => (x.shape[0] % 2 ? tf.neg(x) : x));
  t.throws(() => trace(byTwo, [{ shape: ['batch', 4] }]), {
    name: 'OpenSizeError',
    message: /which operations run depends on how large 'batch' is/,
  });
  const rooted = module('rooted', () => (x: tf.Tensor) => tf.mul(x, Math.sqrt(x.shape[0] as number)));
  t.throws(() => trace(rooted, [{ shape: ['batch', 'points'] }]), {
    message:
      /^rooted: a constant of 'b' of Multiply depends on how large 'batch' is in a way that .* \(read with batch = 3, 6, 9, 1013\); give a number/,
  });
  const changes: readonly ((n: number) => number)[] = [
    (n) => Math.min(n, 1000),
    (n) => (n > 100 ? n - 1 : n),
    (n) => Math.floor(n / 10) + 1,
    (n) => Math.ceil(n / 3),
    (n) => Math.round(n / 3),
  ];
  for (const change of changes) {
    const cut = (_s: Scope, x: tf.Tensor) => tf.slice(x, [0], [change(x.shape[0])]);
    t.throws(() => trace(cut, [{ shape: ['n'] }]), {
      name: 'OpenSizeError',
      message: /'size' of Slice depends/,
    });
  }
  for (const name of ['', '3b', 'batch size', 'n-1', 'mod'])
    t.throws(() => trace(byTwo, [{ shape: [name, 4] }]), {
      name: 'RangeError',
      message: new RegExp(`^trace: an open size is called '${name}', expected a name of letters`),
    });
  const squared = module('squared', () => (x: tf.Tensor) => tf.tile(x, [x.shape[0] as number, 1]));
  t.throws(() => trace(squared, [{ shape: ['batch', 4] }]), { message: /^squared: / });
});

t.test('of several open sizes, those that operations depend on are named, with the module', async (t) => {
  const steps = module('steps', () => (x: tf.Tensor) => tf.addN(tf.unstack(x, 1)));
  const before = (s: Scope, x: tf.Tensor) => steps(s, tf.neg(x));
  t.throws(() => trace(before, [{ shape: ['b', 't', 3] }]), {
    message: /^steps: .* depends on how large 't' is in a way .* \(read with t = 3, 6, 9, 1013\)/,
  });
  t.throws(() => trace(before, [{ shape: ['b', 't', 'c'] }], { sizes: { c: 2 } }), {
    message: /^steps: .* depends on how large 't' is/,
  });
});

t.test('a layer of fixed length refuses another in its own words', async (t) => {
  const fixed = (s: Scope, x: tf.Tensor) => tf.add(x, trainablePosition(8, { numChannels: 4 })(s, 1));
  t.throws(() => trace(fixed, [{ shape: [1, 'n', 4] }]));
});

t.test('a layer is read at sizes that it takes', async (t) => {
  const halves = module('halves', () => (x: tf.Tensor) => tf.split(x, 2, 0)[0]);
  t.throws(() => trace(halves, [{ shape: ['n', 3] }]), { message: /read with n = 3; .* sizes: \{ n: … \}/ });
  const { outputs } = trace(halves, [{ shape: ['n', 3] }], { sizes: { n: 2 } });
  t.same(shapesOf(outputs.map(({ value }) => value)), [['floordiv(n, 2)', '3']]);
});

t.test('a size that is given as a multiple is tried at multiples alone, the large one too', async (t) => {
  const sliced = (length: (n: number) => number) => (x: tf.Tensor) => tf.slice(x, [0], [length(x.shape[0])]);
  const isOdd = (n: number): boolean => n % 2 === 1;
  const refusesOdd = (n: number): number => {
    if (isOdd(n)) throw new RangeError(`${n} is odd`);
    return n / 2;
  };
  const only = { n: 2 };
  const cases: readonly (readonly [(n: number) => number, string, object | undefined])[] = [
    [(n) => Math.floor(n / 2), 'floordiv(n, 2)', undefined],
    [(n) => Math.ceil(n / 2), 'floordiv(n, 2)', only],
    [(n) => (isOdd(n) ? n : n / 2), 'floordiv(n, 2)', only],
    [refusesOdd, 'floordiv(n, 2)', only],
    // A program of its own at the multiple itself, as one example in a micro-batch is.
    [(n) => (n === 2 ? 2 : n / 2), 'floordiv(n, 2)', only],
  ];
  for (const [length, size, multiples] of cases) {
    const graph = traceFunction(sliced(length), [{ shape: ['n'] }], { sizes: only });
    t.same(shapesOf(graph.outputs.map(({ value }) => value)), [[size]]);
    t.same(graph.multiples, multiples);
  }
  const others: readonly ((n: number) => number)[] = [
    (n) => Math.ceil(n / 4),
    (n) => (n % 3 === 0 ? 1 : 2),
    (n) => Math.min(n, 1000),
    (n) => (n > 1014 ? n - 2 : n),
  ];
  for (const length of others)
    t.throws(() => traceFunction(sliced(length), [{ shape: ['n'] }], { sizes: only }), {
      name: 'OpenSizeError',
      message: /read with n = 2, 4, 6, 1018\); .* such as sizes: \{ n: 2 \}/,
    });
});

t.test('sizes are numbers to compute with: what means and gradients of means divide by', async (t) => {
  await engine();
  const x = tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8], [4, 2]);
  const functions: readonly ((x: tf.Tensor) => tf.Tensor)[] = [
    (x) => tf.div(tf.sum(x), x.shape[0]),
    (x) => tf.mul(x, 1 / x.size),
    (x) => tf.fill([2], x.shape[0] + 1),
    (x) => valueAndGrad((each: tf.Tensor) => tf.sum(tf.moments(each, [0]).variance))(x).grads as tf.Tensor,
  ];
  for (const f of functions) {
    const graph = traceFunction(f, [{ shape: ['n', 2] }], { names: { inputs: ['x'] } });
    const [found] = interpret(graph, { x }, () => x, { n: 4 });
    t.ok(tf.max(tf.abs(tf.sub(found, f(x)))).dataSync()[0] < 1e-6);
  }
  const half = traceFunction(
    (x: tf.Tensor) => tf.slice(x, [0, 0], [Math.floor(x.shape[0] / 2), 2]),
    [{ shape: ['n', 2] }],
    { sizes: { n: 2 } },
  );
  t.same(shapesOf(half.outputs.map(({ value }) => value)), [['floordiv(n, 2)', '2']]);
});

t.test('several sizes are open at once: points of a video, of its sound, and how many clips', async (t) => {
  const model = presets.multimodal({
    numFrames: 2,
    patchGrid: 4,
    samplesPerFrame: 32,
    encoder: { numLatents: 4, numLatentChannels: 16, numSelfAttendsPerBlock: 1, numSelfAttendHeads: 4 },
  });
  const { outputs } = trace(model.network, model.openInputs, { names: model.names });
  t.same(Object.fromEntries(outputs.map(({ name, value }) => [name, shapesOf([value])[0]])), {
    'decoded.audio': ['batch', '16*audio_points'],
    'decoded.image': ['batch', 'image_points', '3'],
    'decoded.label': ['batch', '700'],
  });
});
