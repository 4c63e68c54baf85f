/** The kernel of attention's gradient, which computes a head in a thread's own memory, beside its composed form. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { engine, stopThreads } from '../../../lib/engine/index.js';
import { attentionGradientOperation } from '../../../lib/engine/operations/attentionGradient.js';

const shapes = [
  { what: 'whole tiles', sizes: [2, 24, 32, 4, 8, 16] },
  { what: 'tiles that overhang', sizes: [3, 7, 13, 2, 5, 9] },
  { what: 'one query and one channel', sizes: [4, 1, 11, 1, 1, 1] },
  { what: 'scores that do not fit, which are composed', sizes: [1, 400, 400, 4, 4, 4] },
];

/** Numbers that follow from a seed, within ±1. */
const numbers = (shape: number[], seed: number): tf.Tensor => tf.randomUniform(shape, -1, 1, 'float32', seed);

t.after(stopThreads);

for (const threads of [1, 2]) {
  for (const { what, sizes } of shapes) {
    for (const isMasked of [false, true]) {
      t.test(`${what}, ${isMasked ? 'with' : 'without'} a mask, on threads: ${threads}`, async (t) => {
        await engine({ backend: 'wasm', threads });
        const [B, T, S, H, D, E] = sizes;
        const found = tf.tidy(() => {
          const [q, k] = [numbers([B, T, H, D], 1), numbers([B, S, H, D], 2)];
          const [v, dy] = [numbers([B, S, H, E], 3), numbers([B, T, H, E], 4)];
          const places = Array.from({ length: B * T * S }, (_, i) => ((i * 7) % 3 === 0 ? 0 : 1));
          places.fill(0, 0, S); // a query that sees nothing
          const mask = isMasked ? tf.tensor4d(places, [B, 1, T, S], 'bool') : undefined;
          const inputs = { q, k, v, mask, output: dy, dy };
          const composed = attentionGradientOperation.compose(inputs, {});
          return attentionGradientOperation(inputs, {}).map((dx, i) =>
            tf.max(tf.abs(tf.sub(dx, composed[i]))),
          );
        });
        for (const largest of found) t.ok(largest.dataSync()[0] < 2e-6, `${largest.dataSync()[0]}`);
        tf.dispose(found);
      });
    }
  }
}
