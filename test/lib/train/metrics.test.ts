import t from 'tap';
import { readFileSync } from 'node:fs';
import { float32, type HostArray, int32 } from '../../../lib/data/array.js';
import { metrics } from '../../../lib/train/index.js';

type Figure = ReturnType<typeof metrics.mean>;

/** Figures of scikit-learn: see test/data/scikitLearn.py. */
const stored = JSON.parse(readFileSync('test/data/scikitLearn.json', 'utf8')) as {
  readonly labels: readonly number[];
  readonly logits: readonly (readonly number[])[];
  readonly there: readonly (readonly number[])[];
} & Readonly<Record<string, number>>;

const count = stored.labels.length;
const width = stored.logits[0].length;

/** Some examples, filled up to a batch with others of weight 0. */
interface Part {
  readonly logits: HostArray;
  readonly labels: HostArray;
  readonly there: HostArray;
  readonly first: HostArray;
  readonly second: HostArray;
  readonly yes: HostArray;
  readonly no: HostArray;
  readonly found: HostArray;
  readonly weights: HostArray;
}

const partOf = (rows: readonly number[], size: number): Part => {
  const padded = [...rows, ...Array.from({ length: size - rows.length }, () => 0)];
  const of = (f: (row: number) => readonly number[]): number[] => padded.flatMap((row) => [...f(row)]);
  const logits = (row: number): readonly number[] => stored.logits[row];
  const argmax = (row: number): number => logits(row).indexOf(Math.max(...logits(row)));
  return {
    logits: float32([size, width], of(logits)),
    labels: int32(
      [size],
      of((row) => [stored.labels[row]]),
    ),
    there: int32(
      [size, width],
      of((row) => stored.there[row]),
    ),
    first: float32(
      [size],
      of((row) => [logits(row)[0]]),
    ),
    second: float32(
      [size],
      of((row) => [logits(row)[1]]),
    ),
    yes: int32(
      [size],
      of((row) => [stored.there[row][0]]),
    ),
    no: int32(
      [size],
      of((row) => [logits(row)[0] > 0 ? 1 : 0]),
    ),
    found: int32(
      [size],
      of((row) => [argmax(row)]),
    ),
    weights: float32(
      [size],
      padded.map((_, i) => (i < rows.length ? 1 : 0)),
    ),
  };
};

const figures: Readonly<Record<string, (part: Part) => Figure>> = {
  accuracy: ({ logits, labels, weights }) => metrics.topKAccuracy(logits, labels, { weights }),
  top2: ({ logits, labels, weights }) => metrics.topKAccuracy(logits, labels, { k: 2, weights }),
  meanAveragePrecision: ({ logits, there, weights }) =>
    metrics.meanAveragePrecision(logits, there, { weights }),
  matthews: ({ found, labels, weights }) => metrics.matthews(found, labels, { numClasses: width, weights }),
  matthewsOfTwo: ({ yes, no, weights }) => metrics.matthews(no, yes, { weights }),
  f1: ({ yes, no, weights }) => metrics.f1(no, yes, { weights }),
  pearson: ({ first, second, weights }) => metrics.pearson(first, second, { weights }),
  psnr: ({ first, second, weights }) => metrics.psnr(first, second, { range: 2, weights }),
  bitsPerByte: ({ second, weights }) => metrics.bitsPerByte(second, { weights }),
  mean: ({ first, weights }) => metrics.mean(first, { weights }),
};

/** A figure over all examples, batch by batch. */
const over = (name: string, batchSize: number): number => {
  const rows = Array.from({ length: count }, (_, i) => i);
  const parts = Array.from({ length: Math.ceil(count / batchSize) }, (_, i) =>
    figures[name](partOf(rows.slice(i * batchSize, (i + 1) * batchSize), batchSize)),
  );
  return parts.reduce((a, b) => a.merge(b)).value;
};

t.test('figures are those of scikit-learn', async (t) => {
  for (const name of Object.keys(figures).filter((each) => each in stored))
    t.ok(Math.abs(over(name, count) - stored[name]) < 1e-6, `${name}: ${over(name, count)}, ${stored[name]}`);
  t.equal(Object.keys(figures).filter((each) => each in stored).length, 7);
});

