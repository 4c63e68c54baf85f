import t from 'tap';
import * as fc from '../../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import { normalizeFlowImage } from '../../../../presets/flow/run/colours.js';
import { type Size, stitch, tileStarts, tiles, tileWeights } from '../../../../presets/flow/run/tiles.js';
import type { Area } from '../../../../lib/media/picture.js';
import { bytesOf, colabs, difference, floatsOf, pictureOfRgb } from '../../colabs.js';

const published: Size = { width: 496, height: 368 };

const tilesOf = (picture: Size, tile: Size, overlap?: number): readonly Area[] => {
  const found = tiles(picture, tile, overlap);
  if (E.isLeft(found)) throw new Error(found.left.found);
  return found.right;
};

const corners = (areas: readonly Area[]) => areas.map(({ left, top }) => [left, top]);

/** A part of a field of flow [height, width, 2]. */
const cut = (field: Float32Array, width: number, area: Area): Float32Array => {
  const part = new Float32Array(area.width * area.height * 2);
  for (let y = 0; y < area.height; y++) {
    const from = 2 * ((area.top + y) * width + area.left);
    part.set(field.subarray(from, from + 2 * area.width), 2 * area.width * y);
  }
  return part;
};

t.test('a picture of exactly one tile is one tile', (t) => {
  t.strictSame(tilesOf(published, published), [{ left: 0, top: 0, ...published }]);
  t.strictSame(tileStarts(368, 368), [0]);
  t.strictSame(tileStarts(369, 368), [0, 1]);
  t.strictSame(tileStarts(368 + 348, 368), [0, 348]);
  t.strictSame(tileStarts(368 + 349, 368), [0, 348, 349]);
  t.end();
});

t.test("tiles are the colab's, without those that it computes twice or outside the picture", (t) => {
  const spared = colabs.flow.published.map(({ width, height, tiles: all }) => {
    const inside = all.filter(([x, y]) => x + published.width <= width && y + published.height <= height);
    const once = [...new Map(inside.map((corner) => [corner.join(), corner])).values()];
    t.strictSame(corners(tilesOf({ width, height }, published)), once, `${width} × ${height}`);
    return [width, height, all.length - once.length];
  });
  t.strictSame(spared, [
    [1024, 436, 0],
    [1222, 375, 0],
    [1280, 720, 0],
    [1920, 1080, 4],
    [972, 416, 2],
  ]);
  t.end();
});

const side = fc
  .tuple(
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 0, max: 200 }),
    fc.double({ min: 0, max: 0.99, noNaN: true }),
  )
  .map(([tile, more, part]) => ({ tile, length: tile + more, overlap: Math.floor(part * tile) }));

t.test(
  'tiles cover a side, ascend without repeating, overlap enough and end flush, and none can be spared',
  (t) => {
    fc.assert(
      fc.property(side, ({ tile, length, overlap }) => {
        const starts = tileStarts(length, tile, overlap);
        const steps = starts.slice(1).map((start, i) => start - starts[i]);
        const isFewest = (starts.length - 2) * (tile - overlap) + tile < length || starts.length === 1;
        return (
          starts[0] === 0 &&
          starts.at(-1) === length - tile &&
          steps.every((step) => step > 0 && tile - step >= overlap) &&
          isFewest
        );
      }),
      { numRuns: 500 },
    );
    t.end();
  },
);

t.test('a picture smaller than one tile is refused with both sizes', (t) => {
  for (const [width, height] of [
    [495, 400],
    [600, 367],
  ]) {
    t.strictSame(
      tiles({ width, height }, published),
      E.left({
        kind: 'input',
        where: 'images',
        found: `${width} × ${height} pixels`,
        expected: 'at least 496 × 368 pixels: pad or enlarge them',
      }),
    );
  }
  t.end();
});

t.test('tiles of 20 pixels or less overlap by half of them', (t) => {
  t.strictSame(tileStarts(16, 16), [0]);
  t.strictSame(tileStarts(40, 16), [0, 8, 16, 24]);
  t.strictSame(tileStarts(23, 21), [0, 1, 2]);
  t.strictSame(tileStarts(3, 1), [0, 1, 2]);
  t.end();
});

t.test('an overlap as large as the tile, or a side shorter than it, is a mistake', (t) => {
  t.throws(() => tileStarts(50, 20, 20), { message: 'an overlap of 20 is not less than a tile of 20' });
  t.throws(() => tileStarts(19, 20, 5), { message: 'a side of 19 is shorter than a tile of 20' });
  t.end();
});

t.test('weights grow from 1 at the border by 1 a pixel, alike on all sides', (t) => {
  t.strictSame(
    [...tileWeights({ width: 5, height: 4 })],
    [1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1],
  );
  const weights = tileWeights(published);
  t.equal(difference(weights, [...weights].reverse()), 0);
  t.equal(
    weights.reduce((a, b) => Math.max(a, b)),
    184,
  );
  t.end();
});

t.test('tiles cut from a field are stitched to that field, exactly', async () => {
  const sizes = fc.record({ across: side, down: side, seed: fc.integer({ min: 1, max: 1000 }) });
  await fc.assert(
    fc.asyncProperty(sizes, async ({ across, down, seed }) => {
      const picture = { width: across.length, height: down.length };
      const field = Float32Array.from(
        { length: 2 * picture.width * picture.height },
        (_, i) => Math.sin(seed * (i + 1)) * 40,
      );
      const tile = { width: across.tile, height: down.tile };
      const areas = tilesOf(picture, tile, Math.min(across.overlap, down.overlap));
      const stitched = await stitch(picture, areas, (area) => cut(field, picture.width, area));
      return difference(stitched, field) === 0;
    }),
    { numRuns: 25 },
  );
});

t.test("a stitched flow is the colab's", async (t) => {
  const { width, height, tile, overlap, first, second, tiles: expected, flow } = colabs.flow;
  const values = [first, second].map((packed) => {
    const pixels = normalizeFlowImage(pictureOfRgb({ width, height }, bytesOf(packed)));
    return Float32Array.from({ length: 2 * width * height }, (_, i) => pixels[3 * (i >> 1) + (i & 1)]);
  });
  const areas = tilesOf({ width, height }, { width: tile[0], height: tile[1] }, overlap);
  t.strictSame(corners(areas), expected);
  const orders: number[] = [];
  const stitched = await stitch({ width, height }, areas, async (area, index) => {
    orders.push(index);
    const [one, other] = values.map((value) => cut(value, width, area));
    return one.map((value, i) => value * (1 + other[i % 2]));
  });
  t.ok(difference(stitched, floatsOf(flow)) < 1e-6);
  t.strictSame(orders, [...areas.keys()], 'one tile after the other');
});

t.test('where tiles overlap the nearer to its middle counts more', async (t) => {
  const picture = { width: 6, height: 9 };
  const areas = tilesOf(picture, { width: 4, height: 9 }, 2);
  const flow = await stitch(picture, areas, (_, i) => new Float32Array(72).fill(i));
  const row = [...flow.subarray(48, 60)].filter((_, i) => i % 2 === 0);
  t.strictSame(row, [0, 0, Math.fround(1 / 3), Math.fround(2 / 3), 1, 1]);
});

t.test('a flow of another size than its tile is a mistake', async (t) => {
  const areas = tilesOf({ width: 4, height: 4 }, { width: 4, height: 4 }, 1);
  await t.rejects(
    stitch({ width: 4, height: 4 }, areas, () => new Float32Array(16)),
    { name: 'RangeError', message: 'the flow of a tile of 4 × 4 pixels has 16 values, not 32' },
  );
});
