import t from 'tap';
import { readFileSync } from 'node:fs';
import * as fc from '../../property.js';
import * as tf from '@tensorflow/tfjs-core';
import {
  chain,
  engine,
  fanOut,
  identity,
  key,
  type Layer,
  lift,
  mapInputs,
  mapOutput,
  named,
  outline,
  parallel,
  repeat,
  residual,
  type Scope,
  stack,
  transform,
  tree,
  whenTraining,
} from '../../../lib/index.js';
import { type Mask } from '../../../modules/attend.js';
import { selfAttend } from '../../../modules/attention.js';
import { dropoutLayer } from '../../../modules/dropout.js';
import { layerNorm } from '../../../modules/layerNorm.js';
import { linear } from '../../../modules/linear.js';
import { mlp } from '../../../modules/mlp.js';

await engine();

type Flow = Layer<[x: tf.Tensor], tf.Tensor>;

const width = 4;
const x = tf.tensor2d([0.5, -1, 2, 0.25, 1, 1.5, -0.5, 3], [2, width]);
const random = key(7);

/** Layers that declare, share, draw keys or do none of it. */
const leafLayer: fc.Arbitrary<Flow> = fc.oneof(
  fc.constant(0).map(() => linear(width)),
  fc.constantFrom('gate', 'gate_1').map((name) => linear(width, { name })),
  fc.constant(0).map((): Flow => (s, input) => linear(width)(s, input)),
  fc.constant(0).map(() => dropoutLayer(0.5)),
  fc.constant(0).map(() => named('inner', chain(linear(width), dropoutLayer(0.25)))),
  fc.constant<Flow>(identity),
);
const layer: fc.Arbitrary<Flow> = fc.oneof(
  leafLayer,
  fc.tuple(leafLayer, leafLayer).map(([f, g]): Flow => chain(f, g)),
  fc.tuple(fc.nat(3), leafLayer).map(([n, f]) => repeat(n, f)),
  leafLayer.map((f): Flow => residual(f)),
);

interface Reading {
  readonly shapes: unknown;
  readonly draws: number;
  readonly params: unknown;
  readonly output: readonly number[];
}

/** All that a layer is: its names and keys in order, its parameters by seed, its output in training. */
const read = (f: Flow): Reading | string => {
  try {
    const model = transform(f);
    const { params: specs, draws } = outline(f, [x]);
    const params = model.init(random, x);
    const output = tf.tidy(() => [...model.apply(params, { isTraining: true, key: random }, x).dataSync()]);
    return { shapes: tree.flatten(specs).map(([path, { shape }]) => [path, shape]), draws, params, output };
  } catch (error) {
    const { message } = error as Error;
    if (!message.endsWith('is taken')) throw error;
    return message; // two layers of one numbered name
  }
};

t.test('chains are associative, in outputs, names and random keys', async (t) => {
  fc.assert(
    fc.property(layer, layer, layer, (f, g, h) => {
      const flat = read(chain(f, g, h));
      t.same(read(chain(chain(f, g), h)), flat);
      t.same(read(chain(f, chain(g, h))), flat);
    }),
    { numRuns: 40 },
  );
});

t.test('identity before or after a layer changes nothing, and is the empty chain', async (t) => {
  fc.assert(
    fc.property(layer, (f) => {
      t.same(read(chain(identity, f)), read(f));
      t.same(read(chain(f, identity)), read(f));
      t.same(read(chain(f, chain())), read(f));
    }),
    { numRuns: 40 },
  );
});

t.test('one pass of a layer is the layer', async (t) => {
  fc.assert(
    fc.property(layer, (f) => t.same(read(repeat(1, f)), read(f))),
    { numRuns: 40 },
  );
});

t.test('repeating shares whatever it is given: the tree is that of one pass', async (t) => {
  const shapes = (f: Flow) => (read(f) as Reading).shapes;
  fc.assert(
    fc.property(layer, fc.integer({ min: 1, max: 4 }), (f, n) => {
      const once = read(f);
      const often = read(repeat(n, f));
      if (typeof once === 'string') return void t.equal(often, once);
      t.same((often as Reading).shapes, once.shapes);
      t.equal((often as Reading).draws - parameters(f), n * (once.draws - parameters(f)));
    }),
    { numRuns: 40 },
  );
  t.same(shapes(repeat(0, linear(width))), []);
});

/** Keys that a layer's initialisers draw. */
const parameters = (f: Flow): number =>
  tree.fold(outline(f, [x]).params, 0, (sum, { draw }) => sum + Number(draw !== undefined));

t.test('repeating runs the layer n times', async (t) => {
  const double: Flow = (_s, input) => tf.mul(input, 2);
  fc.assert(
    fc.property(fc.nat(6), (n) => {
      t.same(
        (read(repeat(n, double)) as Reading).output,
        [...x.dataSync()].map((v) => v * 2 ** n),
      );
    }),
  );
});

