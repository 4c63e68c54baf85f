import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../lib/engine/index.js';
import type { Params } from '../../lib/data/leaf.js';
import { outline } from '../../lib/language/outline.js';
import { transform } from '../../lib/language/transform.js';
import { imagePostprocessor, type ImagePostprocessorOptions } from '../../modules/imagePostprocessor.js';

await engine();

const read = (options: ImagePostprocessorOptions, shape: number[]) => {
  const { outputs, params } = outline(imagePostprocessor(options), [{ shape }]);
  return { output: outputs.shape, paths: Object.keys(params) };
};

t.test('pixels pass as they are, as a grid where one is given', async (t) => {
  t.same(read({}, [1, 2, 3, 4]), { output: [1, 2, 3, 4], paths: [] });
  t.same(read({ inputShape: [2, 3] }, [5, 6, 4]).output, [5, 2, 3, 4]);
});

t.test('patches unfold', async (t) => {
  const layer = imagePostprocessor({
    pixels: { kind: 'patches', spatialUpsample: 2 },
    inputShape: [1, 2],
  });
  const y = transform(layer).apply({} as Params, {}, tf.reshape(tf.range(0, 8), [1, 2, 4]));
  t.same(y.arraySync(), [
    [
      [[0], [1], [4], [5]],
      [[2], [3], [6], [7]],
    ],
  ]);
});

t.test('convolutions are declared when the postprocessor is', async (t) => {
  const outputChannels = 3;
  t.same(read({ pixels: { kind: 'conv1x1', outputChannels, stride: 2 } }, [1, 5, 4, 2]), {
    output: [1, 3, 2, 3],
    paths: ['image_postprocessor/~/conv2_d'],
  });
  t.same(read({ pixels: { kind: 'conv2d', outputChannels } }, [1, 2, 5, 4, 2]), {
    output: [1, 2, 20, 16, 3],
    paths: [
      'image_postprocessor/~/conv2_d_upsample/~/transp_conv_1',
      'image_postprocessor/~/conv2_d_upsample/~/transp_conv_2',
    ],
  });
  const conv3d = { kind: 'conv3d', outputChannels, numTimeUpsamples: 1, numSpaceUpsamples: 1 } as const;
  t.same(read({ pixels: conv3d }, [1, 2, 5, 4, 2]), {
    output: [1, 4, 10, 8, 3],
    paths: ['image_postprocessor/~/conv3_d_upsample/conv3d_transpose_0'],
  });
});

t.test('what does not fit is an error', async (t) => {
  t.throws(() => read({ inputShape: [2, 3] }, [1, 7, 4]), {
    name: 'ShapeError',
    message: 'image_postprocessor: x has shape [1, 7, 4], expected [B, 6, C] for inputShape [2, 3]',
  });
  t.throws(() => read({ pixels: { kind: 'patches', spatialUpsample: 2 } }, [1, 2, 2, 3]), {
    name: 'ShapeError',
  });
  t.throws(() => imagePostprocessor({ pixels: { kind: 'raft' } as never }), {
    name: 'ConfigError',
    message: /kind 'pixels', 'patches', 'conv1x1', 'conv2d', 'conv3d'/,
  });
});
