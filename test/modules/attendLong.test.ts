/** Attention to more keys than are attended to at once, held to float64. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { sizeOf } from '../../lib/data/array.js';
import { engine } from '../../lib/engine/index.js';
import { key, normal, split, uniform } from '../../lib/random/index.js';
import { attend } from '../../modules/attend.js';

await engine();

interface Arrays {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly mask?: Float32Array;
}

interface Sizes {
  readonly queries: number;
  readonly keys: number;
  readonly channels: number;
}

/** One head in float64: [T, C]. */
const exact = ({ q, k, v, mask }: Arrays, { queries, keys, channels }: Sizes): Float64Array => {
  const out = new Float64Array(queries * channels);
  for (let i = 0; i < queries; i++) {
    const scores = Float64Array.from({ length: keys }, (_, j) => {
      if (mask && mask[i * keys + j] === 0) return -Infinity;
      let score = 0;
      for (let c = 0; c < channels; c++) score += q[i * channels + c] * k[j * channels + c];
      return score / Math.sqrt(channels);
    });
    const top = scores.reduce((a, b) => Math.max(a, b));
    if (top === -Infinity) continue;
    const weights = scores.map((score) => Math.exp(score - top));
    const total = weights.reduce((a, b) => a + b);
    for (let j = 0; j < keys; j++)
      for (let c = 0; c < channels; c++) out[i * channels + c] += (weights[j] / total) * v[j * channels + c];
  }
  return out;
};

const ours = ({ q, k, v, mask }: Arrays, { queries, keys, channels }: Sizes): Float32Array =>
  tf.tidy(() => {
    const heads = (x: Float32Array, n: number) => tf.tensor4d(x, [1, n, 1, channels]);
    const masked = mask && tf.tensor3d(mask, [1, queries, keys]);
    const out = attend(heads(q, queries), heads(k, keys), heads(v, keys), { mask: masked });
    return out.dataSync<'float32'>();
  });

const furthest = (a: Float32Array, b: Float64Array): number =>
  b.reduce((max, x, i) => Math.max(max, Math.abs(x - a[i])), 0);

const draws = (seed: number, { queries, keys, channels }: Sizes) => {
  const [forQ, forK, forV] = split(key(seed), 3);
  return {
    q: normal(forQ, [queries, channels]).data as Float32Array,
    k: normal(forK, [keys, channels]).data as Float32Array,
    v: uniform(forV, [keys, channels], { min: 1, max: 2 }).data as Float32Array,
  };
};

t.test('a hundred thousand keys cost no digits', async (t) => {
  const sizes = { queries: 24, keys: 100_000, channels: 8 };
  const arrays = draws(0, sizes);
  t.ok(furthest(ours(arrays, sizes), exact(arrays, sizes)) < 4e-6);
});

t.test('keys that matter may lie anywhere', async (t) => {
  const sizes = { queries: 16, keys: 10_001, channels: 4 };
  const arrays = draws(1, sizes);
  const sharp = { ...arrays, q: arrays.q.map((x) => 40 * x) }; // scores up to a few hundred
  t.ok(furthest(ours(sharp, sizes), exact(sharp, sizes)) < 1e-5);
});

t.test('masks hold for each span of keys', async (t) => {
  const sizes = { queries: 8, keys: 9_000, channels: 4 };
  const allowed = [
    (j: number) => j < 100, // the first span alone
    (j: number) => j >= 8_900, // the last alone
    () => false,
    (j: number) => j % 2 === 0,
    (j: number) => j === 5_000,
    () => true,
    (j: number) => j < 4_000 || j > 8_500, // all but the middle
    (j: number) => j >= 4_096,
  ];
  const mask = Float32Array.from({ length: sizeOf([8, 9_000]) }, (_, i) =>
    Number(allowed[Math.floor(i / 9_000)](i % 9_000)),
  );
  const arrays = { ...draws(2, sizes), mask };
  const found = ours(arrays, sizes);
  t.ok(furthest(found, exact(arrays, sizes)) < 4e-6);
  t.ok(
    found.subarray(2 * 4, 3 * 4).every((x) => x === 0),
    'nothing to attend to',
  );
});
