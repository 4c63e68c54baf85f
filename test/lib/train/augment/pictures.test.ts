/** Augmentation of pictures: Pillow's and the definitions' values, JAX's bicubic resizing, ranges, and keys. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { float32 } from '../../../../lib/data/array.js';
import { type Picture, pictureOf } from '../../../../lib/media/picture.js';
import { key } from '../../../../lib/random/index.js';
import * as colours from '../../../../lib/train/augment/colours.js';
import * as geometry from '../../../../lib/train/augment/geometry.js';
import { operations, randAugment } from '../../../../lib/train/augment/randAugment.js';
import { root } from '../../../project.js';

interface Golden {
  readonly width: number;
  readonly height: number;
  readonly pixels: readonly number[];
  readonly cases: Readonly<Record<string, readonly number[]>>;
  readonly big: { readonly pixels: readonly number[]; readonly equalize: number; readonly firsts: number[] };
}

const golden = JSON.parse(readFileSync(join(root, 'test', 'data', 'augment.json'), 'utf8')) as Golden;

const toPicture = (width: number, height: number, pixels: readonly number[]): Picture =>
  pictureOf(width, height, (x, y) => {
    const at = 3 * (y * width + x);
    return [pixels[at], pixels[at + 1], pixels[at + 2]];
  });
const valuesOf = ({ data }: Picture): number[] => [...data].filter((_, at) => at % 4 !== 3);

const { width, height } = golden;
const picture = toPicture(width, height, golden.pixels);

/** Operations by the names of their cases; `name1.5` calls `name` with 1.5. */
const named: Readonly<Record<string, (picture: Picture, amount: number) => Picture>> = {
  ...colours,
  ...geometry,
} as never;

t.test("operations give Pillow's values, and those of DeepMind's definitions", async (t) => {
  t.ok(Object.keys(golden.cases).length >= 18);
  for (const [name, wanted] of Object.entries(golden.cases)) {
    const [, operation, amount] = /^([a-zA-Z]+?)(-?[\d.]*)$/.exec(name) as RegExpExecArray;
    const found = valuesOf(named[operation](picture, Number(amount)));
    // Numbers of single precision, which DeepMind's code works in, may be cut one lower or higher.
    const most = /colour|autoContrast/.test(name) ? 1 : 0;
    const far = Math.max(...found.map((value, i) => Math.abs(value - wanted[i])));
    t.ok(far <= most, `${name} is ${far} away`);
    t.notSame(found, operation === 'equalize' ? [] : golden.pixels, `${name} does something`);
  }
  const { pixels, equalize, firsts } = golden.big;
  const spread = valuesOf(colours.equalize(toPicture(30, 40, pixels)));
  t.same(spread.slice(0, 30), firsts);
  t.equal(
    spread.reduce((a, b) => a + b),
    equalize,
  );
});

t.test("DeepMind's contrast blends with the number of pixels over 256", async (t) => {
  const grey = pictureOf(32, 32, () => [100, 100, 100]);
  t.equal(valuesOf(colours.contrast(grey, 0))[0], 4);
  t.equal(colours.contrast(grey, 1), grey);
});

t.test('RandAugment: enhancements of magnitude 5 change nothing, others do; a key decides', async (t) => {
  t.equal(Object.keys(operations).length, 16);
  const large = toPicture(30, 40, golden.big.pixels);
  const same = Object.entries(operations)
    .filter(([, operation]) => String(valuesOf(operation(large, 0.5, key(1)))) === String(valuesOf(large)))
    .map(([name]) => name);
  t.same(same, ['Color', 'Contrast', 'Brightness', 'Sharpness']);
  const shown = (seed: number) => String(valuesOf(randAugment(large, key(seed), { magnitude: 2 })));
  t.equal(shown(3), shown(3));
  t.ok(new Set([0, 1, 2, 3, 4, 5].map(shown)).size > 4);
  t.equal(randAugment(large, key(0), { numLayers: 0 }), large);
  t.throws(
    () => randAugment(large, key(0), { magnitude: 11 }),
    /magnitude is 11, expected a number from 0 to 10/,
  );
});

