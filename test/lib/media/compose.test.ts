/** Pictures put together, coloured, compared: values by hand. */
import t from 'tap';
import { below, beside, enlarged, near, shrunk } from '../../../lib/media/compose.js';
import { heat } from '../../../lib/media/heat.js';
import { brightest, colourBar, overlay } from '../../../lib/media/overlay.js';
import { psnr } from '../../../lib/media/psnr.js';
import { type Picture, pictureOf } from '../../../lib/media/picture.js';

const ramp = pictureOf(2, 2, (x, y) => [100 * x, 50 * y, 7]);
const pixel = ({ width, data }: Picture, x: number, y: number) =>
  Array.from(data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4));

t.test('enlarging makes squares, shrinking means', async (t) => {
  const large = enlarged(ramp, 3);
  t.same([large.width, large.height], [6, 6]);
  t.same(
    [pixel(large, 2, 2), pixel(large, 3, 2), pixel(large, 5, 5)],
    [
      [0, 0, 7, 255],
      [100, 0, 7, 255],
      [100, 50, 7, 255],
    ],
  );
  t.same(pixel(shrunk(ramp, 2), 0, 0), [50, 25, 7, 255]);
  t.same(shrunk(large, 3), ramp);
});

t.test('a picture is brought near a size by whole factors', async (t) => {
  const sizeOf = (side: number, aim: number) =>
    near(
      pictureOf(side, side, () => [0, 0, 0]),
      aim,
    ).width;
  t.same(
    [sizeOf(8, 100), sizeOf(60, 100), sizeOf(100, 100), sizeOf(150, 100), sizeOf(230, 100)],
    [96, 60, 100, 150, 115],
  );
});

t.test('pictures stand beside and below each other, with nothing between', async (t) => {
  const [a, b] = [pictureOf(2, 1, () => [1, 2, 3]), pictureOf(1, 2, () => [4, 5, 6])];
  const row = beside([a, b], 2);
  t.same([row.width, row.height], [5, 2]);
  t.same(
    [pixel(row, 1, 0), pixel(row, 2, 0), pixel(row, 4, 1), pixel(row, 0, 1)],
    [
      [1, 2, 3, 255],
      [0, 0, 0, 0],
      [4, 5, 6, 255],
      [0, 0, 0, 0],
    ],
  );
  const column = below([a, b], 1);
  t.same([column.width, column.height], [2, 4]);
  t.same(
    [pixel(column, 1, 0), pixel(column, 0, 1), pixel(column, 0, 3)],
    [
      [1, 2, 3, 255],
      [0, 0, 0, 0],
      [4, 5, 6, 255],
    ],
  );
});

/** Lightness in CIELAB, another measure than the one that the colours were made by. Source: CIE 15. */
const lightness = (colour: readonly number[]): number => {
  const [red, green, blue] = colour.map((c) => (c <= 10 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 116 * Math.cbrt(0.2126 * red + 0.7152 * green + 0.0722 * blue + 1e-9) - 16;
};

t.test('the colours get lighter by about equal steps', async (t) => {
  const steps = Array.from({ length: 11 }, (_, i) => lightness(heat(i / 10)));
  for (let i = 1; i < steps.length; i++) {
    const step = steps[i] - steps[i - 1];
    t.ok(step > 4 && step < 15, `${i}: ${step}`);
  }
  t.same([heat(-1), heat(2), heat(NaN)], [heat(0), heat(1), heat(0)]);
});

t.test('colour is where attention is, the picture beneath', async (t) => {
  const grid = { width: 2, height: 1, weights: [0, 0.8] };
  const map = overlay(ramp, grid);
  const grey = 0.7 * 0.114 * 7;
  t.same(
    pixel(map, 0, 0).slice(0, 3),
    heat(0).map((value) => Math.round(0.55 * value + 0.45 * grey)),
  );
  t.ok(lightness(pixel(map, 1, 0)) > lightness(pixel(map, 0, 0)) + 50);
  t.not(pixel(map, 0, 1)[0], pixel(map, 0, 0)[0], 'the picture is seen');
  t.same(
    overlay(ramp, grid, { top: 1.6 }).data.slice(4, 7),
    heat(0.5).map((v) => Math.round(0.7 * v + 0.3 * 0.7 * (29.9 + 0.798))),
  );
});

t.test('cells that run into each other do so between their centres', async (t) => {
  const black = pictureOf(8, 1, () => [0, 0, 0]);
  const map = overlay(black, { width: 2, height: 1, weights: [0, 1] }, { isSmooth: true });
  const rows = Array.from({ length: 8 }, (_, x) => lightness(pixel(map, x, 0)));
  t.ok(rows.every((value, i) => i === 0 || value >= rows[i - 1]));
  t.same([rows[0], rows[7]], [rows[1], rows[6]]);
  t.ok(rows[3] > rows[1] && rows[4] > rows[3]);
});

t.test('a few large weights do not leave all others dark', async (t) => {
  const weights = Float32Array.from({ length: 1000 }, (_, i) => (i < 3 ? 100 : 1));
  t.equal(brightest({ weights }), 1);
  t.equal(brightest({ weights: [0, 3, 1] }), 3);
  const bar = colourBar(2, 5);
  t.same([pixel(bar, 0, 0).slice(0, 3), pixel(bar, 1, 4).slice(0, 3)], [[...heat(1)], [...heat(0)]]);
});

t.test('the signal-to-noise ratio is that of colours, over all pictures', async (t) => {
  const grey = (value: number, opacity = 255) => pictureOf(2, 1, () => [value, value, value, opacity]);
  t.equal(psnr([grey(10)], [grey(10, 0)]), Infinity);
  t.equal(psnr([grey(0)], [grey(255)]), 0);
  t.ok(Math.abs(psnr([grey(10), grey(10)], [grey(10), grey(20)]) - 10 * Math.log10(255 ** 2 / 50)) < 1e-9);
  t.throws(() => psnr([grey(1)], [ramp]), { message: 'picture 0 has 16 bytes of pixels, not 8' });
});