t.test('what follows a repetition is named after one pass', async (t) => {
  const f = chain(repeat(3, chain(linear(width), linear(width))), linear(width));
  t.same(tree.paths(outline(f, [x]).params), [
    'linear/w',
    'linear/b',
    'linear_1/w',
    'linear_1/b',
    'linear_2/w',
    'linear_2/b',
  ]);
});

t.test('a stack has n layers with parameters of their own, in order', async (t) => {
  fc.assert(
    fc.property(fc.nat(5), (n) => {
      const names = Object.keys(
        outline(
          stack(n, () => linear(width)),
          [x],
        ).params,
      );
      t.same(
        names,
        Array.from({ length: n }, (_, i) => (i ? `linear_${i}` : 'linear')),
      );
    }),
  );
  const widths: number[] = [];
  const f = stack(3, (i) => (s: Scope, input: tf.Tensor) => (widths.push(i), linear(width)(s, input)));
  outline(f, [x]);
  t.same(widths, [0, 1, 2]);
});

t.test('a number of passes that is none is refused', async (t) => {
  t.throws(() => repeat(-1, identity), { message: 'repeat: n is -1, expected a whole number from 0' });
  t.throws(() => stack(1.5, () => identity), {
    message: 'stack: n is 1.5, expected a whole number from 0',
  });
});

t.test('a layer beside a skip is x + f(x), and may not change the shape', async (t) => {
  const square: Flow = (_s, input) => tf.square(input);
  t.same(
    (read(residual(square)) as Reading).output,
    [...x.dataSync()].map((v) => v + v * v),
  );
  t.throws(() => outline(residual(linear(1)), [x]), {
    name: 'ShapeError',
    message: 'residual: [2, 4] became [2, 1]',
  });
});

t.test('layers side by side each have their own input, in the order of the layers', async (t) => {
  const sides = parallel({ b: linear(2), a: linear(3) });
  const { params, outputs } = outline(sides, [{ a: x, b: x }]);
  t.same(tree.paths(params), ['linear/w', 'linear/b', 'linear_1/w', 'linear_1/b']);
  t.same(
    [params.linear.w.shape, params.linear_1.w.shape],
    [
      [4, 2],
      [4, 3],
    ],
  );
  t.same(Object.keys(outputs), ['b', 'a']);
  t.same(outputs.a.shape, [2, 3]);

  const pair = outline(parallel([linear(2), linear(3)]), [[x, { shape: [5, 1] }]]);
  t.same(
    pair.outputs.map(({ shape }) => shape),
    [
      [2, 2],
      [5, 3],
    ],
  );
  t.throws(() => outline(sides, [{ a: x } as never]), { message: /there is no input 'b'/ });
});

t.test('a fan gives every layer the same input', async (t) => {
  const { outputs } = outline(fanOut({ query: linear(2), key: linear(3) }), [x]);
  t.same(
    [outputs.query.shape, outputs.key.shape],
    [
      [2, 2],
      [2, 3],
    ],
  );
  const [twice, same] = tf.tidy(() =>
    transform(fanOut([lift((input: tf.Tensor) => tf.mul(input, 2)), identity<tf.Tensor>]))
      .apply({} as never, {}, x)
      .map((output) => [...output.dataSync()]),
  );
  t.same(
    twice,
    same.map((v) => 2 * v),
  );
});

t.test('a named layer is under its name, the next one under the next', async (t) => {
  const part = () => named('part', chain(linear(width), linear(width)));
  t.same(Object.keys(outline(chain(part(), part()), [x]).params), [
    'part/linear',
    'part/linear_1',
    'part_1/linear',
    'part_1/linear_1',
  ]);
});

t.test('inputs and outputs are changed by functions', async (t) => {
  const sum: Layer<[a: tf.Tensor, b: tf.Tensor], tf.Tensor> = (_s, a, b) => tf.add(a, b);
  const f = mapOutput(
    mapInputs(sum, (input: tf.Tensor) => [input, tf.square(input)]),
    (output) => tf.neg(output),
  );
  t.same(
    (read(f) as Reading).output,
    [...x.dataSync()].map((v) => -(v + v * v)),
  );
});

t.test('in training one layer runs, otherwise another', async (t) => {
  const minus: Flow = (_s, input) => tf.neg(input);
  const run = (f: Flow, isTraining: boolean) =>
    tf.tidy(() => [
      ...transform(f)
        .apply({} as never, { isTraining }, x)
        .dataSync(),
    ]);
  const plain = [...x.dataSync()];
  t.same(
    run(whenTraining(minus), true),
    plain.map((v) => -v),
  );
  t.same(run(whenTraining(minus), false), plain);
  const square: Flow = (_s, input) => tf.square(input);
  t.same(
    run(whenTraining(minus, square), false),
    plain.map((v) => v * v),
  );
});

