import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../lib/engine/index.js';
import { outline } from '../../lib/language/outline.js';
import { bias } from '../../modules/bias.js';
import { flatten, reshape } from '../../modules/reshape.js';

await engine();

const shapeOf = (layer: ReturnType<typeof reshape>, ...shape: number[]) =>
  outline(layer, [{ shape }]).outputs.shape;

t.test('the first axes are kept, and one size is worked out', async (t) => {
  t.same(shapeOf(reshape({ outputShape: [4, -1] }), 2, 3, 2, 4), [2, 4, 6]);
  t.same(shapeOf(reshape({ outputShape: [-1], preserveDims: -2 }), 2, 3, 4), [2, 12]);
  t.same(shapeOf(flatten(), 2, 3, 4), [2, 12]);
  t.same(shapeOf(flatten({ preserveDims: 3 }), 2, 3), [2, 3]);
});

t.test('sizes that do not fill the shape are refused', async (t) => {
  t.throws(() => shapeOf(reshape({ outputShape: [5, -1] }), 2, 3, 4), {
    message: 'reshape: x has sizes [3, 4], which do not fill [5, -1]',
  });
  t.throws(() => reshape({ outputShape: [-1, -1] }), { name: 'RangeError' });
  t.throws(() => flatten({ preserveDims: 0 }), { name: 'RangeError' });
});

t.test("a bias has its axes' sizes, from the first that is more than one on", async (t) => {
  const shape = (biasDims?: number[]) =>
    outline((s, x: tf.Tensor) => bias({ biasDims })(s, x), [{ shape: [2, 3, 4] }]).params.bias.b.shape;
  t.same([shape(), shape([]), shape([-1]), shape([1])], [[3, 4], [], [4], [3, 1]]);
  t.throws(() => shape([0]), { message: 'bias: a bias cannot run along the batch, axis 0' });
  t.throws(() => shape([3]), { name: 'ShapeError' });
});
