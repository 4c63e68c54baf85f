import t from 'tap';
import * as fc from '../property.js';
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../../lib/data/array.js';
import { engine } from '../../lib/engine/index.js';
import { extractPatches, patchesForFlow } from '../../modules/patches.js';
import { spaceToDepth } from '../../modules/spaceToDepth.js';

await engine();

const counting = (shape: number[]) => tf.reshape(tf.range(1, sizeOf(shape) + 1), shape);

t.test('a patch is read row by row, and what lies outside is zero', async (t) => {
  const y = extractPatches(counting([1, 2, 3, 1]), { sizes: 3, padding: 'SAME' });
  t.same(y.shape, [1, 2, 3, 9]);
  t.same([...y.dataSync()].slice(0, 9), [0, 0, 0, 0, 1, 2, 0, 4, 5]);
  t.same([...y.dataSync()].slice(-9), [2, 3, 0, 5, 6, 0, 0, 0, 0]);
});

t.test("a pixel's channels stay together", async (t) => {
  const y = extractPatches(counting([1, 2, 2, 2]), { sizes: [1, 2] });
  t.same(y.shape, [1, 2, 1, 4]);
  t.same([...y.dataSync()], [1, 2, 3, 4, 5, 6, 7, 8]);
});

t.test('rates leave out pixels between, strides whole patches', async (t) => {
  const y = extractPatches(counting([1, 1, 7, 1]), { sizes: [1, 2], strides: [1, 2], rates: [1, 3] });
  t.same([...y.dataSync()], [1, 4, 3, 6]);
});

t.test('patches side by side are space to depth', async () => {
  const size = fc.integer({ min: 1, max: 3 });
  fc.assert(
    fc.property(fc.tuple(size, size, size, size, size), ([b, h, w, c, side]) =>
      tf.tidy(() => {
        const x = counting([b, h * side, w * side, c]);
        const patches = extractPatches(x, { sizes: side, strides: side });
        return tf.max(tf.abs(tf.sub(patches, spaceToDepth(x, { spatial: side })))).dataSync()[0] === 0;
      }),
    ),
    { numRuns: 20 },
  );
});

t.test("the flow model's patches are 3 × 3 neighbourhoods, frame by frame", async (t) => {
  const video = counting([1, 2, 2, 2, 1]);
  const y = patchesForFlow(video);
  t.same(y.shape, [1, 2, 2, 2, 9]);
  t.same([...y.dataSync()].slice(0, 9), [0, 0, 0, 0, 1, 2, 0, 3, 4]);
  t.same([...y.dataSync()].slice(36, 45), [0, 0, 0, 0, 5, 6, 0, 7, 8]);
});

t.test('inputs that do not fit are errors', async (t) => {
  t.throws(() => extractPatches(tf.zeros([2, 2, 1]), { sizes: 2 }), {
    name: 'ShapeError',
    message: 'images has shape [2, 2, 1], expected [B, H, W, C]',
  });
  t.throws(() => extractPatches(tf.zeros([1, 2, 2, 1]), { sizes: 3 }), {
    name: 'ShapeError',
    message: 'a window of 3 does not fit into 2',
  });
  t.throws(() => extractPatches(tf.zeros([1, 2, 2, 1]), { sizes: [1, 2, 2, 1] }), {
    message: 'sizes has 4 numbers, expected 2',
  });
  t.throws(() => patchesForFlow(tf.zeros([1, 2, 2, 1])), { name: 'ShapeError' });
});