const attending = (numHeads = 2) =>
  chain(
    residual(chain(layerNorm(), selfAttend({ numHeads }))),
    residual(chain(layerNorm(), mlp({ wideningFactor: 4 }))),
  );

t.test('a mask passes through a chain to the layers that take one, without a cast', async (t) => {
  const block = attending();
  const masked: Layer<[x: tf.Tensor, mask?: Mask], tf.Tensor> = repeat(2, block);
  const model = transform(masked);
  const input = tf.randomNormal([1, 3, 8], 0, 1, 'float32', 3);
  const other = tf.concat([tf.slice(input, [0, 0, 0], [1, 2, 8]), tf.ones([1, 1, 8])], 1);
  const params = model.init(random, input);
  const mask = tf.tensor3d([1, 1, 0, 1, 1, 0, 1, 1, 1], [1, 3, 3]);
  const firstTwo = (y: tf.Tensor) => [...tf.slice(y, [0, 0, 0], [1, 2, 8]).dataSync()];
  t.same(
    firstTwo(model.apply(params, {}, input, mask)),
    firstTwo(model.apply(params, {}, other, mask)),
    'the third position is not seen',
  );
  t.notSame(firstTwo(model.apply(params, {}, input)), firstTwo(model.apply(params, {}, input, mask)));
});

t.test('the opening example has the tree that Haiku would give it', async (t) => {
  const block = chain(
    residual(chain(layerNorm(), selfAttend({ numHeads: 8 }))),
    residual(chain(layerNorm(), mlp({ wideningFactor: 4 }))),
  );
  const { params } = outline(repeat(8, block), [{ shape: [1, 5, 64] }]);
  t.same(Object.keys(params), [
    'layer_norm',
    'attention/linear',
    'attention/linear_1',
    'attention/linear_2',
    'attention/linear_3',
    'layer_norm_1',
    'mlp/linear',
    'mlp/linear_1',
  ]);
  t.equal(tree.count(params), 4 * (64 * 64 + 64) + 2 * (2 * 64) + (64 * 256 + 256) + (256 * 64 + 64));
});

t.test('the opening example has the parameters and the outputs that Haiku gives it', async (t) => {
  const { tower } = JSON.parse(readFileSync('test/lib/language/haiku.json', 'utf8')) as {
    tower: { sums: Record<string, number>; first: number[]; last: number[] };
  };
  const model = transform(repeat(8, attending(8)));
  const input = tf.tensor3d(
    Float32Array.from({ length: 96 }, (_, i) => Math.sin(i)),
    [2, 3, 16],
  );
  const mask = tf.tensor3d([1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1], [2, 3, 3]);
  const params = model.init(key(42), input);
  t.same(tree.paths(params), Object.keys(tower.sums));
  for (const [path, leaf] of tree.flatten(params)) {
    const sum = (leaf.data as Float32Array).reduce((total, n) => total + Math.abs(n), 0);
    t.ok(Math.abs(sum - tower.sums[path]) < 1e-4, path);
  }
  const y = model.apply(params, {}, input, mask).dataSync();
  for (const [start, vector] of [
    [0, tower.first],
    [80, tower.last],
  ] as const) {
    const worst = Math.max(...vector.map((n, i) => Math.abs(n - y[start + i])));
    t.ok(worst <= 1e-5 * (1 + Math.max(...vector.map(Math.abs))), `off by ${worst}`);
  }
});

t.test('the types work out what a combination takes', async (t) => {
  const masked = chain(layerNorm(), selfAttend());
  const plain = chain(layerNorm(), linear(width));
  const needing: Layer<[x: tf.Tensor, scale: number], tf.Tensor> = (_s, input, scale) => tf.mul(input, scale);
  const both: Layer<[x: tf.Tensor, mask?: Mask], tf.Tensor> = chain(plain, masked, plain);
  const scaled: Layer<[x: tf.Tensor, scale: number], tf.Tensor> = chain(plain, needing, identity);
  const fromLambdas: Layer<[x: string], boolean> = chain(
    (_s: Scope, text: string) => text.length,
    (_s, length) => length > 2,
  );
  t.ok([both, scaled, fromLambdas].every((f) => typeof f === 'function'));
  // @ts-expect-error the second layer takes tensors, not numbers
  chain((_s: Scope, text: string) => text.length, linear(width));
  // @ts-expect-error a scale has to be given
  t.throws(() => transform(scaled).apply({} as never, {}, x));
  // @ts-expect-error a mask is no number
  t.throws(() => transform(both).apply({} as never, {}, x, 3));
  // @ts-expect-error no input is a mask and a number at once
  t.throws(() => transform(chain(needing, masked)).apply({} as never, {}, x, 3));
});
