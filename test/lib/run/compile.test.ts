/** Compiled models: what onnxruntime gives is what the engine gives, for the model's own inputs and outputs. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import * as web from 'onnxruntime-web';
import { float32, int32 } from '../../../lib/data/array.js';
import {
  chain,
  engine,
  isTensor,
  type Key,
  key,
  type Scope,
  split,
  toHostSync,
  toTensor,
  transform,
} from '../../../lib/index.js';
import { openCheckpoint, writeCheckpoint } from '../../../lib/checkpoint/index.js';
import { orThrow } from '../../../lib/data/orThrow.js';
import { partsOf } from '../../../lib/data/nest.js';
import { normal } from '../../../lib/random/index.js';
import { compile, type OnnxRuntime } from '../../../lib/run/index.js';
import { embed, linear, mlp, selfAttention } from '../../../modules/index.js';
import { networks } from '../../presets/networks.js';
import { smallInputs, smallModel, smallWeights } from '../../presets/small.js';
import { difference } from '../onnx/runtime.js';

const tolerance = 1e-4;
const threads = 1;

const far = (found: tf.Tensor, expected: tf.Tensor): number =>
  difference({ dims: found.shape, data: found.dataSync() as Float32Array }, expected);

/** onnxruntime, whose sessions are counted. */
const counted = () => {
  const count = { made: 0, released: 0 };
  const runtime: OnnxRuntime = {
    Tensor: ort.Tensor,
    env: ort.env,
    InferenceSession: {
      create: async (model, options) => {
        const session = await ort.InferenceSession.create(model, options);
        count.made += 1;
        return {
          run: (feeds) => session.run(feeds),
          release: async () => {
            count.released += 1;
            await session.release();
          },
        };
      },
    },
  };
  return { runtime, count };
};

/** In Node, and in WebAssembly, which pages have. */
const runtimes: Readonly<Record<string, OnnxRuntime>> = { 'onnxruntime-node': ort, 'onnxruntime-web': web };

for (const [where, runtime] of Object.entries(runtimes)) {
  for (const [name] of networks) {
    t.test(`${name}, compiled for ${where}, gives what it gives`, async (t) => {
      await engine();
      const model = smallModel(name);
      const weights = smallWeights(model);
      await using compiled = compile(model, weights, { runtime, threads });
      const inputs = smallInputs(model, {
        batch: 2,
        entities: 5,
        image_points: 3,
        audio_points: 2,
      }) as never[];
      const { output } = model.apply(weights.params, weights.state, {}, ...inputs);
      const found = await compiled(...inputs);
      const [all, expected] = [found, output].map((nest) => partsOf(nest, isTensor));
      t.equal(all.length, expected.length);
      t.same(Object.keys(found as object).length, Object.keys(output as object).length);
      for (const [i, each] of all.entries())
        t.ok(far(each, expected[i]) < tolerance, expected[i].shape.join());
    });
  }
}

const pair = (s: Scope, { a, b }: { a: tf.Tensor; b: tf.Tensor }, scale: number) => {
  const doubled = linear(4)(s, tf.mul(tf.add(a, tf.cast(b, 'float32')), scale));
  return { parts: [tf.relu(doubled), tf.greater(doubled, 0)], scale };
};

t.test('a layer of records, of integers and of numbers keeps their shape', async (t) => {
  await engine();
  const x = {
    a: tf.randomNormal([3, 2], 0, 1, 'float32', 1),
    b: tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2], 'int32'),
  };
  const model = transform(pair);
  const params = model.init(key(1), x, 2);
  await using compiled = compile(pair, { params }, { threads });
  const before = tf.memory().numTensors;
  const found = await compiled(x, 2);
  t.equal(tf.memory().numTensors, before + 2, 'the outputs alone are left');
  const expected = model.apply(params, {}, x, 2);
  t.equal(found.scale, 2);
  t.ok(far(found.parts[0], expected.parts[0]) < tolerance);
  t.equal(found.parts[1].dtype, 'bool');
  t.same(found.parts[1].dataSync(), expected.parts[1].dataSync());
  const half = await compiled(x, 0.5);
  t.equal(half.scale, 0.5, 'what is no tensor is compiled in, and compiled anew where it differs');
  const halved = await compiled.onHosts({ a: toHostSync(x.a), b: toHostSync(x.b) }, 0.5);
  t.same(halved.parts[0].data, half.parts[0].dataSync(), 'host arrays go in and come out as well');
  const [h] = [tf.memory().numTensors];
  await compiled.onHosts({ a: toHostSync(x.a), b: toHostSync(x.b) }, 0.5);
  t.equal(tf.memory().numTensors, h, 'and leave nothing on the engine');
});

