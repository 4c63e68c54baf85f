/** Identity: a module value is one set of weights in a program, wherever it is used again. */
import * as tf from '@tensorflow/tfjs-core';
import t, { type Test } from 'tap';
import {
  chain,
  engine,
  key,
  type Layer,
  module,
  named,
  outline,
  type Params,
  remat,
  repeat,
  type Scope,
  stack,
  toHostSync,
  transform,
  tree,
  valueAndGrad,
} from '../../../lib/index.js';
import { ones } from '../../../lib/language/initializers.js';
import { byParts } from '../../../lib/language/combinators/byParts.js';
import { linear } from '../../../modules/index.js';

await engine();

type Flow = Layer<[x: tf.Tensor], tf.Tensor>;

const x = tf.tensor(
  Float32Array.from({ length: 2 * 4 * 8 }, (_, i) => Math.sin(i)),
  [2, 4, 8],
);

const modulesOf = (layer: Flow): readonly string[] => Object.keys(outline(layer, [x]).params);
const sizeOf = (layer: Flow): number => tree.count(outline(layer, [x]).params);

/** Output, gradients in the input and gradients in all parameters, as numbers. */
const computed = (layer: Flow, params: Params) => {
  const { apply } = transform(layer);
  const step = valueAndGrad(([p, z]: readonly [Params, tf.Tensor]) => {
    const output = apply(p, {}, z);
    return { loss: tf.sum(tf.square(output)), aux: output };
  });
  const { value, aux, grads } = step([params, x] as const);
  const numbers = (tensor: tf.Tensor) => [...toHostSync(tensor).data] as number[];
  const result = {
    output: numbers(aux),
    input: numbers(grads[1]),
    params: Object.fromEntries(tree.flatten(grads[0]).map(([path, grad]) => [path, numbers(grad)])),
  };
  tf.dispose([value, aux, grads as never]);
  return result;
};

const distance = (a: ReturnType<typeof computed>, b: ReturnType<typeof computed>): number => {
  const all = ({ output, input, params }: typeof a) => [output, input, ...Object.values(params)].flat();
  const [first, second] = [all(a), all(b)];
  return first.length === second.length
    ? Math.max(...first.map((value, i) => Math.abs(value - second[i]) / (1 + Math.abs(value))))
    : Infinity;
};

/** Two programs have the same parameters by seed, the same output and the same gradients; no tensor stays. */
const agree = (t: Test, found: Flow, wanted: Flow): void => {
  const params = transform(wanted).init(key(3), x);
  t.same(transform(found).init(key(3), x), params);
  const before = tf.memory().numTensors;
  const far = distance(computed(found, params), computed(wanted, params));
  t.ok(far < 1e-5, `outputs and gradients differ by ${far}`);
  t.equal(tf.memory().numTensors, before, 'nothing is left in memory');
};

const add = (...terms: readonly tf.Tensor[]): tf.Tensor => tf.addN([...terms]);

t.test('remat hands a value on', async (t) => {
  const l = linear(8);
  t.equal(sizeOf(chain(remat(l), remat(l))), 72);
  agree(t, chain(remat(l), remat(l)) as Flow, chain(l, l) as Flow);
  agree(t, chain(remat(remat(l)), l) as Flow, chain(l, l) as Flow);
});

t.test('blocks that are wrapped anew in each pass stay the same blocks', async (t) => {
  const blocks = [0, 1].map(() => module('block', (s) => (z: tf.Tensor) => tf.tanh(linear(8)(s, z))));
  const passes =
    (wrap: (layer: Flow) => Flow): Flow =>
    (s, input) =>
      [0, 1, 2].reduce((z) => blocks.reduce((flowing, block) => wrap(block)(s, flowing), z), input);
  t.equal(sizeOf(passes(remat)), 144);
  agree(
    t,
    passes(remat),
    passes((layer) => layer),
  );
});

t.test('a value has one path, wherever it is used again', async (t) => {
  const l = linear(8);
  t.same(modulesOf(chain(named('a', l), named('b', l))), ['a/linear']);
  const two = module('two', (s) => {
    const again = s.method('again', (z: tf.Tensor) => l(s, z));
    return (z: tf.Tensor) => again(l(s, z));
  });
  t.same(modulesOf(two as Flow), ['two/linear']);
  const uses = (name: string) => module(name, (s) => (z: tf.Tensor) => linear(8)(s, l(s, z)));
  t.same(modulesOf(chain(uses('first'), uses('second')) as Flow), [
    'first/linear',
    'first/linear_1',
    'second/linear',
  ]);
  const twice = named('twice', l);
  t.same(modulesOf(chain(twice, twice)), ['twice/linear'], 'named has an identity');
  const plain: Flow = (s, z) => linear(8)(s, z);
  t.same(modulesOf(chain(plain, plain)), ['linear', 'linear_1'], 'a plain function has none');
});

/** A new value beside one that was made before. */
const beside =
  (l: Flow): Flow =>
  (s, z) =>
    linear(8)(s, tf.tanh(l(s, z)));

