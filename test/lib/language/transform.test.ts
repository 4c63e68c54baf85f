/**
 * Transforms: parameters by seed, random keys and state as dm-haiku has them (haiku.json holds its programs and its
 * numbers), purity, and what several applies share.
 */
import t, { type Test } from 'tap';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray } from '../../../lib/data/array.js';
import {
  chain,
  engine,
  key,
  type Layer,
  type Leaf,
  MissingKeyError,
  type Mode,
  module,
  named,
  type Params,
  place,
  type Scope,
  toTensor,
  transform,
  transformMany,
  transformWithState,
  tree,
} from '../../../lib/index.js';
import { ones, randomNormal, randomUniform, truncatedNormal } from '../../../lib/language/initializers.js';
import { batchNorm } from '../../../modules/batchNorm.js';
import { dropout, dropoutLayer } from '../../../modules/dropout.js';
import { linear } from '../../../modules/linear.js';

await engine();

type Numbers = number | readonly Numbers[];
interface Comparison {
  readonly order: readonly string[];
  readonly params: tree.Tree<Numbers>;
  readonly output: Numbers;
}
const haiku = JSON.parse(readFileSync('test/lib/language/haiku.json', 'utf8')) as {
  readonly partitionable: Comparison;
  readonly legacy: Comparison;
  readonly state: {
    readonly params: tree.Tree<Numbers>;
    readonly initial: tree.Tree<Numbers>;
    readonly first: tree.Tree<Numbers>;
    readonly second: tree.Tree<Numbers>;
    readonly outputs: readonly Numbers[];
  };
};

const flat = (numbers: Numbers): number[] =>
  typeof numbers === 'number' ? [numbers] : numbers.flatMap(flat);
const valuesOf = (leaf: Leaf): number[] =>
  leaf instanceof tf.Tensor ? [...leaf.dataSync()] : Array.from(leaf.data as Float32Array);

const near = (t: Test, found: readonly number[], expected: Numbers, name: string, tolerance = 1e-6) => {
  const wanted = flat(expected);
  const worst = Math.max(...wanted.map((n, i) => Math.abs(n - found[i]) / (1 + Math.abs(n))));
  t.ok(found.length === wanted.length && worst <= tolerance, `${name}: off by ${worst}`);
};
const treeNear = (t: Test, found: tree.Tree<Leaf>, expected: tree.Tree<Numbers>) => {
  t.same(new Set(tree.paths(found)), new Set(tree.paths(expected)));
  tree.mapWithPath(expected, (path, numbers) =>
    near(t, valuesOf(tree.at(found, path) as Leaf), numbers, path),
  );
};

const x = tf.tensor2d([-1, -0.6, -0.2, 0.2, 0.6, 1], [2, 3]);

/** haiku.json, `drops`. */
const drops = (s: Scope, input: tf.Tensor): tf.Tensor => {
  const second = s.declare(
    linear(2, {
      wInit: randomNormal({ stddev: 0.5 }),
      bInit: randomUniform({ min: -1, max: 1 }),
      name: 'second',
    }),
  );
  const hidden = linear(4)(s, input);
  const half = dropout(s.key(), s.isTraining ? 0.5 : 0, hidden);
  const g = s.param('g', [4], truncatedNormal({ stddev: 0.1 }));
  const kept = dropout(s.key(), s.isTraining ? 0.25 : 0, tf.add(tf.tanh(half), g));
  return tf.add(second(kept), linear(2, { withBias: false })(s, kept));
};

for (const mode of ['partitionable', 'legacy'] satisfies Mode[]) {
  t.test(`parameters and dropped elements by seed are Haiku's, ${mode}`, async (t) => {
    const { order, params: expected, output } = haiku[mode];
    const model = transform(drops);
    const params = model.init(key(42, mode), x);
    t.same(tree.paths(params), order, 'in the order in which they are asked for');
    treeNear(t, params, expected);
    const y = model.apply(params, { key: key(7, mode), isTraining: true }, x);
    near(t, valuesOf(y), output, 'output');
  });
}

t.test('shapes are enough to initialise', async (t) => {
  const model = transform(drops);
  t.same(model.init(key(42), { shape: [2, 3] }), model.init(key(42), x));
});

/** haiku.json, `counts`. */
const counts = (s: Scope, input: tf.Tensor): tf.Tensor => {
  const n = s.state('n', { shape: [], value: 0, dtype: 'int32' });
  s.setState('n', tf.add(n, 1));
  s.setState('seen', tf.mul(tf.mean(input, 0), tf.add(n, 1)));
  s.setState('n', tf.add(s.state('n'), 10));
  return tf.mul(linear(2)(s, input), s.state('n'));
};