t.test('it is compiled once for inputs of the same shapes, and all of it is given back', async (t) => {
  await engine();
  const layer = chain(selfAttention({ numHeads: 2 }), mlp());
  const { init } = transform(layer);
  const params = init(key(0), { shape: [1, 3, 8] });
  const { runtime, count } = counted();
  {
    await using compiled = compile(layer, { params }, { runtime, threads });
    const inputs = [3, 3, 5, 3].map((rows) => tf.randomNormal([1, rows, 8], 0, 1, 'float32', 1));
    await Promise.all(inputs.map((x) => compiled(x)));
    t.same(count, { made: 2, released: 0 });
  }
  t.same(count, { made: 2, released: 2 });
});

t.test('disposing waits for what runs; after it, calls are refused', async (t) => {
  await engine();
  const params = transform(linear(2)).init(key(0), { shape: [1, 3] });
  const { runtime, count } = counted();
  const compiled = compile(linear(2), { params }, { runtime, threads });
  const running = compiled.onHosts(float32([1, 3], [1, 2, 3]));
  await compiled.dispose();
  t.same((await running).shape, [1, 2]);
  t.same(count, { made: 1, released: 1 });
  await t.rejects(compiled.onHosts(float32([1, 3], [1, 2, 3])), /disposed/);
  await compiled.dispose();
  t.same(count, { made: 1, released: 1 }, 'disposing twice is disposing once');
});

t.test('weights stay in their files: the model holds none of them, and nothing is left behind', async (t) => {
  await engine();
  const layer = linear(512);
  const params = transform(layer).init(key(0), { shape: [1, 600] });
  const x = tf.randomNormal<tf.Rank.R2>([2, 600], 0, 1, 'float32', 1);
  const folder = t.testdir({ temporary: {} });
  const seen: { bytes: number; written: number }[] = [];
  const temporary = join(folder, 'temporary');
  const { runtime } = counted();
  const watched: OnnxRuntime = {
    ...runtime,
    InferenceSession: {
      create: async (model, options) => {
        seen.push({ bytes: model.length, written: readdirSync(temporary).length });
        return runtime.InferenceSession.create(model, options);
      },
    },
  };
  const { TMPDIR } = process.env;
  process.env.TMPDIR = temporary;
  t.teardown(() => (TMPDIR === undefined ? delete process.env.TMPDIR : (process.env.TMPDIR = TMPDIR)));
  const outputOf = async (given: typeof params) => {
    await using compiled = compile(layer, { params: given }, { runtime: watched, threads });
    const found = await compiled(x);
    t.same(readdirSync(temporary), [], 'the temporary file is gone while the model is in use');
    t.ok(far(await compiled(x), found) === 0);
    return found;
  };
  const expected = tf.add(tf.matMul(x, tf.tensor2d(params.linear.w.data as Float32Array, [600, 512])), 0);
  t.ok(far(await outputOf(params), expected) < tolerance);
  const places: number[] = [];
  for (const format of ['safetensors', 'pickle'] as const) {
    const path = join(folder, format);
    await writeCheckpoint(path, { params }, { format })();
    const opened = await orThrow(openCheckpoint(path));
    places.push(Number((opened.params as typeof params).linear.w.place?.offset) % 4);
    t.ok(far(await outputOf(opened.params as typeof params), expected) < tolerance, format);
  }
  t.ok(places[0] === 0 && places[1] > 0, 'in a pickle it lies at an odd byte');
  t.ok(
    seen.every(({ bytes }) => bytes < 1e4),
    'no weights in the models',
  );
  t.same(
    seen.map(({ written }) => written),
    [1, 0, 0],
    'arrays in memory are written; those of an opened file are mapped from it',
  );
});

