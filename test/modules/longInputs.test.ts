/** Inputs so long that layers take them part by part: the same as in one piece, and as float64 has it. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { engine } from '../../lib/engine/index.js';
import { type Params, toTensor } from '../../lib/data/leaf.js';
import { outline } from '../../lib/language/outline.js';
import { key, normal } from '../../lib/random/index.js';
import type { Layer } from '../../lib/language/scope.js';
import { transform } from '../../lib/language/transform.js';
import { mapWithPath } from '../../lib/data/tree.js';
import { attention } from '../../modules/attention.js';
import { crossAttention } from '../../modules/crossAttention.js';
import { multimodalPreprocessor } from '../../modules/multimodalPreprocessor.js';
import { asTheyAre } from '../../modules/perceiver.js';

await engine();

const draw = (seed: number, shape: readonly number[]): tf.Tensor => toTensor(normal(key(seed), shape));

/** Random values for every parameter, biases and norms too. */
const paramsFor = (layer: Layer<never, unknown>, inputs: readonly unknown[]): Params => {
  let seed = 100;
  const { params } = outline(layer as Layer<readonly unknown[], unknown>, inputs as never);
  return mapWithPath(params, (path, { shape }) =>
    tf.mul(draw(seed++, shape), path.endsWith('/w') ? 1 / Math.sqrt(shape[0]) : 1),
  ) as Params;
};

const furthest = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];

const [queries, keys, channels] = [8, 9001, 512];
const q = draw(1, [1, queries, 12]);
const kv = draw(2, [1, keys, channels]);

/** x·w + b of rows in float64. */
const project = (x: Float64Array, { w, b }: Record<string, tf.Tensor>): Float64Array => {
  const [inner, width] = w.shape as [number, number];
  const [matrix, bias] = [w.dataSync(), b.dataSync()];
  const out = new Float64Array((x.length / inner) * width);
  for (let row = 0; row * width < out.length; row++)
    for (let column = 0; column < width; column++) {
      let sum = bias[column];
      for (let i = 0; i < inner; i++) sum += x[row * inner + i] * matrix[i * width + column];
      out[row * width + column] = sum;
    }
  return out;
};

/** softmax(q·kᵀ / √D)·v in float64, heads side by side in lines of `width`. */
const attendExactly = (
  q: Float64Array,
  k: Float64Array,
  v: Float64Array,
  [width, heads]: readonly [number, number],
): Float64Array => {
  const out = new Float64Array(q.length);
  const each = width / heads;
  for (let row = 0; row * width < q.length; row++)
    for (let from = 0; from < width; from += each) {
      const scores = Float64Array.from({ length: k.length / width }, (_, key) => {
        let score = 0;
        for (let c = from; c < from + each; c++) score += q[row * width + c] * k[key * width + c];
        return Math.exp(score / Math.sqrt(each));
      });
      const total = scores.reduce((a, b) => a + b);
      scores.forEach((score, key) => {
        for (let c = from; c < from + each; c++) out[row * width + c] += (score / total) * v[key * width + c];
      });
    }
  return out;
};

for (const numHeads of [1, 2]) {
  t.test(`attention to ${keys} keys by parts, heads: ${numHeads}`, async (t) => {
    const layer = attention({ numHeads, qkChannels: 8 });
    const params = paramsFor(layer, [q, kv]);
    const of = (name: string) => params[`attention/${name}`] as Record<string, tf.Tensor>;
    const rows = Float64Array.from(kv.dataSync());
    const attended = attendExactly(
      project(Float64Array.from(q.dataSync()), of('linear')),
      project(rows, of('linear_1')),
      project(rows, of('linear_2')),
      [8, numHeads],
    );
    const expected = project(attended, of('linear_3'));
    const found = transform(layer).apply(params, {}, q, kv).dataSync();
    const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    t.ok(largest > 0.5);
    t.ok(expected.every((x, i) => Math.abs(x - found[i]) < 2e-6 * largest));
  });
}

t.test('a mask holds for every part, and a query without keys gets nothing but the bias', async (t) => {
  const layer = attention({ numHeads: 1, qkChannels: 8 });
  const params = paramsFor(layer, [q, kv]);
  const there = Array.from({ length: queries }, (_, i) => (i < 2 ? i * (keys - 1) : -1));
  const mask = tf.stack(
    there.map((key) =>
      key < 0 ? tf.zeros([keys]) : tf.oneHot(tf.scalar(key, 'int32'), keys, 1, 0, 'float32'),
    ),
  );
  const found = transform(layer).apply(params, {}, q, kv, tf.expandDims(mask, 0));
  const { b } = params['attention/linear_3'] as Record<string, tf.Tensor>;
  t.equal(furthest(tf.slice(found, [0, 2, 0], [1, 6, -1]), tf.reshape(b, [1, 1, -1])), 0);
  const one = (at: number) => tf.slice(kv, [0, at, 0], [1, 1, -1]);
  const alone = transform(layer).apply(params, {}, tf.slice(q, [0, 1, 0], [1, 1, -1]), one(keys - 1));
  t.ok(furthest(tf.slice(found, [0, 1, 0], [1, 1, -1]), alone) < 1e-5);
});

t.test('cross-attention by parts is that in one piece', async (t) => {
  const layer = crossAttention({ numHeads: 1, qkChannels: 8 });
  const params = paramsFor(layer, [q, kv]);
  const { apply } = transform(layer);
  const whole = apply(params, { isTraining: true, key: key(0) }, q, kv);
  t.ok(furthest(apply(params, {}, q, kv), whole) < 1e-5);
});

t.test('modalities are put together by parts with the same bits, and nothing else stays', async (t) => {
  const layer = multimodalPreprocessor({ b: asTheyAre, a: asTheyAre }, { maskProbs: { a: 0, b: 1 } });
  const x = { a: draw(3, [2, 3001, 700]), b: draw(4, [2, 5, 702]) };
  const params = paramsFor(layer as never, [x]);
  const { apply } = transform(layer);
  const whole = apply(params, { isTraining: true, key: key(0) }, x).inputs;
  t.same(whole.shape, [2, 3006, 704]);
  const before = tf.memory().numBytes;
  const { inputs } = tf.tidy(() => ({ inputs: apply(params, {}, x).inputs }));
  t.equal(tf.memory().numBytes - before, 4 * inputs.size);
  t.equal(furthest(inputs, whole), 0);
});
