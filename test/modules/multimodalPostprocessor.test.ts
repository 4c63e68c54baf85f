import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../lib/engine/index.js';
import type { Params } from '../../lib/data/leaf.js';
import { outline } from '../../lib/language/outline.js';
import type { Scope } from '../../lib/language/scope.js';
import { transform } from '../../lib/language/transform.js';
import { audioPostprocessor } from '../../modules/audioPostprocessor.js';
import { multimodalPostprocessor, restructure } from '../../modules/multimodalPostprocessor.js';
import { projectionPostprocessor } from '../../modules/projectionPostprocessor.js';

await engine();

const x = tf.tensor3d([1, 2, 3], [1, 3, 1]);
const negated = multimodalPostprocessor({ b: (y: tf.Tensor) => tf.neg(y), a: (y: tf.Tensor) => y });

t.test('a sequence is taken apart in the order of names, whatever the order of the sizes', async (t) => {
  const { a, b } = restructure(x, { b: 1, a: 2 });
  t.same([[...a.dataSync()], [...b.dataSync()]], [[1, 2], [3]]);
});

t.test('each modality goes through its own postprocessor', async (t) => {
  const { a, b } = transform(negated).apply({} as Params, {}, x, { a: 2, b: 1 });
  t.same([[...a.dataSync()], [...b.dataSync()]], [[1, 2], [-3]]);
});

t.test('a record needs no sizes', async (t) => {
  const { b } = transform(negated).apply({} as Params, {}, { a: x, b: x });
  t.same([...b.dataSync()], [-1, -2, -3]);
});

t.test('postprocessors keep the paths that they were declared under', async (t) => {
  const layer = (s: Scope, y: tf.Tensor) =>
    multimodalPostprocessor({
      audio: s.declare(audioPostprocessor({ samplesPerPatch: 4 })),
      image: s.declare(projectionPostprocessor({ outputChannels: 3 })),
    })(s, y, { audio: 2, image: 3 });
  const { params, outputs } = outline(layer, [{ shape: [1, 5, 6] }]);
  t.same(Object.keys(params), ['audio_postprocessor/linear', 'projection_postprocessor/linear']);
  t.same(
    [outputs.audio.shape, outputs.image.shape],
    [
      [1, 8],
      [1, 3, 3],
    ],
  );
});

t.test('what does not fit is an error', async (t) => {
  const apply = (y: tf.Tensor, sizes?: Record<string, number>) =>
    transform(negated).apply({} as Params, {}, y, sizes);
  t.throws(() => apply(x), { message: /modalitySizes is missing/ });
  t.throws(() => apply(x, { a: 2, b: 2 }), {
    name: 'ShapeError',
    message: 'multimodal_postprocessor: x has 3 elements, the modalities a, b have 4',
  });
  t.throws(() => apply(x, { a: 3 }), { message: /no output for the modality 'b'/ });
});
