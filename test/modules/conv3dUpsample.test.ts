import t from 'tap';
import { outline } from '../../lib/language/outline.js';
import { conv3dUpsample } from '../../modules/conv3dUpsample.js';

const shapes = (numTimeUpsamples: number, numSpaceUpsamples: number) => {
  const layer = conv3dUpsample({ outputChannels: 2, numTimeUpsamples, numSpaceUpsamples });
  const { outputs, params } = outline(layer, [{ shape: [1, 3, 2, 4, 5] }]);
  return { output: outputs.shape, kernels: Object.values(params).map(({ w }) => w.shape.slice(3)) };
};

t.test('time and space double as often as each is asked to', async (t) => {
  t.same(shapes(1, 2).output, [1, 6, 8, 16, 2]);
  t.same(shapes(2, 1).output, [1, 12, 4, 8, 2]);
});

t.test('channels halve from layer to layer down to the output channels', async (t) => {
  t.same(shapes(1, 3).kernels, [
    [8, 5],
    [4, 8],
    [2, 4],
  ]);
});

t.test('nothing to double leaves videos as they are', async (t) => {
  t.same(shapes(0, 0), { output: [1, 3, 2, 4, 5], kernels: [] });
});

t.test('layers are numbered from 0 by name', async (t) => {
  const { params } = outline(
    conv3dUpsample({ outputChannels: 1, numTimeUpsamples: 2, numSpaceUpsamples: 0 }),
    [{ shape: [1, 1, 1, 1, 1] }],
  );
  t.same(Object.keys(params), ['conv3_d_upsample/conv3d_transpose_0', 'conv3_d_upsample/conv3d_transpose_1']);
});
