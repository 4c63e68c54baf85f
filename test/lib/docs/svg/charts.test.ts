import t from 'tap';
import * as fc from '../../../property.js';
import type { Growth } from '../../../../lib/docs/document.js';
import { showBytes, showCount, showFlops, showShare } from '../../../../lib/data/quantities.js';
import { shapeText } from '../../../../lib/docs/svg/boxes.js';
import { barChart, lineChart } from '../../../../lib/docs/svg/index.js';
import { drawnTexts, faults, isWithin, overlaps, viewBox } from './drawnTexts.js';

const point = (size: number, flops: number, theirs: number) => ({
  ...{ size, length: size, flops, bytes: 4 * flops, transformer: { flops: theirs, bytes: 4 * theirs } },
});
const growth: Growth = {
  what: 'length',
  published: 2048,
  points: [point(512, 5e9, 1e10), point(2048, 2e10, 16e10), point(8192, 8e10, 256e10)],
};

/** All that is wrong with a chart. */
const wrong = (svg: string): readonly string[] => {
  const texts = drawnTexts(svg);
  return [
    ...faults(svg),
    ...overlaps(texts).map(([a, b]) => `${a.text} on ${b.text}`),
    ...texts.filter((text) => !isWithin(text, viewBox(svg))).map(({ text }) => `${text} outside`),
  ];
};

t.test('figures are short', async (t) => {
  t.same([0, 64, 999.4, 999_940, 999_960, 12_345_678, 2.5e9, 7e15, 2e22].map(showCount), [
    '0',
    '64',
    '999.4',
    '999.9 k',
    '1.0 M',
    '12.3 M',
    '2.5 G',
    '7.0 P',
    '20000.0 E',
  ]);
  t.same([0, 0.0004, 0.003, 0.0996, 0.412, 1].map(showShare), [
    '0.0 %',
    '< 0.1 %',
    '0.3 %',
    '10.0 %',
    '41.2 %',
    '100.0 %',
  ]);
  t.same([[], [7], [2048, 768]].map(shapeText), ['one number', '7', '2,048 × 768']);
  t.equal(showFlops(39.52e9), '39.5 GFLOP');
  t.equal(showBytes(804e6), '804.0 MB');
  t.equal(showBytes(12), '12 B');
});

t.test('growth by the fourth power is a line that is twice as steep as by the square', async (t) => {
  const svg = lineChart(
    { ...growth, points: [1, 10, 100].map((n) => point(n, n ** 2, n ** 4)) },
    { of: 'flops' },
  );
  const rise = (name: string) => {
    const numbers = new RegExp(`class="${name}" d="([^"]*)"`)
      .exec(svg)![1]
      .match(/[\d.]+/g)!
      .map(Number);
    return numbers[1] - numbers.at(-1)!;
  };
  t.ok(Math.abs(rise('theirs') / rise('ours') - 2) < 0.01);
});

t.test('both lines are named, the published size is marked, all is said in words', async (t) => {
  const svg = lineChart(growth, { of: 'bytes', name: 'language', prefix: 'b' });
  const texts = drawnTexts(svg).map(({ text }) => text);
  for (const text of ['language', 'a Transformer of', 'published', '2,048', '100 GB'])
    t.ok(texts.includes(text), text);
  t.match(svg, 'length 2,048 (as published): 80.0 GB; a Transformer 640.0 GB.');
  t.same(wrong(svg), []);
});

t.test('texts of growth do not touch, whatever the points', async () => {
  const cost = fc
    .integer({ min: 1, max: 15 })
    .chain((power) => fc.integer({ min: 1, max: 999 }).map((n) => n * 10 ** power));
  const points = fc
    .uniqueArray(fc.integer({ min: 1, max: 100_000 }), { maxLength: 9 })
    .chain((sizes) =>
      fc.tuple(...sizes.map((size) => fc.tuple(cost, cost).map(([a, b]) => point(size, a, b)))),
    );
  fc.assert(
    fc.property(points, fc.nat(8), (points, i) => {
      const found = wrong(
        lineChart({ what: 'length', published: points[i]?.size ?? 7, points }, { of: 'flops' }),
      );
      if (found.length > 0) throw new Error(found.join('; '));
    }),
  );
});

const rows = Array.from({ length: 30 }, (_, i) => ({
  label: `block_${i}`,
  value: 100 * (i + 1),
  share: (i + 1) / 465,
}));
const format = showCount;

t.test('the largest parts have bars, the rest is one', async (t) => {
  const svg = barChart(rows, { title: 'Parameters', format, mostRows: 4 });
  const texts = drawnTexts(svg).map(({ text }) => text);
  t.same(texts, [
    'Parameters',
    'block_29',
    '3.0 k, 6.5 %',
    'block_28',
    '2.9 k, 6.2 %',
    'block_27',
    '2.8 k, 6.0 %',
    '27 others',
    '37.8 k, 81.3 %',
  ]);
  const widths = [...svg.matchAll(/class="bar"[^>]* width="([^"]*)"/g)].map(([, width]) => Number(width));
  t.ok(Math.abs(widths[3] / widths[0] - 37800 / 3000) < 0.01);
});

t.test('texts of bars do not touch, whatever the rows', async () => {
  const row = fc.record({
    label: fc.string({ maxLength: 60 }),
    value: fc.nat(1e9),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
      const found = wrong(barChart(rows, { title: 'Parameters', format }));
      if (found.length > 0) throw new Error(found.join('; '));
    }),
  );
});
