/** Pictures of strokes are like the pictures of the data set. */
import { readFileSync } from 'node:fs';
import * as fc from '../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { toFloat32 } from '../../../lib/data/array.js';
import { parseNpz } from '../../../lib/checkpoint/index.js';
import { heldOutDigits } from '../../../presets/digits/verify.js';
import { pictureOf, type Stroke } from '../../../site/try/strokes.js';
import { glyphs } from './glyphs.js';

const inkOf = (picture: Float32Array): number => picture.reduce((sum, value) => sum + value, 0);

const rowsOf = (picture: Float32Array): readonly Float32Array[] =>
  Array.from({ length: 8 }, (_, row) => picture.slice(row * 8, (row + 1) * 8));

t.test('nothing drawn is a picture without ink', async (t) => {
  t.same(Array.from(pictureOf([], 100)), Array(64).fill(0));
  t.same(Array.from(pictureOf([[]], 100)), Array(64).fill(0));
});

t.test('a line down is a bar in the middle, from top to bottom', async (t) => {
  const line: Stroke = [
    { x: 20, y: 10 },
    { x: 20, y: 60 },
  ];
  for (const row of rowsOf(pictureOf([line], 100)).slice(1, -1))
    t.same(
      Array.from(row, (value) => value > 0.5),
      [false, false, false, true, true, false, false, false],
    );
});

t.test('a dot is a spot in the middle', async (t) => {
  const picture = pictureOf([[{ x: 90, y: 5 }]], 100);
  t.ok(picture[3 * 8 + 3] > 0.5 && picture[4 * 8 + 4] > 0.5);
  t.equal(picture[0], 0);
  t.equal(picture[7 * 8 + 7], 0);
});

t.test('as much ink as in held-out pictures, within their own spread', async (t) => {
  const arrays = parseNpz(readFileSync(heldOutDigits));
  if (E.isLeft(arrays)) throw new Error('the held-out digits cannot be read');
  const images = toFloat32(Object.fromEntries(arrays.right).images);
  const inks = Array.from({ length: images.length / 64 }, (_, i) =>
    inkOf(images.slice(i * 64, (i + 1) * 64)),
  );
  const mean = inks.reduce((sum, ink) => sum + ink, 0) / inks.length;
  const spread = Math.sqrt(inks.reduce((sum, ink) => sum + (ink - mean) ** 2, 0) / inks.length);
  for (const [digit, strokes] of glyphs.entries())
    t.ok(Math.abs(inkOf(pictureOf(strokes, 1)) - mean) < spread, `of a ${digit}`);
});

t.test('where and how large it is drawn does not matter', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: -5, max: 5 }),
      fc.integer({ min: -5, max: 5 }),
      fc.constantFrom(0.5, 1, 2),
      (digit, dx, dy, scale) => {
        const moved = glyphs[digit].map((stroke) =>
          stroke.map(({ x, y }) => ({ x: x * scale + dx, y: y * scale + dy })),
        );
        const [a, b] = [pictureOf(glyphs[digit], 1), pictureOf(moved, 1)];
        return a.every((value, i) => Math.abs(value - b[i]) <= 2 / 16); // bits on the pen's very edge
      },
    ),
    { numRuns: 50 },
  );
});

t.test('pixels are sixteenths from 0 to 1', async (t) => {
  for (const strokes of glyphs)
    for (const value of pictureOf(strokes, 1)) t.ok(value >= 0 && value <= 1 && Number.isInteger(16 * value));
});