t.test('what is no picture, and ranges that cannot be, are refused', async (t) => {
  const grey = pictureOf(4, 4, () => [4, 4, 4]);
  const array = float32([4, 4, 3], new Float32Array(48)) as unknown as Picture;
  for (const [name, use] of Object.entries({
    randomCrop: () => geometry.randomCrop(array, key(0)),
    randomFlip: () => geometry.randomFlip(array, key(0)),
    resizeUnclamped: () => geometry.resizeUnclamped(array, 2, 2),
    randAugment: () => randAugment(array, key(0)),
  }))
    t.throws(use, new RegExp(`${name}: found .*, expected a picture`));
  t.throws(
    () => geometry.randomCrop(grey, key(0), { area: [0.5, 2] }),
    /area is \[0.5, 2\], expected two numbers/,
  );
  t.throws(
    () => geometry.randomCrop(grey, key(0), { aspect: [2, 1] }),
    /aspect is \[2, 1\], .* the smaller first/,
  );
  t.throws(() => geometry.resizeUnclamped(grey, 0, 2), /width is 0, expected a whole number from 1/);
});

t.test('cutout: a grey square, cut at the borders', async (t) => {
  const black = pictureOf(50, 50, () => [0, 0, 0]);
  for (let seed = 0; seed < 5; seed++) {
    const values = valuesOf(geometry.cutout(black, 10, key(seed)));
    const covered = values.filter((value) => value === 128).length / 3;
    t.ok(covered >= 100 && covered <= 400, `${covered} pixels`);
    t.ok(values.every((value) => value === 0 || value === 128));
  }
});

t.test("bicubic resizing gives JAX's values and leaves the range", async (t) => {
  // jax.image.resize of the pixels of numpy's default_rng(0).integers(0, 256, (5, 7, 3)), cubic, without antialiasing.
  const pixels = [
    217, 163, 130, 69, 78, 10, 19, 4, 44, 208, 166, 233, 128, 155, 248, 186, 161, 139, 143, 239, 71,
  ]
    .concat([208, 171, 0, 100, 219, 141, 8, 195, 186, 216, 44, 22, 220, 5, 138, 20, 76, 123, 108, 103, 7])
    .concat([1, 31, 2, 171, 134, 165, 65, 157, 195, 98, 117, 255, 206, 251, 97, 175, 243, 166, 215, 176, 180])
    .concat([99, 224, 34, 148, 184, 216, 134, 96, 79, 108, 124, 184, 227, 18, 239, 136, 91, 172, 146, 65, 82])
    .concat([184, 152, 129, 86, 194, 100, 84, 227, 67, 58, 182, 159, 12, 21, 96, 213, 102, 201, 81, 61, 202]);
  const small = toPicture(7, 5, pixels);
  const cases = [
    [3, 4, [121.9507, 118.88732, 49.73806, 209.411, 155.7456, 214.5685], 5006.711, 49.73806, 220.61523],
    [11, 9, [228.36775, 169.0866, 150.51265, 157.38963, 126.68254, 80.1895], 38599.559, -21.57645, 272.452],
  ] as const;
  for (const [w, h, firsts, sum, least, most] of cases) {
    const found = geometry.resizeUnclamped(small, w, h);
    firsts.forEach((value, i) => t.ok(Math.abs(found[i] - value) < 1e-3, `${found[i]} is ${value}`));
    t.ok(Math.abs(found.reduce((a, b) => a + b) - sum) < 0.05);
    t.ok(Math.abs(Math.min(...found) - least) < 1e-3);
    t.ok(Math.abs(Math.max(...found) - most) < 1e-3);
  }
});

t.test('crops keep to their ranges and to the picture, flips mirror half of the time', async (t) => {
  const size = { width: 60, height: 40 };
  let found = 0;
  for (let seed = 0; seed < 200; seed++) {
    const area = geometry.randomArea(size, key(seed));
    if (!area) continue;
    found += 1;
    const share = (area.width * area.height) / 2400;
    t.ok(share >= 0.1 && share <= 1, `a share of ${share}`);
    // Whole pixels move the aspect by at most half a pixel of each side.
    t.ok((area.width + 0.5) / area.height >= 0.75 && (area.width - 0.5) / area.height <= 4 / 3);
    t.ok(area.left >= 0 && area.top >= 0);
    t.ok(area.left + area.width <= 60 && area.top + area.height <= 40);
  }
  t.ok(found > 180);
  t.equal(geometry.randomArea({ width: 100, height: 2 }, key(0)), undefined, 'no crop of so flat a picture');
  t.same(valuesOf(geometry.mirrored(geometry.mirrored(picture))), valuesOf(picture));
  t.same(valuesOf(geometry.mirrored(picture)).slice(0, 3), golden.pixels.slice(3 * (width - 1), 3 * width));
  const flips = Array.from({ length: 100 }, (_, seed) => geometry.randomFlip(picture, key(seed)) !== picture);
  const count = flips.filter(Boolean).length;
  t.ok(count > 30 && count < 70, `${count} of 100`);
});
