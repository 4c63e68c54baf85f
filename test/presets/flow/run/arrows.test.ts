/** Flow as arrows: where they begin and end, what has no direction; the legend's colours. */
import t from 'tap';
import { pictureOf } from '../../../../lib/media/picture.js';
import { flowArrows, flowLegend } from '../../../../presets/flow/run/arrows.js';
import { flowPicture } from '../../../../presets/flow/run/colours.js';

const [width, height] = [32, 32];
const grey = pictureOf(width, height, () => [100, 100, 100]);

/** The pixels that are not the picture's own grey. */
const drawn = (x: number, y: number): string[] => {
  const data = Float32Array.from({ length: 2 * width * height }, (_, i) => (i % 2 === 0 ? x : y));
  const { data: pixels } = flowArrows(grey, { width, height, data });
  const paler = pixels[0]; // no arrow reaches the corner
  return Array.from({ length: width * height }, (_, i) => i)
    .filter((i) => pixels[4 * i] !== paler || pixels[4 * i + 1] !== paler)
    .map((i) => `${i % width},${Math.floor(i / width)}`);
};

t.test('an arrow reaches from its pixel to where it goes', async (t) => {
  const pixels = drawn(6, 0);
  for (const place of ['8,8', '14,8', '24,24', '30,24']) t.ok(pixels.includes(place), place);
  t.notOk(pixels.includes('15,8'));
  t.ok(
    pixels.some((place) => /^1[123],(6|7|9|10)$/.test(place)),
    'it has a head',
  );
});

t.test('pixels that stand still are dots, and arrows out of the picture are cut', async (t) => {
  t.same(drawn(0, 0.1), ['8,8', '24,8', '8,24', '24,24']);
  t.same(drawn(NaN, 0).length, 4);
  t.ok(drawn(0, 90).includes('8,31'));
});

t.test('the legend has the colours of the directions', async (t) => {
  const { width: side, data } = flowLegend(10);
  t.equal(side, 21);
  const at = (x: number, y: number) => [...data.subarray(4 * (21 * y + x), 4 * (21 * y + x) + 3)];
  t.same(at(10, 10), [255, 255, 255]);
  for (const [x, y, way] of [
    [20, 10, [24, 0]],
    [10, 20, [0, 24]],
    [0, 10, [-24, 0]],
    [10, 0, [0, -24]],
  ] as const)
    t.same(at(x, y), [...flowPicture(way, { width: 1, height: 1 }).data.subarray(0, 3)]);
});
