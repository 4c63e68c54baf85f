import t from 'tap';
import { outline } from '../../lib/language/outline.js';
import { oneHotPreprocessor } from '../../modules/oneHotPreprocessor.js';

t.test('a label is a sequence of one element', async (t) => {
  const { outputs, params } = outline(oneHotPreprocessor(), [{ shape: [2, 700] }]);
  t.same(
    [outputs.inputs.shape, outputs.withoutPositions.shape],
    [
      [2, 1, 700],
      [2, 1, 700],
    ],
  );
  t.same(params, {});
});

t.test('anything but one vector for each example is an error', async (t) => {
  t.throws(() => outline(oneHotPreprocessor(), [{ shape: [2, 3, 700] }]), {
    name: 'ShapeError',
    message: 'one_hot_preprocessor: x has shape [2, 3, 700], expected [B, C]',
  });
});
