/** Adam's rescaling as one operation: the moments of the composed form, and its updates within rounding, by every kind of kernels. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { adamStep } from '../../../lib/engine/index.js';
import { adamOperation } from '../../../lib/engine/operations/adam.js';
import { onEachEngine } from './eachEngine.js';
import { noise } from './settings.js';

t.test('moments are those of the composed form to the bit, updates within rounding', async (t) => {
  await onEachEngine((name) => {
    tf.tidy(() => {
      // More than one task of the kernel, and a part of one.
      const [grads, mu, nu] = [1, 2, 3].map((seed) => noise([300, 64], seed));
      const inputs = { grads, mu, nu: tf.square(nu), muShare: tf.scalar(0.271), nuShare: tf.scalar(0.003) };
      for (const epsRoot of [0, 1e-4]) {
        const attrs = { b1: 0.9, b2: 0.999, eps: 1e-8, epsRoot };
        const expected = adamOperation.compose(inputs, attrs);
        adamStep(inputs, attrs).forEach((found, i) => {
          const [values, right] = [found.dataSync(), expected[i].dataSync()];
          const allowed = i === 0 ? 1e-6 : 0;
          const isRight = values.every((x, at) => Math.abs(x - right[at]) <= allowed * Math.abs(right[at]));
          t.ok(isRight && values.length === right.length, `${name}, ${epsRoot}: ${i}`);
        });
      }
    });
  });
});