t.test("state begins and goes on as Haiku's does", async (t) => {
  const { params: expected, initial, first, second, outputs } = haiku.state;
  const model = transformWithState(counts);
  const { params, state } = model.init(key(3), x);
  treeNear(t, params, expected);
  treeNear(t, state, initial);
  const once = model.apply(params, state, {}, x);
  near(t, valuesOf(once.output), outputs[0], 'first output');
  treeNear(t, once.state, first);
  const twice = model.apply(params, once.state, {}, tf.mul(x, 2));
  near(t, valuesOf(twice.output), outputs[1], 'second output');
  treeNear(t, twice.state, second);
  treeNear(t, once.state, first);
});

t.test('reading a state that does not exist yet is an error with its path', async (t) => {
  const reads = named('reads', (s: Scope) => s.state('average'));
  const { init, apply } = transformWithState(reads);
  t.throws(() => init(key(1)), { message: "reads: state 'average' is read before it exists" });
  t.throws(() => apply({} as Params, {}, {}), {
    message: "reads: state 'average' is read before it exists: no 'reads/average'",
  });
});

t.test('a first batch sets the state, so that shapes are not enough', async (t) => {
  const { init } = transformWithState(batchNorm({ decayRate: 0.9 }));
  t.throws(() => init(key(1), { shape: [2, 3] }), {
    message:
      "the state of 'batch_norm/~/mean_ema', 'batch_norm/~/var_ema' begins with a first batch: give arrays, not shapes such " +
      'as [2, 3]',
  });
  const { state } = init(key(1), tf.tensor2d([1, 2, 3, 3, 4, 5], [2, 3]));
  t.same(valuesOf(state['batch_norm/~/mean_ema'].average), [2, 3, 4]);
  t.same(init(key(1), float32([2, 3], [1, 2, 3, 3, 4, 5])).state, state, 'of an array on the host, too');
  t.same(valuesOf(state['batch_norm/~/mean_ema'].hidden), [0, 0, 0]);
});

t.test('a layer with state asks for the transform that carries it', async (t) => {
  const message = '~: has state; use transformWithState';
  t.throws(() => transform(counts).init(key(1), x), { message });
  const before = tf.memory().numTensors;
  t.throws(() => transform(counts).apply(transformWithState(counts).init(key(3), x).params, {}, x), {
    message,
  });
  t.equal(tf.memory().numTensors, before, 'and nothing is left behind');
});

t.test('a key is needed only where a random number is', async (t) => {
  const layer = (rate: number) => named('outer', named('inner', chain(linear(3), dropoutLayer(rate))));
  const params = transform(layer(0)).init(key(1), x);
  const run = (rate: number, isTraining: boolean, seed?: number) => () =>
    transform(layer(rate)).apply(params, { isTraining, key: seed === undefined ? undefined : key(seed) }, x);
  t.doesNotThrow(run(0, true));
  t.doesNotThrow(run(0.5, false));
  t.doesNotThrow(run(0.5, true, 1));
  t.throws(run(0.5, true), {
    name: 'MissingKeyError',
    message: 'outer/inner: a random number was needed, but init or apply got no key',
  });
  t.throws(run(0.5, true), MissingKeyError);
});

t.test('the same arguments give the same result, other keys another', async (t) => {
  const model = transform(chain(linear(3), dropoutLayer(0.5)));
  const params = model.init(key(1), x);
  const run = (seed: number) => valuesOf(model.apply(params, { isTraining: true, key: key(seed) }, x));
  t.same(run(1), run(1));
  t.notSame(run(1), run(2));
  t.same(model.init(key(5), x), model.init(key(5), x));
});

const net = chain(named('a', linear(4)), named('b', chain(linear(4), dropoutLayer(0.5))), linear(2));

t.test('arguments are left as they were, and nothing but the result stays', async (t) => {
  const model = transform(net);
  const start = tf.memory().numTensors;
  const params = model.init(key(1), x);
  t.equal(tf.memory().numTensors, start, 'init makes no tensors');
  const copy = tree.map(params, ({ data }) => [...data]);
  const deepFrozen = Object.freeze(
    Object.fromEntries(Object.entries(params).map(([k, v]) => [k, Object.freeze(v)])),
  );
  const y = model.apply(deepFrozen as typeof params, { isTraining: true, key: key(2) }, x);
  t.equal(tf.memory().numTensors, start + 1);
  t.same(
    tree.map(params, ({ data }) => [...data]),
    copy,
  );
  t.same(y.shape, [2, 2]);
  y.dispose();
  t.same([...x.dataSync()].length, 6, 'the input is still there');
});

