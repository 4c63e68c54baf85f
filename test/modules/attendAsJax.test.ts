/**
 * Causal attention with shared heads, a window, a bias and a mask, as JAX computes it: `attend.json` holds outputs and
 * gradients of `jax.nn.dot_product_attention` (JAX 0.10.2), q [2, 5, 4, 3], k and v [2, 5, 2, 3], bias [1, 4, 5, 5].
 */
import * as tf from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { gradients } from '../../lib/engine/index.js';
import { attend, type AttendOptions } from '../../modules/attend.js';
import { onEachEngine } from '../lib/engine/eachEngine.js';

const tolerance = 1e-5;

interface Case {
  readonly out: readonly number[];
  /** Of q, k, v and, where there is one, the bias. */
  readonly grads: readonly (readonly number[])[];
}

const { cases, ...arrays } = JSON.parse(readFileSync('test/modules/attend.json', 'utf8')) as Readonly<
  Record<'q' | 'k' | 'v' | 'bias' | 'cotangent', number[]>
> & { readonly cases: Readonly<Record<string, Case>> };

const options = (): Readonly<Record<string, AttendOptions>> => ({
  causal: {},
  window: { window: 3 },
  bias: { bias: tf.tensor4d(arrays.bias, [1, 4, 5, 5]) },
  mask: { mask: tf.tensor3d([1, 1, 0, 1, 1], [1, 1, 5]) },
});

const furthest = (found: tf.Tensor, expected: readonly number[]): number => {
  const values = found.dataSync();
  return values.length === expected.length
    ? expected.reduce((most, x, i) => Math.max(most, Math.abs(x - values[i])), 0)
    : Infinity;
};

t.test('outputs and gradients are those of JAX, on every engine', async (t) => {
  await onEachEngine((engineName) =>
    tf.tidy(() => {
      const [q, k, v] = [
        tf.tensor4d(arrays.q, [2, 5, 4, 3]),
        tf.tensor4d(arrays.k, [2, 5, 2, 3]),
        tf.tensor4d(arrays.v, [2, 5, 2, 3]),
      ];
      const cotangent = tf.tensor3d(arrays.cotangent, [2, 5, 12]);
      for (const [name, { bias, ...others }] of Object.entries(options())) {
        const { out, grads } = cases[name];
        const run = ([q, k, v, added]: tf.Tensor[]): tf.Tensor =>
          attend(q, k, v, { causal: true, ...others, bias: added });
        const inputs = [q, k, v, ...(bias ? [bias] : [])];
        t.ok(furthest(run(inputs), out) < tolerance, `${name}, ${engineName}`);
        const found = gradients((xs) => tf.sum(tf.mul(run(xs), cotangent)), inputs).grads;
        t.equal(found.length, grads.length);
        found.forEach((grad, i) =>
          t.ok(furthest(grad, grads[i]) < tolerance, `${name}, gradient ${i}, ${engineName}`),
        );
      }
    }),
  );
});