t.test('batches of 1, 7 and 64 examples give one figure, the last one filled up', async (t) => {
  for (const name of Object.keys(figures)) {
    const whole = over(name, count);
    for (const batchSize of [1, 7, 64])
      t.ok(Math.abs(over(name, batchSize) - whole) < 1e-9, `${name}, ${batchSize}`);
  }
});

t.test('figures by their definitions', async (t) => {
  const [a, b] = [float32([2, 2], [0, 0, 3, 4]), float32([2, 2], [0, 0, 0, 0])];
  t.equal(metrics.meanEndPointError(a, b).value, 2.5);
  t.equal(metrics.meanEndPointError(a, b, { weights: float32([2], [1, 0]) }).value, 0);
  t.ok(Math.abs(metrics.psnr(a, b, { range: 5 }).value - 10 * Math.log10(25 / 6.25)) < 1e-12);
  t.ok(Math.abs(metrics.bitsPerByte(float32([2], [Math.LN2, Math.LN2]), { bytes: 4 }).value - 0.5) < 1e-6);
  t.equal(metrics.mean(float32([2], [1, 3]), { weights: float32([2], [3, 1]) }).value, 1.5);
  t.equal(metrics.matthews(int32([2], [1, 1]), int32([2], [0, 1])).value, 0);
  t.equal(metrics.f1(int32([2], [0, 0]), int32([2], [0, 0])).value, 0);
});

t.test('weights are shares in average precision; correlations far from 0 keep their digits', async (t) => {
  const [scores, labels] = [float32([4, 1], [0.9, 0.8, 0.7, 0.6]), int32([4, 1], [1, 0, 1, 0])];
  const weighted = metrics.meanAveragePrecision(scores, labels, { weights: float32([4], [1, 5, 1, 1]) });
  t.ok(Math.abs(weighted.value - 9 / 14) < 1e-12, `scikit-learn's with sample_weight: ${weighted.value}`);
  const rows = Array.from({ length: 200 }, (_, i) => i);
  const far = (shift: number) => Float32Array.from(rows, (i) => 10 * Math.sin(i + shift) + 1e7);
  const [x, y] = [far(0), far(0.5)];
  const middle = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / 200;
  const sum = (a: Float32Array, b: Float32Array) =>
    rows.reduce((total, i) => total + (a[i] - middle(a)) * (b[i] - middle(b)), 0);
  const expected = sum(x, y) / Math.sqrt(sum(x, x) * sum(y, y));
  const part = (from: number, to: number) =>
    metrics.pearson(float32([to - from], x.slice(from, to)), float32([to - from], y.slice(from, to)));
  for (const found of [part(0, 200), part(0, 7).merge(part(7, 200))])
    t.ok(Math.abs(found.value - expected) < 1e-10, `${found.value}, ${expected}`);
});

t.test('figures of different metrics or options are not merged', async (t) => {
  const [two, classes] = [float32([2], [1, 2]), int32([2], [0, 1])];
  t.throws(
    () => metrics.f1(classes, classes).merge(metrics.pearson(two, two)),
    /merge: found a figure of Pearson, expected one of F1/,
  );
  const psnr = (range: number) => metrics.psnr(two, two, { range });
  t.throws(() => psnr(1).merge(psnr(2)), /of range 2, expected one of peak .* of range 1/);
});

t.test('of equal scores the first class counts as the higher', async (t) => {
  const scores = float32([1, 3], [1, 1, 1]);
  const right = (label: number, k: number): number =>
    metrics.topKAccuracy(scores, int32([1], [label]), { k }).value;
  t.same([right(0, 1), right(1, 1), right(1, 2), right(2, 2)], [1, 0, 1, 0]);
});

