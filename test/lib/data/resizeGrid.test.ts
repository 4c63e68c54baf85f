/**
 * Grids of vectors at another size: numbers that PyTorch 2.13 gave, rounded to 5 places, by
 * `F.interpolate(x, size=to, mode='bicubic', align_corners=False)`.
 */
import t from 'tap';
import { float32, sizeOf } from '../../../lib/data/array.js';
import { resizeGrid } from '../../../lib/data/resizeGrid.js';

const cases = [
  {
    from: [3, 4],
    to: [5, 2],
    channels: 2,
    // prettier-ignore
    expected: [-0.48262, 0.7108, -0.67475, -0.56318, -0.1165, 0.56397, -0.23418, -0.85631, 0.20539, 0.33454, 0.22569,
      -0.91612, -0.27887, 0.14551, -0.08009, 0.22745, -0.7428, 0.04027, -0.42785, 1.17338],
  },
  {
    from: [2, 2],
    to: [3, 3],
    channels: 1,
    expected: [-0.00488, 0.47222, 0.94932, -0.46566, 0.1242, 0.71405, -0.92643, -0.22382, 0.47878],
  },
  {
    from: [5],
    to: [8],
    channels: 1,
    expected: [-0.07812, 0.49073, 0.79352, -0.37665, -0.55686, 0.37849, 0.10736, -0.35289],
  },
];

/** The sine of the square of each place. */
const vectors = (points: number, channels: number) =>
  float32(
    [points, channels],
    Array.from({ length: points * channels }, (_, i) => Math.sin(i * i)),
  );

for (const { from, to, channels, expected } of cases)
  t.test(`[${from}] to [${to}] is what PyTorch gives`, async (t) => {
    const { shape, data } = resizeGrid(vectors(sizeOf(from), channels), from, to);
    t.same(shape, [sizeOf(to), channels]);
    const furthest = Math.max(...expected.map((value, i) => Math.abs(value - data[i])));
    t.ok(furthest < 2e-5, `${furthest}`);
  });

t.test('the same grid gives the same numbers', async (t) => {
  const given = vectors(6, 3);
  t.same(resizeGrid(given, [2, 3], [2, 3]), given);
});
