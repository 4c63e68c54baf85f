import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32 } from '../../lib/data/array.js';
import { engine } from '../../lib/engine/index.js';
import type { Params } from '../../lib/data/leaf.js';
import { transform } from '../../lib/language/transform.js';
import { classificationPostprocessor } from '../../modules/classificationPostprocessor.js';

await engine();

t.test('the first element gives the logits', async (t) => {
  const model = transform(classificationPostprocessor({ numClasses: 2 }));
  const params = {
    'classification_postprocessor/linear': { w: float32([1, 2], [1, 10]), b: float32([2], [0, 100]) },
  } as unknown as Params;
  t.same(
    model
      .apply(
        params,
        {},
        tf.tensor3d([
          [[1], [9]],
          [[2], [9]],
        ]),
      )
      .arraySync(),
    [
      [1, 110],
      [2, 120],
    ],
  );
  t.throws(() => model.apply(params, {}, tf.zeros([1, 3])), { name: 'ShapeError' });
  t.throws(() => classificationPostprocessor({ numClasses: 0 }), { name: 'ConfigError' });
});