t.test('new values beside a known one keep their names when a part runs again', async (t) => {
  for (const inside of [true, false]) {
    const program = (wrap: (layer: Flow) => Flow): Flow => {
      const l = linear(8);
      const part = wrap(beside(l));
      return inside ? part : (s, z) => part(s, l(s, z));
    };
    t.same(modulesOf(program(remat)), ['linear', 'linear_1']);
    agree(
      t,
      program(remat),
      program((layer) => layer),
    );
    agree(
      t,
      program((layer) => remat(remat(layer))),
      program((layer) => layer),
    );
  }
  // Gradients by hand, so that both programs of a pair cannot be wrong together.
  const l = linear(8);
  const params = transform(beside(l)).init(key(3), x);
  const found = computed(remat(beside(l)), params).params;
  const byHand = valueAndGrad(([first, second]: readonly tf.Tensor[]) => {
    const rows = tf.reshape(x, [8, 8]);
    return tf.sum(
      tf.square(tf.matMul(tf.tanh(tf.matMul(rows, first as tf.Tensor2D)), second as tf.Tensor2D)),
    );
  })([params.linear.w, params.linear_1.w].map((w) => tf.tensor(w.data as Float32Array, [8, 8])));
  ['linear/w', 'linear_1/w'].forEach((path, i) => {
    const wanted = byHand.grads[i].dataSync();
    t.ok(
      found[path].every((value, j) => Math.abs(value - wanted[j]) < 1e-4),
      path,
    );
  });
});

t.test('repeat, parts of rows and modules called twice keep names, too', async (t) => {
  const l = linear(8);
  t.same(modulesOf(repeat(3, beside(l))), ['linear', 'linear_1']);
  agree(t, repeat(2, remat(beside(l))), repeat(2, beside(l)));
  const called = module('called', (s) => (z: tf.Tensor) => beside(l)(s, z));
  const calledTwice: Flow = (s, z) => {
    const declared = s.declare(called);
    return declared(declared(z));
  };
  t.same(modulesOf(calledTwice), ['called/linear', 'called/linear_1']);
  agree(t, remat(calledTwice), calledTwice);
  const long = tf.ones([1, 3, 2 ** 21]);
  const rows: Flow = (s, z) =>
    byParts(s, z, (part) => tf.mul(part, add(gain('a')(s), hoisted(s), gain('b')(s))));
  const gain = (name: string) =>
    module(name, (s: Scope) => () => s.param('g', [], ones)) as Layer<[], tf.Tensor>;
  const hoisted = gain('a');
  const model = transform(rows);
  const params = model.init(key(0), long);
  t.same(Object.keys(params), ['a', 'a_1', 'b']);
  const y = model.apply(params, {}, long);
  t.equal(tf.max(y).dataSync()[0], 3);
  tf.dispose([y, long]);
});

t.test('tensors of a constructor live as long as the program', async (t) => {
  const normed = module('normed', (s) => {
    const w = s.param('w', [8, 8], ones);
    const scaled = tf.div(w, 8);
    return (z: tf.Tensor) => tf.reshape(tf.matMul(tf.reshape(z, [8, 8]), scaled as tf.Tensor2D), [2, 4, 8]);
  });
  const user = module('user', (s) => (z: tf.Tensor) => normed(s, z));
  const program: Flow = (s, z) => {
    const declared = s.declare(user);
    return tf.tanh(declared(declared(z)));
  };
  t.same(modulesOf(program), ['user/normed']);
  agree(t, remat(program), program);
  const outside: Flow = (s, z) => {
    const declared = s.declare(normed);
    return remat((_s: Scope, input: tf.Tensor) => tf.tanh(declared(input)))(s, z);
  };
  const plain: Flow = (s, z) => tf.tanh(s.declare(normed)(z));
  agree(t, outside, plain);
});

t.test('gradients of a part that runs again reach the tensors that it closes over', async (t) => {
  const program =
    (wrap: (layer: Flow) => Flow): Flow =>
    (s, z) => {
      const scale = tf.sigmoid(linear(8)(s, z));
      const inner = tf.mul(scale, 3);
      return wrap((scope, input) => wrap((_s, y) => tf.mul(tf.tanh(y), inner))(scope, tf.mul(input, scale)))(
        s,
        z,
      );
    };
  agree(
    t,
    program(remat),
    program((layer) => layer),
  );
});

t.test('a module that declares itself in its constructor is refused', async (t) => {
  const ring: Flow = module('ring', (s) => {
    const inner = s.declare(ring);
    return (z: tf.Tensor) => inner(z);
  });
  t.throws(() => outline(ring, [x]), {
    message: "ring: module 'ring' declares itself in its own constructor, which would never end",
  });
});

t.test('two values that would share a path in a later call are refused', async (t) => {
  const l = linear(8);
  const fresh = module('linear', (s) => (z: tf.Tensor) => tf.mul(z, s.param('g', [], ones)));
  let calls = 0;
  const swapped = module('swapped', (s) => (z: tf.Tensor) => (calls++ === 0 ? l(s, z) : l(s, fresh(s, z))));
  const program: Flow = (s, z) => {
    const declared = s.declare(swapped);
    return declared(declared(z));
  };
  t.throws(() => outline(program, [x]), {
    message: /^swapped: two modules would share the path 'swapped\/linear'/,
  });
});

t.test('stacks of one value share it, stacks of new ones do not', async (t) => {
  const l = linear(8);
  t.same(modulesOf(stack(3, () => l) as Flow), ['linear']);
  t.same(modulesOf(stack(3, () => linear(8)) as Flow), ['linear', 'linear_1', 'linear_2']);
});

t.test('a parameter that is missing because another path was first says so', async (t) => {
  const l = linear(8);
  const flow =
    (order: readonly string[]): Flow =>
    (s, z) =>
      order.reduce((flowing, name) => named(name, l)(s, flowing), z);
  const params = transform(flow(['a', 'b'])).init(key(1), x);
  t.throws(() => transform(flow(['b', 'a'])).apply(params, {}, x), {
    message:
      /^b\/linear: parameter 'w' \[8, 8\] is missing: no 'b\/linear\/w'; there is 'a\/linear\/w' of this shape.*declare it before/,
  });
});
