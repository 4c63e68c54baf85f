import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32 } from '../../lib/data/array.js';
import { engine } from '../../lib/engine/index.js';
import type { Params } from '../../lib/data/leaf.js';
import { transform } from '../../lib/language/transform.js';
import { audioPostprocessor } from '../../modules/audioPostprocessor.js';

await engine();

t.test('each element becomes a patch of samples, one after the other', async (t) => {
  const model = transform(audioPostprocessor({ samplesPerPatch: 2 }));
  const params = {
    'audio_postprocessor/linear': { w: float32([1, 2], [1, 10]), b: float32([2], [0, 100]) },
  } as unknown as Params;
  t.same(model.apply(params, {}, tf.tensor3d([[[1], [2], [3]]])).arraySync(), [[1, 110, 2, 120, 3, 130]]);
  t.throws(() => model.apply(params, {}, tf.zeros([1, 3])), {
    name: 'ShapeError',
    message: 'audio_postprocessor: x has shape [1, 3], expected [B, N, C]',
  });
});
