/**
 * Metrics: figures of totals that merge, so that a figure over a data set does not depend on how it was cut into
 * batches. They are computed on the host, in double precision, from host arrays. Examples of weight 0, which only fill a
 * batch, count for nothing. Of the others, numbers that are NaN or infinite and labels outside of the classes are refused,
 * with their place: no figure is made of them.
 */
import { type HostArray, int32, type Shape, sizeOf } from '../data/array.js';
import { count as wholeFrom1, positive } from '../data/config.js';
import { expectKnown } from '../data/nearest.js';
import { placeAt, sameShape, showShape } from '../data/shape.js';
import { expectOptions } from './options.js';

/** A figure so far, and all that it takes to go on. */
export interface Figure {
  readonly value: number;
  /**
   * The figure of this batch and another together.
   * @throws RangeError for a figure of another metric, or of other options
   */
  readonly merge: (other: Figure) => Figure;
  readonly totals: unknown;
  /** The metric and the options that figures must have in common to be merged: `top 5 accuracy`. */
  readonly kind?: string;
}

/** A figure whose totals merge by a function. @throws from `merge`, RangeError for a figure of another kind */
const figure = <T>(
  kind: string,
  totals: T,
  value: (totals: T) => number,
  add: (a: T, b: T) => T,
): Figure => ({
  value: value(totals),
  totals,
  kind,
  merge: (other) => {
    if (other.kind !== kind)
      throw new RangeError(
        `merge: found a figure of ${other.kind ?? 'another metric'}, expected one of ${kind}`,
      );
    return figure(kind, add(totals, other.totals as T), value, add);
  },
});

const addEach = (a: readonly number[], b: readonly number[]): readonly number[] =>
  a.map((total, i) => total + b[i]);

/** A figure of sums. */
const ofSums = (
  kind: string,
  totals: readonly number[],
  value: (totals: readonly number[]) => number,
): Figure => figure(kind, totals, value, addEach);

const ratio = ([total, weight]: readonly number[]): number => total / weight;

const numbers = ({ data }: HostArray): ArrayLike<number> =>
  data instanceof BigInt64Array || data instanceof BigUint64Array ? Array.from(data, Number) : data;

/**
 * Weights by position among values of a shape; 1 for all if not given.
 * @throws RangeError where they are neither one for each value nor of the shape's first axes, or one of them is infinite,
 *   NaN or below 0
 */
const weightsOf = (shape: Shape, { weights }: Weighting): ((i: number) => number) => {
  if (!weights) return () => 1;
  const [values, count] = [numbers(weights), sizeOf(shape)];
  const isOfFirstAxes = sameShape(shape.slice(0, weights.shape.length), weights.shape);
  if (values.length !== count && !isOfFirstAxes)
    throw new RangeError(
      `weights are ${showShape(weights.shape)}, expected one for each of ${count} values ${showShape(shape)}, or for each of their first axes`,
    );
  const wrong = Array.prototype.findIndex.call(values, (value: number) => !(value >= 0 && value < Infinity));
  if (wrong >= 0) throw new RangeError(`weight ${wrong} is ${values[wrong]}, expected a number from 0`);
  const inner = count / values.length;
  return (i) => values[Math.floor(i / inner)];
};

/** @throws RangeError for values from `start` to before `end` that are NaN or infinite */
const expectFinite = (what: string, array: HostArray, start: number, end = start + 1): void => {
  for (let i = start; i < end; i++) {
    const value = array.data[i];
    if (typeof value === 'bigint' || Number.isFinite(value)) continue;
    const place = showShape(placeAt(array.shape, i));
    throw new RangeError(`${what}: found ${value} at ${place}, expected finite numbers`);
  }
};

/** @throws RangeError for a class that is no integer of 0 … numClasses − 1 */
const expectClass = (what: string, found: number, row: number, numClasses: number): void => {
  if (Number.isInteger(found) && found >= 0 && found < numClasses) return;
  throw new RangeError(
    `${what} ${found} of example ${row}: expected an integer from 0 to ${numClasses - 1}; classes count from 0`,
  );
};

/** @throws RangeError where two arrays have different shapes */
const expectAlike = (what: string, a: HostArray, b: HostArray): void => {
  if (String(a.shape) === String(b.shape)) return;
  throw new RangeError(`${what}: ${showShape(a.shape)} and ${showShape(b.shape)}, expected the same shape`);
};

export interface Weighting {
  /**
   * One number for each example, [B]; for each element, too, where the metric is of elements. 0 leaves it out; all 1 if
   * not given.
   */
  readonly weights?: HostArray;
}