t.test('state that goes in stays, state that comes out is new', async (t) => {
  const { init, apply } = transformWithState(counts);
  const { params, state } = init(key(3), x);
  const placed = tree.map(state, toTensor);
  const start = tf.memory().numTensors;
  const { output, state: next } = apply(params, placed, {}, x);
  t.equal(tf.memory().numTensors, start + 1 + 2, 'the output and two entries');
  tf.dispose(output);
  tree.map(next, (leaf) => tf.dispose(leaf as tf.Tensor));
  t.equal(tf.memory().numTensors, start);
  t.same(valuesOf(placed['~'].n), [0]);
});

t.test('an output that is an input or a parameter is a tensor of its own', async (t) => {
  const gives = (s: Scope, input: tf.Tensor) => ({ same: input, list: [s.param('g', [2], ones)], n: 3 });
  const params = { '~': { g: toTensor(float32([2], [1, 2])) } } as unknown as Params;
  const { same, list, n } = transform(gives).apply(params, {}, x);
  t.equal(n, 3);
  tf.dispose([same, ...list]);
  t.equal(valuesOf(x).length, 6);
  t.same(valuesOf(params['~'].g), [1, 2]);
});

t.test('an error in a layer leaves nothing behind', async (t) => {
  const failing = chain(net, (s: Scope, input: tf.Tensor): tf.Tensor => {
    s.setState('n', tf.add(input, 1));
    throw new Error('on purpose');
  });
  const params = transform(net).init(key(1), x);
  const start = tf.memory().numTensors;
  t.throws(() => transformWithState(failing).apply(params, {}, {}, x), { message: 'on purpose' });
  t.throws(() => transformWithState(failing).init(key(1), x), { message: 'on purpose' });
  t.throws(() => transform(linear(2)).apply({} as Params, {}, x), { message: /is missing/ });
  t.equal(tf.memory().numTensors, start);
});

t.test(
  'host arrays and placed tensors give the same, and placed ones go when their owner does',
  async (t) => {
    const model = transform(net);
    const params = model.init(key(1), x);
    const y = valuesOf(model.apply(params, {}, x));
    const start = tf.memory().numTensors;
    {
      using weights = place(params);
      t.equal(tf.memory().numTensors, start + tree.flatten(params).length);
      const run = () => tf.tidy(() => valuesOf(model.apply(weights, {}, x)));
      t.same(run(), y);
      t.same(run(), y);

      using again = place(weights);
      t.equal(again.linear.w, weights.linear.w, 'a placed leaf stays where it is');
    }
    t.equal(tf.memory().numTensors, start);
  },
);

t.test('half floats are widened on use', async (t) => {
  const half = (shape: number[], values: number[]): HostArray =>
    ({ shape, dtype: 'float16', data: Uint16Array.from(values) }) as HostArray;
  const params = { linear: { w: half([3, 1], [0x3c00, 0x4000, 0xc200]), b: half([1], [0x3800]) } };
  const y = transform(linear(1)).apply(params as unknown as Params, {}, tf.ones([1, 3]));
  t.same(valuesOf(y), [1 + 2 - 3 + 0.5]);
});

t.test('errors begin with the path of the innermost module, once', async (t) => {
  const layer = named('a', named('b', linear(2)));
  const { apply } = transform(layer);
  t.throws(() => apply({} as Params, {}, x), {
    message: "a/b/linear: parameter 'w' [3, 2] is missing: no 'a/b/linear/w'",
  });
  const params = transform(layer).init(key(1), tf.ones([1, 4]));
  t.throws(() => apply(params, {}, x), {
    name: 'ShapeError',
    message: "a/b/linear: parameter 'w' has shape [4, 2], expected [3, 2]",
  });
  const thrown = new Error('mine');
  const throwing = named(
    'c',
    named('d', (): tf.Tensor => {
      throw thrown;
    }),
  );
  t.throws(() => transform(throwing).apply({} as Params, {}), { message: 'c/d: mine' });
  const built = module('e', (s) =>
    s.declare(
      module('f', (): (() => tf.Tensor) => {
        throw new Error('in the constructor');
      }),
    ),
  );
  t.throws(() => transform(built).apply({} as Params, {}), { message: 'e/~/f: in the constructor' });
});

