import t from 'tap';
import * as fc from '../property.js';
import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../../lib/data/array.js';
import { engine } from '../../lib/engine/index.js';
import { depthToSpace, spaceToDepth } from '../../modules/spaceToDepth.js';

await engine();

const counting = (shape: number[]) => tf.reshape(tf.range(0, sizeOf(shape)), shape);

t.test('a block becomes channels row by row', async (t) => {
  const y = spaceToDepth(counting([1, 2, 4, 1]), { spatial: 2 });
  t.same(y.shape, [1, 1, 2, 4]);
  t.same([...y.dataSync()], [0, 1, 4, 5, 2, 3, 6, 7]);
});

t.test("a video's block is frame by frame, then row by row, with a pixel's channels together", async (t) => {
  const y = spaceToDepth(counting([1, 2, 2, 2, 2]), { spatial: 2, temporal: 2 });
  t.same(y.shape, [1, 1, 1, 1, 16]);
  t.same(
    [...y.dataSync()],
    Array.from({ length: 16 }, (_, i) => i),
  );
  const frames = spaceToDepth(counting([1, 4, 1, 2, 1]), { temporal: 2 });
  t.same(frames.shape, [1, 2, 1, 2, 2]);
  t.same([...frames.dataSync()], [0, 2, 1, 3, 4, 6, 5, 7]);
});

t.test('images have no frames to merge', async (t) => {
  t.same(spaceToDepth(counting([1, 2, 2, 3]), { spatial: 2, temporal: 7 }).shape, [1, 1, 1, 12]);
});

t.test('depthToSpace takes back what spaceToDepth did', async (t) => {
  const size = fc.integer({ min: 1, max: 3 });
  fc.assert(
    fc.property(fc.tuple(size, size, size, size, size, size, size), ([b, f, h, w, c, spatial, temporal]) =>
      tf.tidy(() => {
        const block = { spatial, temporal };
        const image = counting([b, h * spatial, w * spatial, c]);
        const video = counting([b, f * temporal, h * spatial, w * spatial, c]);
        for (const x of [image, video]) {
          const y = depthToSpace(spaceToDepth(x, block), block);
          t.same(y.shape, x.shape);
          if (tf.max(tf.abs(tf.sub(x, y))).dataSync()[0] !== 0) return false;
        }
        return true;
      }),
    ),
    { numRuns: 30 },
  );
});

t.test('a block that does not divide the image is an error', async (t) => {
  t.throws(() => spaceToDepth(tf.zeros([1, 5, 4, 1]), { spatial: 2 }), {
    name: 'ShapeError',
    message: 'the height is 5, which the spatial block (2) does not divide',
  });
  t.throws(() => spaceToDepth(tf.zeros([1, 3, 4, 4, 1]), { temporal: 2 }), { name: 'ShapeError' });
  t.throws(() => depthToSpace(tf.zeros([1, 2, 2, 6]), { spatial: 2 }), {
    name: 'ShapeError',
    message: "the number of channels is 6, which the block's size (4) does not divide",
  });
});

t.test('anything but images and videos is an error', async (t) => {
  t.throws(() => spaceToDepth(tf.zeros([2, 2, 2])), {
    name: 'ShapeError',
    message: 'frames have shape [2, 2, 2], expected [B, H, W, C] or [B, T, H, W, C]',
  });
  t.throws(() => depthToSpace(tf.zeros([2, 2])), { name: 'ShapeError' });
});