/** The weighted sum of `f` of each place of a shape, and the sum of weights. */
const meanOf = (kind: string, shape: Shape, weighting: Weighting, f: (i: number) => number): Figure => {
  const weight = weightsOf(shape, weighting);
  const totals = [0, 0];
  for (let i = 0; i < sizeOf(shape); i++) {
    const w = weight(i);
    if (w === 0) continue;
    totals[0] += w * f(i);
    totals[1] += w;
  }
  return ofSums(kind, totals, ratio);
};

const meanOfValues = (what: string, values: HostArray, weighting: Weighting): Figure => {
  const own = numbers(values);
  return meanOf('mean', values.shape, weighting, (i) => {
    expectFinite(what, values, i);
    return own[i];
  });
};

/**
 * The weighted mean of some values, any shape.
 * @throws RangeError for values that are not finite
 */
export const mean = (values: HostArray, weighting: Weighting = {}): Figure => {
  expectKnown('mean', weighting, ['weights']);
  return meanOfValues('mean: values', values, weighting);
};

/**
 * The number of the highest score of each row; of equal scores the first. 0 in rows of weight 0.
 * @param logits  [..., C]
 * @returns       [...] int32
 * @throws RangeError for scores that are not finite
 * @example f1(likeliest(logits, by), labels, by)
 */
export const likeliest = (logits: HostArray, weighting: Weighting = {}): HostArray<'int32'> => {
  expectKnown('likeliest', weighting, ['weights']);
  const [rows, width] = [logits.shape.slice(0, -1), logits.shape[logits.shape.length - 1]];
  const [scores, weight] = [numbers(logits), weightsOf(rows, weighting)];
  const best = (row: number): number => {
    if (weight(row) === 0) return 0;
    expectFinite('likeliest: logits', logits, row * width, (row + 1) * width);
    let found = 0;
    for (let c = 1; c < width; c++) if (scores[row * width + c] > scores[row * width + found]) found = c;
    return found;
  };
  return int32(
    rows,
    Array.from({ length: sizeOf(rows) }, (_, row) => best(row)),
  );
};

/**
 * The share of examples whose class is among the `k` likeliest; of equal scores the first counts as the higher.
 * @param logits  [..., C]
 * @param labels  [...] integers in [0, C)
 * @throws RangeError for labels outside of the classes, and for logits that are not finite
 */
export const topKAccuracy = (
  logits: HostArray,
  labels: HostArray,
  { k = 1, ...weighting }: Weighting & { readonly k?: number } = {},
): Figure => {
  expectKnown('topKAccuracy', weighting, ['k', 'weights']);
  expectOptions('topKAccuracy', { k: [k, wholeFrom1] });
  const [scores, classes] = [numbers(logits), numbers(labels)];
  const width = logits.shape[logits.shape.length - 1];
  if (classes.length * width !== scores.length)
    throw new RangeError(
      `topKAccuracy: labels ${showShape(labels.shape)} for logits ${showShape(logits.shape)}`,
    );
  return meanOf(`top ${k} accuracy`, labels.shape, weighting, (row) => {
    expectClass('topKAccuracy: label', classes[row], row, width);
    expectFinite('topKAccuracy: logits', logits, row * width, (row + 1) * width);
    const own = scores[row * width + classes[row]];
    let ahead = 0;
    for (let c = 0; c < width; c++) {
      const other = scores[row * width + c];
      if (other > own || (other === own && c < classes[row])) ahead++;
    }
    return ahead < k ? 1 : 0;
  });
};

/** The scores of one class, with the weights of examples that have it and of those that have it not. */
type Ranked = readonly (readonly [score: number, there: number, absent: number])[];

/** The area under the steps of precision over recall; examples of equal score are one step. */
const averagePrecision = (examples: Ranked): number => {
  const sorted = [...examples].sort(([a], [b]) => b - a);
  const positives = sorted.reduce((sum, [, there]) => sum + there, 0);
  let [found, wrong, area, before] = [0, 0, 0, 0];
  sorted.forEach(([score, there, absent], i) => {
    [found, wrong] = [found + there, wrong + absent];
    if (i + 1 < sorted.length && sorted[i + 1][0] === score) return;
    area += ((found - before) / positives) * (found / (found + wrong));
    before = found;
  });
  return area;
};

/** The mean over the classes that some example has. */
const meanOverClasses = (classes: readonly Ranked[]): number => {
  const present = classes.filter((examples) => examples.some(([, there]) => there > 0));
  return present.reduce((sum, examples) => sum + averagePrecision(examples), 0) / present.length;
};

/**
 * Mean average precision over classes; classes that no example has are left out. All scores are kept until the end. NaN
 * where no example has any class. Weights count as scikit-learn's `sample_weight`.
 * @param scores  [B, C]; higher is likelier
 * @param labels  [B, C], 1 where the class is there, else 0
 * @throws RangeError for labels other than 0 and 1, and for scores that are not finite
 * Source: scikit-learn `average_precision_score`, macro average.
 */
