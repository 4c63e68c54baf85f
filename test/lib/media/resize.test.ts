import t from 'tap';
import * as fc from '../../property.js';
import { type Picture, pictureOf } from '../../../lib/media/picture.js';
import { resizeCubic, resizeLinear } from '../../../lib/media/resize.js';
import { bytesOf, colabs, difference, pictureOfRgb, rgbOf } from '../../presets/colabs.js';

/** OpenCV's bicubic sums are in single precision: a value halfway between two may fall to the other side. */
const CUBIC = 1;

const resizes = { resizeCubic, resizeLinear };

t.test("bicubic resizing gives OpenCV's values", (t) => {
  let differing = 0;
  for (const { newWidth, newHeight, rgb, cubic, ...size } of colabs.resizes) {
    const found = rgbOf(resizeCubic(pictureOfRgb(size, bytesOf(rgb)), newWidth, newHeight));
    const expected = bytesOf(cubic);
    t.ok(difference(found, expected) <= CUBIC, `${size.width} × ${size.height}`);
    differing += found.filter((value, i) => value !== expected[i]).length;
  }
  t.ok(differing <= 5, `${differing} values differ at all`);
  t.end();
});

t.test("bilinear resizing gives OpenCV's values to the last bit", (t) => {
  for (const { newWidth, newHeight, rgb, linear, ...size } of colabs.resizes) {
    const found = rgbOf(resizeLinear(pictureOfRgb(size, bytesOf(rgb)), newWidth, newHeight));
    t.equal(difference(found, bytesOf(linear)), 0, `${size.width} × ${size.height}`);
  }
  t.end();
});

const side = fc.integer({ min: 1, max: 12 });
const pictures = fc
  .tuple(side, side)
  .chain(([width, height]) =>
    fc
      .uint8Array({ minLength: 4 * width * height, maxLength: 4 * width * height })
      .map((data): Picture => ({ width, height, data })),
  );

for (const [name, resize] of Object.entries(resizes)) {
  t.test(`${name} to the same size changes nothing, and leaves its input alone`, (t) => {
    fc.assert(
      fc.property(pictures, (picture) => {
        const before = [...picture.data];
        const { width, height, data } = resize(picture, picture.width, picture.height);
        t.strictSame([width, height, [...data]], [picture.width, picture.height, before]);
        return difference(picture.data, before) === 0;
      }),
      { numRuns: 30 },
    );
    t.end();
  });

  t.test(`${name} leaves one colour one colour, at any size`, (t) => {
    fc.assert(
      fc.property(side, side, side, side, fc.integer({ min: 0, max: 255 }), (w, h, newW, newH, value) => {
        const resized = resize(
          pictureOf(w, h, () => [value, value, value]),
          newW,
          newH,
        );
        return resized.data.length === 4 * newW * newH && rgbOf(resized).every((v) => v === value);
      }),
      { numRuns: 60 },
    );
    t.end();
  });

  t.test(`${name} of a mirrored picture is the mirrored result`, (t) => {
    const mirror = ({ width, height, data }: Picture) =>
      pictureOf(width, height, (x, y) => {
        const at = 4 * (y * width + width - 1 - x);
        return [data[at], data[at + 1], data[at + 2], data[at + 3]];
      });
    fc.assert(
      fc.property(pictures, side, side, (picture, w, h) => {
        const [one, other] = [resize(mirror(picture), w, h), mirror(resize(picture, w, h))];
        return difference(one.data, other.data) <= 1;
      }),
      { numRuns: 60 },
    );
    t.end();
  });
}

t.test('bicubic resizing overshoots at an edge, within [0, 255]', (t) => {
  const edge = (low: number, high: number) =>
    pictureOf(8, 1, (x) => (x < 4 ? [low, low, low] : [high, high, high]));
  const red = (picture: Picture) => rgbOf(resizeCubic(picture, 32, 1)).filter((_, i) => i % 3 === 0);
  t.ok(Math.min(...red(edge(100, 150))) < 100);
  t.ok(Math.max(...red(edge(100, 150))) > 150);
  t.equal(Math.min(...red(edge(0, 255))), 0);
  t.equal(Math.max(...red(edge(0, 255))), 255);
  t.end();
});

t.test('halving takes the mean of two by two, halves up', (t) => {
  const picture = pictureOf(2, 2, (x, y) => [[0, 1, 1, 0][2 * y + x], 2 * y + x, 255, 4]);
  t.strictSame([...resizeLinear(picture, 1, 1).data], [1, 2, 255, 4]);
  t.end();
});
