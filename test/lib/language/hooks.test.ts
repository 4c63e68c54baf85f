/** Hooks of apply and of state: who sees which calls, in which order, and what keeps its fast way of computing. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import {
  engine,
  type Interceptor,
  key,
  type Layer,
  module,
  type Params,
  remat,
  type Scope,
  toTensor,
  transform,
  transformWithState,
  valueAndGrad,
} from '../../../lib/index.js';
import { ones } from '../../../lib/language/initializers.js';
import { byParts } from '../../../lib/language/combinators/byParts.js';
import { normal } from '../../../lib/random/index.js';
import { linear } from '../../../modules/index.js';

await engine();

type Flow = Layer<[x: tf.Tensor], tf.Tensor>;

const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);

/** A module whose call goes through a method beside it. */
const coder = module('coder', (s) => {
  const encode = s.method('encode', (z: tf.Tensor) => linear(3)(s, z));
  return { call: (z: tf.Tensor) => encode(encode(z)), encode };
});

t.test('observers and interceptors see the calls between methods of a module, once each', async (t) => {
  const model = transform((s: Scope, z: tf.Tensor) => {
    const declared = s.declare(coder);
    return declared.encode(declared(z));
  });
  const params = model.init(key(1), x);
  t.same(Object.keys(params), ['coder/~encode/linear']);
  const [observed, intercepted]: string[][] = [[], []];
  const intercept: Interceptor = {
    of: ['coder'],
    around: ({ method, inputs }, next) => {
      intercepted.push(method);
      return next(...inputs);
    },
  };
  const observe = ({ path, method }: { readonly path: string; readonly method: string }) =>
    void (path === 'coder' && observed.push(method));
  const y = model.apply(params, { observe, intercept }, x);
  t.same(intercepted, ['call', 'encode', 'encode', 'encode'], 'in the order in which calls begin');
  t.same(observed, ['encode', 'encode', 'call', 'encode'], 'in the order in which calls end');
  t.same(y.dataSync(), model.apply(params, {}, x).dataSync());
});

t.test('the first interceptor is the outermost, and may leave the module out', async (t) => {
  const model = transform(linear(3) as Flow);
  const params = model.init(key(1), x);
  const named = (f: Interceptor['around']): Interceptor => ({ of: /linear/, around: f });
  const doubled = named((_call, next) => tf.mul(next(x) as tf.Tensor, 2));
  const shifted = named((_call, next) => tf.add(next(x) as tf.Tensor, 1));
  const plain = model.apply(params, {}, x);
  const far = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];
  t.ok(far(model.apply(params, { intercept: [doubled, shifted] }, x), tf.mul(tf.add(plain, 1), 2)) < 1e-6);
  t.ok(far(model.apply(params, { intercept: [shifted, doubled] }, x), tf.add(tf.mul(plain, 2), 1)) < 1e-6);
  const instead = named(({ inputs: [z] }) => tf.square(z as tf.Tensor));
  t.ok(
    far(model.apply({} as Params, { intercept: instead }, x), tf.square(x)) === 0,
    'no parameter is asked for',
  );
  t.throws(() => model.apply(params, { intercept: named(async () => x) }, x), {
    message: /^linear: found a promise/,
  });
});

t.test('interceptors run again with a part, observers and watchers do not', async (t) => {
  const model = transform(remat(linear(3) as Flow));
  const params = model.init(key(1), x);
  const counts = { around: 0, param: 0, observe: 0, watch: 0 };
  const options = {
    intercept: {
      of: ['linear'],
      around: ({ inputs }: { readonly inputs: readonly unknown[] }, next: (...z: unknown[]) => unknown) => (
        counts.around++,
        next(...inputs)
      ),
    },
    param: (value: tf.Tensor) => (counts.param++, value),
    observe: () => void counts.observe++,
  };
  valueAndGrad((p: Params) => tf.sum(model.apply(p, options, x)))(params);
  t.same(counts, { around: 2, param: 4, observe: 1, watch: 0 });
});

t.test('modules that no interceptor names go on part by part', async (t) => {
  const long = tf.ones([1, 3, 2 ** 21]);
  const parts: number[] = [];
  const rows = module('rows', (s) => (z: tf.Tensor) => {
    byParts(s, z, (some) => (parts.push(some.shape[1] as number), some));
    return z;
  });
  const partsWith = (of: Interceptor['of']) => {
    parts.length = 0;
    const intercept: Interceptor = { of, around: ({ inputs }, next) => next(...inputs) };
    transform(rows as Flow)
      .apply({} as Params, { intercept }, long)
      .dispose();
    return [...parts];
  };
  t.same(partsWith(['rows']), [3]);
  t.same(partsWith(['rows/inside']), [3], 'a module inside of it');
  t.same(partsWith(/elsewhere/), [3], 'an expression may name anything');
  t.same(partsWith(['elsewhere']), [2, 1]);
  parts.length = 0;
  transform(rows as Flow)
    .apply({} as Params, { isTraining: () => false }, long)
    .dispose();
  t.same(parts, [3], 'a module inside may train');
  long.dispose();
});

t.test('a first state is made from the next key of the program, once', async (t) => {
  let made = 0;
  const layer = (s: Scope): tf.Tensor => {
    const w = s.param('w', [2], ones);
    const drawn = s.state('u', (next) => {
      made++;
      t.same(next().words, next().words, 'the key is drawn once');
      return toTensor(normal(next(), [2]));
    });
    const again = s.state('u', () => tf.fill([2], NaN));
    const plain = s.state('zeros', () => tf.zeros([2]));
    return tf.addN([w, drawn, again, plain, toTensor(normal(s.key()(), [2]))]);
  };
  const model = transformWithState(layer);
  const before = tf.memory().numTensors;
  const { params, state } = model.init(key(5));
  t.equal(tf.memory().numTensors, before);
  const [first] = [...(state['~'].u.data as Float32Array)];
  // The keys of Haiku's sequence, in the order in which they are drawn: the state's, then the layer's.
  const sequence = transformWithState((s: Scope) => {
    const keys = [s.key(), s.key()];
    return keys.map((next) => toTensor(normal(next(), [2])));
  });
  const [u, own] = sequence.apply({} as Params, {}, { key: key(5) }).output.map((each) => each.dataSync());
  t.equal(first, u[0]);
  made = 0;
  const { output } = model.apply(params, state, { key: key(6) });
  t.equal(made, 0, 'a state that exists is read');
  const fresh = model.apply(params, {}, { key: key(5) });
  t.equal(made, 1);
  const wanted = 1 + 2 * u[0] + own[0];
  t.ok(Math.abs(fresh.output.dataSync()[0] - wanted) < 1e-5);
  t.not(output.dataSync()[0], fresh.output.dataSync()[0]);
});
