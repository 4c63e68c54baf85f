/** Adam's rescaling as one operation: the numbers of the composed form, by every kind of kernels. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { adamStep } from '../../../lib/engine/index.js';
import { adamOperation } from '../../../lib/engine/operations/adam.js';
import { onEachEngine } from './eachEngine.js';
import { noise } from './settings.js';

t.test('updates and moments are those of the composed form, to the bit', async (t) => {
  await onEachEngine((name) => {
    tf.tidy(() => {
      // More than one task of the kernel, and a part of one.
      const [grads, mu, nu] = [1, 2, 3].map((seed) => noise([300, 64], seed));
      const inputs = { grads, mu, nu: tf.square(nu), muShare: tf.scalar(0.271), nuShare: tf.scalar(0.003) };
      for (const epsRoot of [0, 1e-4]) {
        const attrs = { b1: 0.9, b2: 0.999, eps: 1e-8, epsRoot };
        const expected = adamOperation.compose(inputs, attrs);
        adamStep(inputs, attrs).forEach((found, i) => {
          t.strictSame(found.dataSync(), expected[i].dataSync(), `${name}, ${epsRoot}: ${i}`);
        });
      }
    });
  });
});
