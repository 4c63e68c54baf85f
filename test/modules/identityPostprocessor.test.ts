import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../lib/engine/index.js';
import type { Params } from '../../lib/data/leaf.js';
import { transform } from '../../lib/language/transform.js';
import { identityPostprocessor } from '../../modules/identityPostprocessor.js';

await engine();

t.test('what comes in goes out', async (t) => {
  const y = transform(identityPostprocessor()).apply({} as Params, {}, tf.tensor1d([1, 2]));
  t.same([...y.dataSync()], [1, 2]);
});