t.test('one parameter asked for twice is one, of one shape', async (t) => {
  const twice = (shape: number[]) => (s: Scope) => tf.add(s.param('g', [2], ones), s.param('g', shape, ones));
  const params = transform(twice([2])).init(key(1));
  t.same(tree.paths(params), ['~/g']);
  t.same(valuesOf(transform(twice([2])).apply(params, {})), [2, 2]);
  t.throws(() => transform(twice([1])).init(key(1)), { message: /'g' has shape \[2\], expected \[1\]/ });
});

t.test('several applies share one tree: encode once, decode many times', async (t) => {
  const encode = named('encoder', linear(4));
  const decode = (): Layer<[z: tf.Tensor, query: tf.Tensor], tf.Tensor> =>
    module(
      'decoder',
      (s) => (z: tf.Tensor, query: tf.Tensor) => tf.add(linear(2)(s, z), linear(2)(s, query)),
    );
  const { init, apply } = transformMany(
    (s) => ({ encoder: s.declare(encode), decoder: s.declare(decode()) }),
    {
      init:
        ({ encoder, decoder }) =>
        (input: tf.Tensor, query: tf.Tensor) =>
          decoder(encoder(input), query),
      encode: ({ encoder }) => encoder,
      decode: ({ decoder }) => decoder,
    },
  );
  const query = tf.ones([2, 5]);
  const params = init(key(9), x, query);
  const whole = transform((s: Scope, input: tf.Tensor, q: tf.Tensor) => {
    const encoder = s.declare(encode);
    return decode()(s, encoder(input), q);
  });
  t.same(whole.init(key(9), x, query), params, 'the tree is that of the whole program');
  const z = apply.encode(params, {}, x);
  for (const q of [query, tf.zeros([2, 5])]) {
    t.same(valuesOf(apply.decode(params, {}, z, q)), valuesOf(whole.apply(params, {}, x, q)));
    t.same(valuesOf(apply.init(params, {}, x, q)), valuesOf(whole.apply(params, {}, x, q)));
  }
});

t.test('an observer sees every module go by, innermost first', async (t) => {
  const inner = module(
    'inner',
    () => ({ call: (input: tf.Tensor) => tf.neg(input), twice: (input: tf.Tensor) => tf.mul(input, 2) }),
    { config: { channels: 3 } },
  );
  const observed = named('outer', (s: Scope, input: tf.Tensor) => {
    const declared = s.declare(inner);
    return declared.twice(declared(input));
  });
  const seen: unknown[] = [];
  const { apply } = transform(observed);
  const start = tf.memory().numTensors;
  const y = apply(
    {} as Params,
    {
      observe: ({ path, method, config, inputs, output }) => {
        const [input] = inputs as [tf.Tensor];
        seen.push([path, method, config, input.dataSync()[0], (output as tf.Tensor).dataSync()[0]]);
      },
    },
    tf.tensor1d([3]),
  );
  t.same(seen, [
    ['outer/inner', 'call', { channels: 3 }, 3, -3],
    ['outer/inner', 'twice', { channels: 3 }, -3, -6],
    ['outer', 'call', {}, 3, -6],
  ]);
  t.same(valuesOf(y), [-6]);
  t.equal(tf.memory().numTensors, start + 2, 'the input made here and the output');
});

t.test('init runs in training mode unless told otherwise, with the keys that it draws there', async (t) => {
  const noisy = (s: Scope, input: tf.Tensor) => {
    if (s.isTraining) s.key();
    return linear(2)(s, input);
  };
  const x = tf.ones([1, 3]);
  const [training, evaluation] = [{}, { isTraining: false }].map((how) =>
    transform(noisy, how).init(key(0), x),
  );
  const plain = transform(linear(2)).init(key(0), x);
  t.same(evaluation, plain, 'no key is drawn before');
  t.notSame(training, plain);
});

t.test('init of a layer with state ends when its state is complete', async (t) => {
  await engine({ backend: 'cpu' });
  let isReached = 0;
  const layer = (s: Scope, x: tf.Tensor): tf.Tensor => {
    const sum = s.state('sum', { shape: [], value: 0 });
    s.setState('sum', tf.add(sum, tf.sum(x)));
    isReached++;
    return tf.mul(x, sum);
  };
  const { init } = transformWithState(layer);
  const { state } = init(key(0), tf.ones([2, 3]));
  t.same(state['~'].sum.data, new Float32Array([0]));
  t.equal(isReached, 1, 'the outline alone reads the rest of the layer');
});

t.test('an initializer that is none is refused with the parameter', async (t) => {
  const model = transform(linear(2, { wInit: (() => tf.ones([3, 2])) as never }));
  t.throws(
    () => model.init(key(0), tf.ones([1, 3])),
    /linear: the initializer of parameter 'w' is a function, expected one of renga\/initializers, such as zeros/,
  );
});