export const meanAveragePrecision = (
  scores: HostArray,
  labels: HostArray,
  weighting: Weighting = {},
): Figure => {
  expectKnown('meanAveragePrecision', weighting, ['weights']);
  expectAlike('meanAveragePrecision', scores, labels);
  if (scores.shape.length !== 2)
    throw new RangeError(`meanAveragePrecision: scores are ${showShape(scores.shape)}, expected [B, C]`);
  const [rows, width] = scores.shape;
  const [s, l] = [numbers(scores), numbers(labels)];
  const weight = weightsOf([rows], weighting);
  const counted = Array.from({ length: rows }, (_, row) => row).filter((row) => weight(row) !== 0);
  for (const row of counted) {
    for (let c = 0; c < width; c++) expectClass('meanAveragePrecision: label', l[row * width + c], row, 2);
    expectFinite('meanAveragePrecision: scores', scores, row * width, (row + 1) * width);
  }
  const ranked = Array.from({ length: width }, (_, c): Ranked =>
    counted.map((row) => {
      const w = weight(row);
      return [s[row * width + c], ...(l[row * width + c] ? ([w, 0] as const) : ([0, w] as const))] as const;
    }),
  );
  return figure(`mean average precision of ${width} classes`, ranked, meanOverClasses, (own, others) =>
    own.map((examples, c) => [...examples, ...others[c]]),
  );
};

/**
 * Peak signal-to-noise ratio in decibels, of the mean squared error over everything; Infinity where there is no error.
 * @param outputs  [B, ...]
 * @param targets  [B, ...]
 * @param options  `range`: the distance between the lowest and the highest value; `weights`: for each example
 * @throws RangeError for values that are not finite
 */
export const psnr = (
  outputs: HostArray,
  targets: HostArray,
  { range, ...weighting }: Weighting & { readonly range: number },
): Figure => {
  expectKnown('psnr', weighting, ['range', 'weights']);
  expectAlike('psnr', outputs, targets);
  expectOptions('psnr', { range: [range, positive] });
  const [a, b] = [numbers(outputs), numbers(targets)];
  const size = sizeOf(outputs.shape.slice(1));
  const errors = meanOf('psnr', outputs.shape.slice(0, 1), weighting, (example) => {
    const [start, end] = [example * size, (example + 1) * size];
    expectFinite('psnr: outputs', outputs, start, end);
    expectFinite('psnr: targets', targets, start, end);
    let sum = 0;
    for (let i = start; i < end; i++) sum += (a[i] - b[i]) ** 2;
    return sum / size;
  });
  return ofSums(
    `peak signal-to-noise ratio of range ${range}`,
    errors.totals as readonly number[],
    (totals) => 10 * Math.log10(range ** 2 / ratio(totals)),
  );
};

/**
 * The mean distance between flows.
 * @param flow    [..., 2]
 * @param target  [..., 2]
 * @param options `weights`: for each pixel, [...], or example; 0 where the target is not known
 * @throws RangeError for flows that are not finite
 */
export const meanEndPointError = (flow: HostArray, target: HostArray, weighting: Weighting = {}): Figure => {
  expectKnown('meanEndPointError', weighting, ['weights']);
  expectAlike('meanEndPointError', flow, target);
  if (flow.shape.at(-1) !== 2)
    throw new RangeError(`meanEndPointError: flows are ${showShape(flow.shape)}, expected [..., 2]`);
  const [a, b] = [numbers(flow), numbers(target)];
  return meanOf('mean end-point error', flow.shape.slice(0, -1), weighting, (i) => {
    expectFinite('meanEndPointError: flow', flow, 2 * i, 2 * i + 2);
    expectFinite('meanEndPointError: target', target, 2 * i, 2 * i + 2);
    return Math.hypot(a[2 * i] - b[2 * i], a[2 * i + 1] - b[2 * i + 1]);
  });
};

/**
 * Bits for each byte of text: the sum of losses in nats, over ln 2 and the number of bytes.
 * @param losses  nats, any shape
 * @param options `weights`: 1 where a loss counts; `bytes`: the bytes that those losses stand for, one each if not given
 * @throws RangeError for losses that are not finite
 */
export const bitsPerByte = (
  losses: HostArray,
  { bytes, ...weighting }: Weighting & { readonly bytes?: number } = {},
): Figure => {
  expectKnown('bitsPerByte', weighting, ['bytes', 'weights']);
  if (bytes !== undefined) expectOptions('bitsPerByte', { bytes: [bytes, positive] });
  const [total, weight] = meanOfValues('bitsPerByte: losses', losses, weighting).totals as readonly number[];
  return ofSums('bits per byte', [total, bytes ?? weight], ([nats, count]) => nats / Math.LN2 / count);
};

