/** Modules: what `build` may return, what a declared module is, and what the types know of it. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import {
  type Declared,
  engine,
  key,
  type Layer,
  module,
  outline,
  type Params,
  type Scope,
  transform,
  tree,
} from '../../../lib/index.js';
import { ones } from '../../../lib/language/initializers.js';
import { linear } from '../../../modules/linear.js';

await engine();

/** Scales by a parameter, and back. */
const scale = () =>
  module('scale', (s) => {
    const factor = () => s.param('factor', [], ones);
    return {
      call: (x: tf.Tensor): tf.Tensor => tf.mul(x, factor()),
      inverse: (x: tf.Tensor): tf.Tensor => tf.div(x, factor()),
      describe: (unit: string): string => `scales by a factor, in ${unit}`,
    };
  });

t.test('a module with one call is a layer', async (t) => {
  const layer: Layer<[x: tf.Tensor], tf.Tensor> = linear(2);
  t.same(
    transform(layer).apply(transform(layer).init(key(1), { shape: [1, 3] }), {}, tf.ones([1, 3])).shape,
    [1, 2],
  );
});

t.test('a declared module carries its other methods, typed', async (t) => {
  const program = (s: Scope, x: tf.Tensor) => {
    const declared = s.declare(scale());
    const text: string = declared.describe('metres');
    // @ts-expect-error a unit is text
    declared.describe(3);
    // @ts-expect-error there is no such method
    t.equal(declared.other, undefined);
    return { round: declared.inverse(declared(x)), text };
  };
  const model = transform(program);
  const params = { scale: { factor: tf.scalar(4) } } as unknown as Params;
  const { round, text } = model.apply(params, {}, tf.tensor1d([1, 2]));
  t.same([...round.dataSync()], [1, 2]);
  t.equal(text, 'scales by a factor, in metres');
});

t.test('calling a module with several methods calls its call', async (t) => {
  const params = { scale: { factor: tf.scalar(4) } } as unknown as Params;
  t.same(
    [
      ...transform(scale())
        .apply(params, {}, tf.tensor1d([1, 2]))
        .dataSync(),
    ],
    [4, 8],
  );
});

t.test('methods may be called as properties of functions are', async (t) => {
  const program = (s: Scope) => {
    const declared = s.declare(
      module('odd', () => ({ call: () => 1, length: () => 2, toString: () => '3' })),
    );
    return [declared(), declared.length(), declared.toString()];
  };
  t.same(transform(program).apply({} as Params, {}), [1, 2, '3']);
});

t.test('a constructor runs once for each declaration, not for each call', async (t) => {
  let built = 0;
  const counting = module('counting', () => {
    built++;
    return (x: tf.Tensor) => x;
  });
  const program = (s: Scope, x: tf.Tensor) => counting(s, counting(s, s.declare(counting)(x)));
  transform(program).apply({} as Params, {}, tf.ones([1]));
  t.equal(built, 1);
  transform(program).apply({} as Params, {}, tf.ones([1]));
  t.equal(built, 2, 'and again in each run');
});

t.test('what is done in one run is not seen in the next', async (t) => {
  const shared = linear(2);
  const model = transform((s: Scope, x: tf.Tensor) => shared(s, shared(s, x)));
  const first = tree.paths(model.init(key(1), { shape: [1, 2] }));
  t.same(tree.paths(model.init(key(1), { shape: [1, 2] })), first);
  t.same(first, ['linear/w', 'linear/b']);
});

t.test('an error in a method ends that method alone', async (t) => {
  const fragile = module('fragile', (s) => {
    const risky = s.method('risky', (x: tf.Tensor) => {
      linear(2)(s, x);
      throw new Error('as expected');
    });
    return (x: tf.Tensor) => {
      t.throws(() => risky(x), { message: 'fragile: as expected' });
      return linear(2)(s, x);
    };
  });
  t.same(tree.paths(transform(fragile).init(key(1), { shape: [1, 2] })), [
    'fragile/~risky/linear/w',
    'fragile/~risky/linear/b',
    'fragile/linear/w',
    'fragile/linear/b',
  ]);
});

t.test('a module of the documentation works as it is written', async (t) => {
  const gated = (channels: number) =>
    module('gated', (s) => {
      const value = s.declare(linear(channels));
      const gate = s.declare(linear(channels, { name: 'gate' }));
      return (x: tf.Tensor) => tf.mul(value(x), tf.sigmoid(gate(x)));
    });
  const declared: Declared<{ call: (x: tf.Tensor) => tf.Tensor }> = (x) => x;
  t.type(declared, 'function');
  t.same(tree.paths(transform(gated(3)).init(key(1), { shape: [1, 2] })), [
    'gated/~/linear/w',
    'gated/~/linear/b',
    'gated/~/gate/w',
    'gated/~/gate/b',
  ]);
});

t.test('an outline lists the kinds of all declared modules by their paths', async (t) => {
  const block = module(
    'block',
    (s) => {
      const shift = s.declare(module('shift', () => (x: tf.Tensor) => tf.add(x, 1)));
      return (x: tf.Tensor) => linear(2)(s, shift(x));
    },
    { kind: 'decoder' },
  );
  t.same(outline(block, [{ shape: [1, 3] }]).kinds, {
    block: 'decoder',
    'block/~/shift': 'other',
    'block/linear': 'linear',
  });
});
