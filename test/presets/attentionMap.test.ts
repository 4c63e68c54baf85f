/** Attention maps on the grid of the input: weights as `capture` sees them, outputs as `run` gives them. */
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { float32 } from '../../lib/data/array.js';
import { readCheckpoint } from '../../lib/checkpoint/index.js';
import { adopt, capture, engine, key } from '../../lib/index.js';
import { toTensor } from '../../lib/data/leaf.js';
import { attentionMap, digits, words } from '../../presets/index.js';
import { pad, tokenize } from '../../presets/language/run.js';
import { pictureOf } from '../../lib/media/picture.js';
import type { Sound } from '../../lib/media/sound.js';
import { smallModel } from './small.js';

await engine();

/** Most that one float32 sum differs from another. */
const tolerance = 1e-5;

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left));
  return either.right;
};

const trained = async (model: ReturnType<typeof digits> | ReturnType<typeof words>) => {
  const { pathname } = model.card.checkpoint!.url;
  return right(adopt(model)(right(await readCheckpoint(pathname)())));
};

const isNear = (found: ArrayLike<number>, wanted: ArrayLike<number>): boolean =>
  found.length === wanted.length &&
  Array.from(found).every((value, i) => Math.abs(value - wanted[i]) < tolerance);

const digit = {
  width: 8,
  height: 8,
  data: Float32Array.from({ length: 64 }, (_, i) => (i % 8 > 2 && i % 8 < 5 ? 1 : 0.1)),
};
const model = digits();
const weights = await trained(model);
const cross = /cross_attention/;
const look = capture(model, cross, { map: (weights) => tf.mean(weights, 1) });
const images = toTensor(float32([1, 8, 8, 1], digit.data));
const { captured } = await look(weights.params, weights.state ?? {}, {}, images);
const [encoding, decoding] = captured.map(({ value }) => value);
const numLatents = 24;

t.test('the mean over the latents is what capture sees, and the output is what run gives', async (t) => {
  const before = tf.memory().numTensors;
  const { output, maps } = right(await attentionMap(model, weights, digit)());
  t.equal(tf.memory().numTensors, before, 'nothing stays on the engine');
  const [map] = maps;
  t.equal(maps.length, 1);
  t.same(map.layer, { path: 'perceiver_encoder/~/cross_attention/attention' });
  t.same(map.weights.shape, [1, 8, 8]);
  const means = Array.from({ length: 64 }, (_, s) =>
    Array.from({ length: numLatents }, (_, n) => encoding.data[n * 64 + s] / numLatents).reduce(
      (a, b) => a + b,
    ),
  );
  t.ok(isNear(map.weights.data as Float32Array, means));
  const plain = right(await model.run(weights, digit)());
  t.equal(output.digit, plain.digit);
  t.ok(isNear(output.probabilities, plain.probabilities));
});

t.test('one query is one latent', async (t) => {
  const { maps } = right(await attentionMap(model, weights, digit, { query: 7 })());
  t.ok(isNear(maps[0].weights.data as Float32Array, encoding.data.subarray(7 * 64, 8 * 64)));
});

t.test("the decoder's layer attends to the input by way of the latents", async (t) => {
  const { maps } = right(await attentionMap(model, weights, digit, { layer: 'decoder' })());
  t.equal(maps[0].layer.by, 'perceiver_encoder/~/cross_attention/attention');
  const product = tf.tidy(() =>
    tf
      .matMul(tf.tensor(decoding.data, [1, numLatents]), tf.tensor(encoding.data, [numLatents, 64]))
      .dataSync(),
  );
  t.ok(isNear(maps[0].weights.data as Float32Array, product));
});

t.test('heads are apart when one is asked for, and their mean is what is given otherwise', async (t) => {
  const text = { text: 'a sm_ll plant' };
  const model = words();
  const weights = await trained(model);
  const dataOf = async (head?: number) =>
    right(await attentionMap(model, weights, text, { head, query: 3 })()).maps[0].weights
      .data as Float32Array;
  const each = await Promise.all(Array.from({ length: 8 }, (_, head) => dataOf(head)));
  t.ok(each.every((data, i) => i === 0 || !isNear(data, each[0])));
  const means = each[0].map((_, s) => each.reduce((sum, data) => sum + data[s] / 8, 0));
  t.ok(isNear(await dataOf(), means));
  const look = capture(model, /encoder.*cross/);
  const [ids, mask] = pad(tokenize(text), 64).map(toTensor);
  const [{ value: seen }] = (await look(weights.params, {}, {}, ids, mask)).captured;
  const at = (head: number) => seen.data.subarray((head * 32 + 3) * 64, (head * 32 + 4) * 64);
  t.ok(each.every((data, head) => isNear(data, at(head))));
});

