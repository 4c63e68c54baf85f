/** Block matching: whole and half pixels of a known motion, and equal sums. */
import t from 'tap';
import { float32 } from '../../../../lib/data/array.js';
import { blockMatching } from '../../../../presets/flow/recipe/blockMatching.js';

const side = 12;

/** Smooth waves, moved to the right and down. */
const waves = (right: number, down: number) =>
  float32(
    [side, side, 1],
    Float32Array.from({ length: side ** 2 }, (_, i) => {
      const [x, y] = [(i % side) - right, Math.floor(i / side) - down];
      return Math.sin(x) + Math.cos(0.9 * y + 0.3 * x);
    }),
  );

/** The flow of the middle 4 × 4 pixels, whose blocks are within the frames. */
const middle = (data: Float32Array, channel: number): number[] =>
  Array.from(data).filter((_, at) => {
    const [x, y] = [Math.floor(at / 2) % side, Math.floor(at / 2 / side)];
    return at % 2 === channel && [x, y].every((place) => place >= 4 && place < 8);
  });

t.test('whole pixels are found to a fifth, and halves to a third of a pixel', async (t) => {
  for (const [right, down, most] of [
    [1, -2, 0.2],
    [-2, 0, 0.2],
    [0.5, 1, 0.34],
  ]) {
    const { data } = blockMatching(waves(0, 0), waves(right, down), { block: 5, reach: 2 });
    for (const found of middle(data, 0)) t.ok(Math.abs(found - right) < most, `${found} is ${right}`);
    for (const found of middle(data, 1)) t.ok(Math.abs(found - down) < most, `${found} is ${down}`);
  }
});

t.test('frames without texture stand still, and blocks have a middle', async (t) => {
  const flat = float32([4, 4, 1], new Float32Array(16).fill(0.5));
  t.same([...blockMatching(flat, flat, { block: 3, reach: 1 }).data], new Array(32).fill(0));
  t.throws(() => blockMatching(flat, flat, { block: 4, reach: 1 }), {
    message: 'blockMatching: block is 4, expected an odd number from 1',
  });
});
