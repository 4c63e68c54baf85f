import t from 'tap';
import * as E from 'fp-ts/lib/Either.js';
import { checkPicture, crop, pictureOf, pixelValues } from '../../../lib/media/picture.js';

const numbered = pictureOf(4, 3, (x, y) => [10 * y + x, 100, 200]);

t.test('a picture of a function has four bytes a pixel, row by row, opaque', (t) => {
  const { width, height, data } = pictureOf(2, 2, (x, y) => [x, y, 300]);
  t.strictSame([width, height], [2, 2]);
  t.strictSame([...data], [0, 0, 255, 255, 1, 0, 255, 255, 0, 1, 255, 255, 1, 1, 255, 255]);
  t.end();
});

t.test('a crop holds the pixels of its area', (t) => {
  const part = crop(numbered, { left: 1, top: 1, width: 2, height: 2 });
  t.strictSame(
    [...part.data].filter((_, i) => i % 4 === 0),
    [11, 12, 21, 22],
  );
  t.strictSame([part.width, part.height], [2, 2]);
  t.throws(() => crop(numbered, { left: 3, top: 0, width: 2, height: 1 }), {
    name: 'RangeError',
    message: '2 × 1 pixels at (3, 0) reach outside 4 × 3 pixels',
  });
  t.throws(() => crop(numbered, { left: -1, top: 0, width: 2, height: 1 }), RangeError);
  t.end();
});

t.test('pixels become numbers channel by channel, without opacity', (t) => {
  const picture = pictureOf(2, 1, (x) => [1 + x, 10, 100, 7]);
  t.strictSame(
    [...pixelValues(picture, (value, channel) => value + channel / 2)],
    [1, 10.5, 101, 2, 10.5, 101],
  );
  t.end();
});

t.test('a picture with too few bytes, or of no size, is refused with what was found', (t) => {
  t.strictSame(checkPicture('image', numbered), E.right(numbered));
  t.strictSame(
    checkPicture('frame 3', { width: 2, height: 2, data: new Uint8Array(12) }),
    E.left({
      kind: 'input',
      where: 'frame 3',
      found: '12 bytes of pixels',
      expected: '16 bytes, 4 for each of 2 × 2 pixels',
    }),
  );
  for (const width of [0, -1, 1.5, NaN]) {
    t.match(checkPicture('image', { width, height: 2, data: new Uint8Array(0) }), {
      left: { found: `${width} × 2 pixels` },
    });
  }
  t.end();
});
