/** Pictures as arrays for networks. */
import t from 'tap';
import { pictureOf, pixelsOf } from '../../../lib/media/index.js';

const picture = pictureOf(2, 1, (x) => (x ? [255, 0, 51] : [0, 0, 0, 0]));

t.test('colours are from 0 to 1, and what is transparent is white', async (t) => {
  const { shape, dtype, data } = pixelsOf(picture, [1, 2, 3]);
  t.same([shape, dtype], [[1, 2, 3], 'float32']);
  t.same([...data], [1, 1, 1, 1, 0, Math.fround(0.2)]);
});

t.test('one channel is luminance, and sides are those of the shape', async (t) => {
  const [white, red] = pixelsOf(picture, [1, 2, 1]).data;
  t.ok(Math.abs(white - 1) < 1e-6 && Math.abs(red - (0.299 + 0.2 * 0.114)) < 1e-6);
  const even = pixelsOf(
    pictureOf(9, 5, () => [51, 51, 51]),
    [4, 3, 3],
  );
  t.same(even.shape, [4, 3, 3]);
  t.ok(even.data.every((value) => Math.abs(value - 0.2) < 1e-6));
});

t.test('other shapes are refused', async (t) => {
  for (const shape of [
    [0, 2, 3],
    [2, 2, 4],
    [2, 2],
    [2.5, 2, 1],
  ])
    t.throws(
      () => pixelsOf(picture, shape as never),
      /^pixelsOf: shape is \[.*\], expected \[height, width, 1 or 3\]/,
    );
});