t.test('what goes wrong names its cause, and can be tried again', async (t) => {
  await engine();
  const params = transform(linear(2)).init(key(0), { shape: [1, 3] });
  let fails = true;
  const { runtime } = counted();
  const failing: OnnxRuntime = {
    ...runtime,
    InferenceSession: {
      create: async (...given) => {
        if (fails) throw new Error('no such provider');
        return runtime.InferenceSession.create(...given);
      },
    },
  };
  await using compiled = compile(linear(2), { params }, { runtime: failing, threads });
  await t.rejects(compiled.onHosts(float32([1, 3], [1, 2, 3])), /no such provider/);
  fails = false;
  t.same((await compiled.onHosts(float32([1, 3], [1, 2, 3]))).shape, [1, 2]);
  await t.rejects(
    compiled.onHosts(float32([1, 4], [1, 2, 3, 4])),
    /^compile: input 0 is float32 \[1, 4\], for which other weights are needed \(linear\/w: shape is \[3, 2\], expected \[4, 2\]\)$/,
    'what does not fit is named',
  );
  await using unknown = compile(linear(2), { params }, { providers: ['abacus'], threads });
  await t.rejects(unknown.onHosts(float32([1, 3], [1, 2, 3])), /abacus/);
});

t.test('inputs that a model does not take are named, with what it takes', async (t) => {
  await engine();
  const model = smallModel('digits');
  await using compiled = compile(model, smallWeights(model), { threads });
  const image = { shape: [1, 8, 8, 1], dtype: 'float32', data: new Float32Array(64) };
  const cases: readonly (readonly [readonly unknown[], RegExp])[] = [
    [[], /^compile: input 'images' is undefined, expected float32 \[batch, 8, 8, 1\] \(/],
    [[{ ...image, dtype: 'uint8' }], /^compile: input 'images' is uint8 \[1, 8, 8, 1\], expected float32 /],
    [[{ ...image, shape: [1, 64] }], /^compile: input 'images' is float32 \[1, 64\], expected float32 /],
    [[image.data], /^compile: input 'images' is a Float32Array, expected an array with a shape/],
    [
      [{ ...image, shape: [2, 8, 8, 1] }],
      /'images' is float32 \[2, 8, 8, 1\] with 64 elements, expected 128/,
    ],
    [[image, image], /input 1 is float32 \[1, 8, 8, 1\], which the model does not read; expected 'images' /],
  ];
  for (const [inputs, message] of cases)
    await t.rejects(compiled.onHosts(...(inputs as never[])), { message });
  await using layer = compile(linear(2), { params: {} as never }, { threads });
  await t.rejects(layer(undefined as never), { message: /^compile: input 0 is undefined \(linear: / });
});

t.test('arguments that are no arrays are part of the program, whatever they are', async (t) => {
  await engine();
  const kinds: Readonly<Record<string, (factor: never) => number>> = {
    of: (factor: () => number) => factor(),
    in: (factor: ReadonlyMap<string, number>) => factor.get('k') as number,
    big: Number,
    odd: (factor: unknown) => [NaN, Infinity, null, undefined].findIndex((each) => Object.is(each, factor)),
  };
  const values: Readonly<Record<string, readonly unknown[]>> = {
    of: [() => 2, () => 3],
    in: [new Map([['k', 2]]), new Map([['k', 3]])],
    big: [2n, 3n],
    odd: [NaN, Infinity, null, undefined, -Infinity],
  };
  for (const [kind, read] of Object.entries(kinds)) {
    const layer = (_s: Scope, x: tf.Tensor, factor: unknown) => tf.mul(x, read(factor as never));
    await using compiled = compile(layer, { params: {} as never }, { threads });
    for (const value of values[kind])
      t.equal((await compiled(tf.scalar(1), value)).dataSync()[0], read(value as never), kind);
  }
});

t.test('a random key is an input, of either kind; keys are no results', async (t) => {
  await engine();
  const layer = (_s: Scope, from: Key, x: tf.Tensor) => ({ noise: tf.add(x, toTensor(normal(from, [2]))) });
  const { runtime, count } = counted();
  await using compiled = compile(layer, { params: {} as never }, { runtime, threads });
  for (const from of [key(1), key(2), key(1, 'legacy')]) {
    const { noise } = await compiled(from, tf.zeros([2]));
    t.ok(far(noise, toTensor(normal(from, [2]))) < 1e-6);
  }
  t.equal(count.made, 2, 'one program for each kind');
  await using splits = compile((_s: Scope, from: Key) => ({ from: split(from)[0] }), { params: {} as never });
  await t.rejects(splits.onHosts(key(0)), {
    name: 'TypeError',
    message: /has a random key.* at 'output.from'/,
  });
});

t.test('options and weights that are none are refused at once', async (t) => {
  const params = {} as never;
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ wheights: 'int8' }, /^compile: found option 'wheights'.*'weights'/],
    [{ threads: 0 }, /^compile: threads is 0, expected a whole number/],
    [{ threads: 1.5 }, /^compile: threads is 1.5/],
    [{ runtime: {} }, /^compile: runtime is no module of onnxruntime/],
    [{ whole: /w/ }, /^compile: 'whole' .* weights are float32/],
  ];
  for (const [options, message] of cases)
    t.throws(() => compile(linear(2), { params }, options), { message });
  t.throws(() => compile(linear(2), { linear: {} } as never), {
    message: /^compile: params of the weights is/,
  });
  await using compiled = compile(linear(2), { params });
  const given: readonly (readonly [unknown, RegExp])[] = [
    [
      { shape: [1, 3] },
      /^compile: input 0 is the shape \[1, 3\] without numbers, expected an array with its numbers/,
    ],
    [[[1, 2]], /^compile: input 0 is a list of numbers, expected an array/],
  ];
  for (const [input, message] of given) await t.rejects(compiled.onHosts(input as never), { message });
});

