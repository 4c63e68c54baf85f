/** Mistakes of programmers: each is told with the layer's path, what was found and what was expected. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import {
  chain,
  engine,
  key,
  type Key,
  type Layer,
  lift,
  module,
  named,
  type Params,
  relu,
  residual,
  type Scope,
  silu,
  toTensor,
  transform,
  transformWithState,
} from '../../../lib/index.js';
import { bits, foldIn, normal, split, uniform } from '../../../lib/random/index.js';
import { layerNorm, linear, selfAttention } from '../../../modules/index.js';

await engine();

const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);

t.test('a tensor that was disposed of is named', async (t) => {
  const model = transform(named('net', linear(2)));
  const params = model.init(key(1), x);
  const gone = tf.ones([2, 3]);
  gone.dispose();
  t.throws(() => model.apply(params, {}, gone), {
    message: '~: an input is a tensor that was disposed of, expected a live one',
  });
  const w = tf.ones([3, 2]);
  w.dispose();
  const broken = { 'net/linear': { ...params['net/linear'], w } } as unknown as Params;
  t.throws(() => model.apply(broken, {}, x), {
    message: "net/linear: parameter 'w' is a tensor that was disposed of, expected a live one",
  });
});

t.test('a declared call that outlives its run is refused, with its path', async (t) => {
  let escaped: ((input: tf.Tensor) => tf.Tensor) | undefined;
  const layer = named('net', (s: Scope, input: tf.Tensor) => {
    escaped = s.declare(linear(2));
    return escaped(input);
  });
  const model = transform(layer);
  const params = model.init(key(1), x);
  const message =
    'net/linear: call is called after its init or apply has ended; declare modules anew in each run';
  t.throws(() => escaped?.(x), { message });
  model.apply(params, {}, x).dispose();
  t.throws(() => escaped?.(x), { message });
});

t.test('a layer that is called without a scope says so', async (t) => {
  const called = linear(2) as unknown as (input: unknown) => unknown;
  t.throws(() => called(x), {
    message:
      'linear: found a tensor [2, 3] in the place of the scope; call a layer as layer(scope, x), or transform(layer).apply(params, {}, x)',
  });
  t.throws(() => called(undefined), { message: /^linear: found undefined in the place of the scope/ });
  t.throws(() => transform((s: Scope) => s.declare(undefined as never)).apply({} as Params, {}), {
    message: '~: declare: found undefined, expected a layer',
  });
});

t.test('a draw by what is no key says how a layer gets one', async (t) => {
  const message =
    /^noisy: found no random key in the place of one, expected a key, .* in a layer s\.key\(\)\(\)/;
  for (const draw of [normal, uniform] as const) {
    const noisy = module(
      'noisy',
      (s) => (given: tf.Tensor) => tf.add(given, toTensor(draw(s.key() as never, [2, 3]))),
    );
    t.throws(() => transform(noisy).apply({} as Params, { key: key(0) }, x), { message });
    t.throws(() => transform(noisy).apply({} as Params, {}, x), { message });
  }
  for (const found of [() => key(0), 3, {}])
    for (const use of [split, (from: Key) => foldIn(from, 1), (from: Key) => bits(from, [2])])
      t.throws(() => use(found as never), { name: 'TypeError', message: /found no random key/ });
  const made = module(
    'made',
    (s) => (given: tf.Tensor) => tf.add(given, toTensor(normal(s.key()(), [2, 3]))),
  );
  t.same(transform(made).apply({} as Params, { key: key(0) }, x).shape, [2, 3]);
});

t.test('errors at the top level have a path, too', async (t) => {
  t.throws(() => transform(residual(linear(2))).init(key(1), x), {
    message: '~: residual: [2, 3] became [2, 2]',
  });
});

t.test('a misspelt option is told with the option that was meant', async (t) => {
  const model = transform(linear(2));
  const params = model.init(key(1), x);
  t.throws(() => model.apply(params, { istraining: true } as never, x), {
    message: "apply: found option 'istraining', which it does not have; did you mean 'isTraining'?",
  });
  t.throws(() => model.apply(params, { zzz: 1 } as never, x), {
    message: /^apply: found option 'zzz', which it does not have; expected key, isTraining, /,
  });
});

t.test('asynchronous layers are refused by the types and at run time, with their path', async (t) => {
  const later = async (s: Scope, input: tf.Tensor) => {
    const y = linear(2)(s, input);
    await Promise.resolve();
    return linear(2)(s, y);
  };
  // @ts-expect-error: an asynchronous function is no layer
  const plain = () => transform(later).init(key(1), x);
  t.throws(plain, { message: /^~: found a promise, expected an output: layers are synchronous/ });
  const asModule = module('later', (s: Scope) => (input: tf.Tensor) => later(s, input));
  // @ts-expect-error: no module either
  t.throws(() => transform(asModule).init(key(1), x), { message: /^later: found a promise/ });
  const asConstructor = module('built', async () => (input: tf.Tensor) => input);
  // @ts-expect-error: nor is its constructor
  t.throws(() => transform(asConstructor).init(key(1), x), { message: /^built: found a promise/ });
  const lifted = lift(async (input: tf.Tensor) => input);
  // @ts-expect-error: nor is it lifted
  t.throws(() => transform(chain(linear(3), lifted)).init(key(1), x), { message: /found a promise/ });
  const withState = () =>
    // @ts-expect-error: with state neither
    transformWithState(later).init(key(1), x);
  t.throws(withState, { message: /found a promise/ });
});

t.test('lift takes its types from the layers beside it', async (t) => {
  const layer = chain(linear(3), lift(relu), linear(2), lift(silu), lift(tf.tanh));
  const model = transform(layer);
  const y = model.apply(model.init(key(1), x), {}, x);
  t.same(y.shape, [2, 2]);
});

t.test('sizes, options and inputs that a layer cannot take are refused', async (t) => {
  t.throws(() => linear(NaN), { message: /outputChannels: found NaN, expected a whole number from 1/ });
  t.throws(() => linear(0), { message: /outputChannels: found 0, expected a whole number from 1/ });
  t.throws(() => linear(2, { withBais: false } as never), { message: /withBais.*did you mean 'withBias'\?/ });
  const ids = tf.tensor2d([1, 2, 3], [1, 3], 'int32');
  const refused = { message: /^net\/(linear|layer_norm): x is int32, expected float32/ };
  t.throws(() => transform(named('net', linear(2))).init(key(1), ids), refused);
  t.throws(() => transform(named('net', layerNorm())).init(key(1), ids), refused);
});

t.test('an empty batch gives an empty result', async (t) => {
  const layers = { linear: linear(8), norm: layerNorm(), block: selfAttention({ numHeads: 2 }) };
  for (const [name, layer] of Object.entries(layers)) {
    const model = transform(layer as Layer<[x: tf.Tensor], tf.Tensor>);
    const params = model.init(key(1), tf.ones([1, 4, 8]));
    const y = model.apply(params, {}, tf.zeros([0, 4, 8]));
    t.same(y.shape, [0, 4, 8], name);
    t.same(y.dataSync().length, 0, name);
  }
});