t.test('shapes and classes that do not fit are refused', async (t) => {
  const two = float32([2], [1, 2]);
  t.throws(
    () => metrics.mean(two, { weights: float32([3], [1, 1, 1]) }),
    /weights are \[3\], expected one for each of 2 values \[2\]/,
  );
  t.throws(() => metrics.pearson(two, float32([3], [1, 2, 3])), /\[2\] and \[3\], expected the same shape/);
  t.throws(
    () => metrics.f1(int32([1], [2]), int32([1], [0])),
    /f1: found class 2 of example 0: expected an integer from 0 to 1; classes count from 0/,
  );
  t.throws(
    () => metrics.topKAccuracy(float32([1, 2], [1, 2]), int32([2], [0, 1])),
    /labels \[2\] for logits \[1, 2\]/,
  );
  const scores = float32([2, 3], [1, 2, 3, 4, 5, 6]);
  for (const label of [3, -1, 0.5, NaN])
    t.throws(
      () => metrics.topKAccuracy(scores, float32([2], [0, label])),
      `topKAccuracy: label ${label} of example 1: expected an integer from 0 to 2`,
    );
  t.throws(() => metrics.matthews(float32([1], [0.5]), int32([1], [0])), /found class 0.5 of example 0/);
  t.throws(() => metrics.meanAveragePrecision(two, two), /scores are \[2\], expected \[B, C\]/);
  const rows = float32([1, 2], [0, 2]);
  t.throws(() => metrics.meanAveragePrecision(rows, rows), /label 2 of example 0: expected .* 0 to 1/);
  t.throws(
    () => metrics.topKAccuracy(scores, int32([2], [0, 1]), { k: 0 }),
    /k is 0, expected a whole number/,
  );
  t.throws(() => metrics.psnr(scores, scores, { range: 0 }), /range is 0, expected a number above 0/);
  t.throws(() => metrics.meanEndPointError(scores, scores), /flows are \[2, 3\], expected \[..., 2\]/);
  t.throws(
    () => metrics.mean(two, { weights: float32([2], [1, NaN]) }),
    /weight 1 is NaN, expected a number/,
  );
});

t.test('weights are for each value or for each example', async (t) => {
  const values = float32([2, 2], [1, 2, 3, 6]);
  t.equal(metrics.mean(values, { weights: float32([2], [1, 0]) }).value, 1.5);
  t.equal(metrics.mean(values, { weights: float32([2, 2], [1, 0, 0, 1]) }).value, 3.5);
});

t.test('numbers that are not finite are refused with their place, except those of weight 0', async (t) => {
  const whole = float32([4, 2], [1, 2, 4, 3, 5, 8, 1, 2]);
  const column = ({ data }: HostArray, c: number): HostArray =>
    float32(
      [4],
      [0, 1, 2, 3].map((row) => Number(data[2 * row + c])),
    );
  const there = int32([4, 2], [1, 0, 1, 0, 0, 1, 0, 1]);
  const labels = int32([4], [0, 1, 0, 1]);
  const all: Readonly<Record<string, (numbers_: HostArray, weights: HostArray) => Figure>> = {
    'topKAccuracy: logits': (x, weights) => metrics.topKAccuracy(x, labels, { weights }),
    'likeliest: logits': (x, weights) =>
      metrics.matthews(metrics.likeliest(x, { weights }), labels, { weights }),
    'meanAveragePrecision: scores': (x, weights) => metrics.meanAveragePrecision(x, there, { weights }),
    'psnr: outputs': (x, weights) => metrics.psnr(x, whole, { range: 1, weights }),
    'psnr: targets': (x, weights) => metrics.psnr(whole, x, { range: 1, weights }),
    'meanEndPointError: flow': (x, weights) => metrics.meanEndPointError(x, whole, { weights }),
    'meanEndPointError: target': (x, weights) => metrics.meanEndPointError(whole, x, { weights }),
    'mean: values': (x, weights) => metrics.mean(column(x, 0), { weights }),
    'bitsPerByte: losses': (x, weights) => metrics.bitsPerByte(column(x, 0), { weights }),
    'pearson: the first array': (x, weights) => metrics.pearson(column(x, 0), column(whole, 0), { weights }),
    'pearson: the second array': (x, weights) => metrics.pearson(column(whole, 0), column(x, 0), { weights }),
  };
  for (const [name, figure] of Object.entries(all))
    for (const found of [NaN, Infinity, -Infinity]) {
      const broken = float32([4, 2], [1, 2, found, 2, 3, 4, 7, 5]);
      t.throws(() => figure(broken, float32([4], [1, 1, 1, 1])), {
        name: 'RangeError',
        message: new RegExp(`^${name}: found ${found} at \\[1(, 0)?\\], expected finite numbers$`),
      });
      t.ok(Number.isFinite(figure(broken, float32([4], [1, 0, 1, 1])).value), name);
    }
});