t.test('no examples give no results, for every kind of input', async (t) => {
  await engine();
  for (const name of ['digits', 'language', 'digit-tones', 'perceiver-ar']) {
    const model = smallModel(name);
    const weights = smallWeights(model);
    await using compiled = compile(model, weights, { threads });
    const inputs = smallInputs(model, { batch: 0, image_points: 3, audio_points: 2 }) as never[];
    const { output } = model.apply(weights.params, weights.state, {}, ...inputs);
    const shapesOf = (nest: unknown) => partsOf(nest, isTensor).map(({ shape, dtype }) => [shape, dtype]);
    t.same(shapesOf(await compiled(...inputs)), shapesOf(output), name);
  }
  await using summed = compile((_s, x: tf.Tensor) => tf.sum(tf.reshape(x, [-1, 2]), 0), {
    params: {} as never,
  });
  t.same((await summed(tf.zeros([0, 3, 2]))).dataSync(), [0, 0]);
});

t.test('ids that the vocabulary has not are refused, as in the engine', async (t) => {
  await engine();
  const layer = embed({ vocabSize: 5, numChannels: 2 });
  const params = transform(layer).init(key(0), { shape: [1, 3], dtype: 'int32' });
  await using compiled = compile(layer, { params }, { threads });
  t.same((await compiled.onHosts(int32([1, 3], [0, 4, 1]))).shape, [1, 3, 2]);
  for (const id of [-1, 5])
    await t.rejects(compiled.onHosts(int32([1, 3], [0, id, 1])), {
      name: 'RangeError',
      message: `compile: id ${id} at index 1 of input 0 is not in a vocabulary of 5`,
    });
});