/** Counts of true and found classes, row by row: [true · C + found]. */
const confusion = (
  what: string,
  found: HostArray,
  labels: HostArray,
  numClasses: number,
  weighting: Weighting,
): number[] => {
  expectKnown(what, weighting, what === 'f1' ? ['weights'] : ['numClasses', 'weights']);
  expectOptions(what, { numClasses: [numClasses, wholeFrom1] });
  expectAlike(what, found, labels);
  const [f, l] = [numbers(found), numbers(labels)];
  const weight = weightsOf(labels.shape, weighting);
  const counts = new Array<number>(numClasses * numClasses).fill(0);
  for (let i = 0; i < l.length; i++) {
    const [row, column] = [Number(l[i]), Number(f[i])];
    if (weight(i) === 0) continue;
    expectClass(`${what}: label`, row, i, numClasses);
    expectClass(`${what}: found class`, column, i, numClasses);
    counts[row * numClasses + column] += weight(i);
  }
  return counts;
};

/**
 * Matthews's correlation coefficient of found and true classes; 0 where either is always the same.
 * @param options `numClasses`: 2 if not given
 * Source: scikit-learn `matthews_corrcoef`.
 */
export const matthews = (
  found: HostArray,
  labels: HostArray,
  { numClasses = 2, ...weighting }: Weighting & { readonly numClasses?: number } = {},
): Figure =>
  ofSums(
    `Matthews of ${numClasses} classes`,
    confusion('matthews', found, labels, numClasses, weighting),
    (counts) => {
      const classes = Array.from({ length: numClasses }, (_, c) => c);
      const sum = (f: (c: number) => number): number => classes.reduce((total, c) => total + f(c), 0);
      const trueCount = (c: number): number => sum((other) => counts[c * numClasses + other]);
      const foundCount = (c: number): number => sum((other) => counts[other * numClasses + c]);
      const [all, right] = [sum(trueCount), sum((c) => counts[c * numClasses + c])];
      const spread = (count: (c: number) => number): number => all ** 2 - sum((c) => count(c) ** 2);
      const scale = Math.sqrt(spread(trueCount) * spread(foundCount));
      return scale === 0 ? 0 : (right * all - sum((c) => trueCount(c) * foundCount(c))) / scale;
    },
  );

/** F1 of the class 1 among 0 and 1; 0 where nothing is found and nothing is there. Source: scikit-learn `f1_score`. */
export const f1 = (found: HostArray, labels: HostArray, weighting: Weighting = {}): Figure =>
  ofSums('F1', confusion('f1', found, labels, 2, weighting), ([, wrong, missed, right]) =>
    right === 0 ? 0 : (2 * right) / (2 * right + wrong + missed),
  );

/** Weights, means, and sums of products of deviations from the means. */
interface Moments {
  readonly weight: number;
  readonly means: readonly [number, number];
  /** Of x with x, y with y, x with y. */
  readonly products: readonly [number, number, number];
}

/** The moments of two sets of pairs together. Source: Chan, Golub and LeVeque 1983, doi:10.1080/00031305.1983.10483115. */
const addMoments = (a: Moments, b: Moments): Moments => {
  const weight = a.weight + b.weight;
  if (weight === 0) return a;
  const [dx, dy] = [b.means[0] - a.means[0], b.means[1] - a.means[1]];
  const [share, both] = [b.weight / weight, (a.weight * b.weight) / weight];
  const [xx, yy, xy] = [a, b]
    .map(({ products }) => products)
    .reduce((own, other) => [own[0] + other[0], own[1] + other[1], own[2] + other[2]]);
  return {
    weight,
    means: [a.means[0] + share * dx, a.means[1] + share * dy],
    products: [xx + both * dx * dx, yy + both * dy * dy, xy + both * dx * dy],
  };
};

const noMoments: Moments = { weight: 0, means: [0, 0], products: [0, 0, 0] };

const correlation = ({ products: [xx, yy, xy] }: Moments): number => xy / Math.sqrt(xx * yy);

/**
 * Pearson's correlation coefficient of two arrays of one shape; NaN where all numbers of either are the same.
 * @throws RangeError for numbers that are not finite
 */
export const pearson = (a: HostArray, b: HostArray, weighting: Weighting = {}): Figure => {
  expectKnown('pearson', weighting, ['weights']);
  expectAlike('pearson', a, b);
  const [x, y] = [numbers(a), numbers(b)];
  const weight = weightsOf(a.shape, weighting);
  let totals = noMoments;
  for (let i = 0; i < x.length; i++) {
    const w = weight(i);
    if (w === 0) continue;
    expectFinite('pearson: the first array', a, i);
    expectFinite('pearson: the second array', b, i);
    totals = addMoments(totals, { weight: w, means: [x[i], y[i]], products: [0, 0, 0] });
  }
  return figure('Pearson', totals, correlation, addMoments);
};
