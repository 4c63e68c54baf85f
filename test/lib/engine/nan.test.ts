/** NaN goes through every engine as through NumPy. */
import t, { type Test } from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine, tidy } from '../../../lib/engine/index.js';
import { onEachEngine } from './eachEngine.js';
import { nanCases, numbersOf, values } from './nanCases.js';

const check = (t: Test, engineName: string): void =>
  nanCases.forEach(({ name, f, expected }) => {
    const found = tidy(() => tf.tensor1d(numbersOf(f(tf.tensor2d(values, [4, 4])))).arraySync());
    t.same(found, expected, `${name}, ${engineName}`);
  });

t.test('NaN stays NaN, and is the first of a row', async (t) => {
  await onEachEngine((name) => check(t, name));
  await engine({ backend: 'cpu' });
  check(t, 'plain JavaScript');
});