t.test('of a text each byte has a row that sums to one, and padding gets nothing', async (t) => {
  const model = words();
  const found = await attentionMap(
    model,
    await trained(model),
    { text: 'a sm_ll plant' },
    { layer: 'decoder' },
  )();
  const { weights } = right(found).maps[0];
  t.same(weights.shape, [64, 64]);
  const row = (weights.data as Float32Array).subarray(4 * 64, 5 * 64);
  t.ok(Math.abs(row.reduce((a, b) => a + b) - 1) < tolerance);
  t.ok(row.subarray(13).every((weight) => weight === 0));
});

const noise = (width: number, height: number) =>
  pictureOf(width, height, (x, y) => [9 * x, 7 * y, (x * y) % 256]);
const silence: Sound = { sampleRate: 25 * 32, channels: [new Float32Array(64)] };
const inputs: Readonly<Record<string, unknown>> = {
  'imagenet-learned': noise(20, 16),
  'imagenet-fourier': noise(20, 16),
  'imagenet-conv': noise(30, 40),
  language: { text: 'a sm_ll plant' },
  multimodal: { frames: [noise(16, 16), noise(16, 16)], sound: silence },
  flow: { first: noise(12, 8), second: noise(12, 8) },
};

for (const [name, raw] of Object.entries(inputs))
  t.test(`${name}: the grid is that of what the encoder attends to`, async (t) => {
    const model = smallModel(name);
    const grid = model.inputGrid!;
    const { maps } = right(await attentionMap(model, model.init(key(1)), raw)());
    t.same(maps[0].weights.shape, [1, ...grid.shape]);
    const sum = (maps[0].weights.data as Float32Array).reduce((a, b) => a + b);
    if (name === 'multimodal') t.ok(sum > 0.1 && sum < 1 - 1e-3, 'sound and label have the rest');
    else t.ok(Math.abs(sum - 1) < tolerance);
  });

t.test('a flow of several tiles has a map of each', async (t) => {
  const model = smallModel('flow');
  const pair = { first: noise(20, 8), second: noise(20, 8) };
  const { maps } = right(await attentionMap(model, model.init(key(1)), pair)());
  t.equal(maps.length, 3);
  t.notSame(maps[0].weights.data, maps[2].weights.data);
});

t.test('what is not there, or cannot be shown, is said with what can', async (t) => {
  const refused = async (options: object) => {
    const found = await attentionMap(model, weights, digit, options)();
    return E.isLeft(found) ? found.left : undefined;
  };
  const expected =
    'one that can be shown on the input: perceiver_encoder/~/cross_attention/attention or classification_decoder/~/basic_decoder/cross_attention/attention';
  t.match(await refused({ layer: 'nothing' }), { where: 'the layer', found: "'nothing'", expected });
  t.match(await refused({ layer: 'self_attention_1' }), { found: /attends to latents alone/, expected });
  t.match(await refused({ layer: 'cross_attention' }), { found: "'cross_attention'", expected });
  t.match(await refused({ head: 1 }), { where: 'the head', found: '1', expected: '0 to 0' });
  t.match(await refused({ query: 24 }), { where: 'the query', found: '24', expected: '0 to 23' });
  const flow = smallModel('flow');
  const ofFlow = await attentionMap(flow, flow.init(key(1)), inputs.flow, { layer: 'decoder' })();
  t.match(ofFlow, { left: { found: /very many outputs/ } });
  const starcraft = smallModel('starcraft');
  t.match(await attentionMap(starcraft, starcraft.init(key(1)), {})(), { left: { where: 'the model' } });
  t.match(await attentionMap(model, weights, { ...digit, width: 9 })(), { left: { where: 'the picture' } });
});
