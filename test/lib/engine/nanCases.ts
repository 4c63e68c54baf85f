/** Functions of one array with NaN, and the values that NumPy and JAX give for them. */
import * as tf from '@tensorflow/tfjs-core';

export interface NaNCase {
  readonly name: string;
  readonly f: (x: tf.Tensor) => tf.Tensor | readonly tf.Tensor[];
  readonly expected: readonly number[];
}

const N = NaN;

/** [4, 4]; every second NaN has its sign bit set, as NaN that a processor computes has. */
export const values = Float32Array.of(1, N, 3, -1, N, 2, N, 5, 7, 0, -9, N, 1, 2, 4, 3);
[4, 11].forEach((at) => (new Uint32Array(values.buffer)[at] = 0xffc00000));

const image = (x: tf.Tensor): tf.Tensor4D => tf.reshape(x, [1, 4, 4, 1]);
const other = (): tf.Tensor => tf.tensor1d([2, 2, N, 2]);
const isAbove = (x: tf.Tensor): tf.Tensor => tf.cast(tf.greater(x, 2), 'float32');

export const nanCases: readonly NaNCase[] = [
  { name: 'relu', f: tf.relu, expected: [1, N, 3, 0, N, 2, N, 5, 7, 0, 0, N, 1, 2, 4, 3] },
  { name: 'relu6', f: tf.relu6, expected: [1, N, 3, 0, N, 2, N, 5, 6, 0, 0, N, 1, 2, 4, 3] },
  { name: 'sign', f: tf.sign, expected: [1, N, 1, -1, N, 1, N, 1, 1, 0, -1, N, 1, 1, 1, 1] },
  {
    name: 'clipByValue',
    f: (x) => tf.clipByValue(x, -2, 3),
    expected: [1, N, 3, -1, N, 2, N, 3, 3, 0, -2, N, 1, 2, 3, 3],
  },
  {
    name: 'maximum',
    f: (x) => tf.maximum(x, other()),
    expected: [2, N, N, 2, N, 2, N, 5, 7, 2, N, N, 2, 2, N, 3],
  },
  {
    name: 'minimum',
    f: (x) => tf.minimum(x, other()),
    expected: [1, N, N, -1, N, 2, N, 2, 2, 0, N, N, 1, 2, N, 2],
  },
  { name: 'maximum of NaN', f: (x) => tf.maximum(x, NaN), expected: Array<number>(16).fill(N) },
  {
    name: 'floorDiv',
    f: (x) => tf.floorDiv(x, 2),
    expected: [0, N, 1, -1, N, 1, N, 2, 3, 0, -5, N, 0, 1, 2, 1],
  },
  { name: 'greater', f: isAbove, expected: [0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1] },
  {
    name: 'equal',
    f: (x) => tf.cast(tf.equal(x, x), 'float32'),
    expected: [1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1],
  },
  { name: 'max of rows', f: (x) => tf.max(x, 1), expected: [N, N, N, 4] },
  { name: 'min of columns', f: (x) => tf.min(x, 0), expected: [N, N, N, N] },
  { name: 'max of all', f: (x) => tf.max(x), expected: [N] },
  { name: 'argMax of rows', f: (x) => tf.argMax(x, 1), expected: [1, 0, 3, 2] },
  { name: 'argMin of columns', f: (x) => tf.argMin(x, 0), expected: [1, 0, 1, 2] },
  {
    name: 'topk',
    f: (x) => {
      const { values, indices } = tf.topk(x, 3);
      return [values, indices];
    },
    expected: [N, 3, 1, N, N, 5, N, 7, 0, 4, 3, 2, 1, 2, 0, 0, 2, 3, 3, 0, 1, 2, 3, 1],
  },
  { name: 'maxPool', f: (x) => tf.maxPool(image(x), 2, 2, 'valid'), expected: [N, N, 7, N] },
  {
    name: 'maxPool beyond the edge',
    f: (x) => tf.maxPool(image(x), 2, 3, 'same'),
    expected: [N, 5, 2, 3],
  },
  { name: 'avgPool', f: (x) => tf.avgPool(image(x), 2, 2, 'valid'), expected: [N, N, 2.5, N] },
  {
    name: 'maxPool3d',
    f: (x) => tf.maxPool3d(tf.reshape<tf.Rank.R5>(x, [1, 4, 4, 1, 1]), [2, 2, 1], [2, 2, 1], 'valid'),
    expected: [N, N, 7, N],
  },
  {
    name: 'a product with relu',
    f: (x) =>
      tf.fused.matMul({ a: x as tf.Tensor2D, b: tf.tensor2d([-1, 0, 0, 0], [4, 1]), activation: 'relu' }),
    expected: [N, N, N, 0],
  },
];

/** The numbers of a case's results, one behind the other. */
export const numbersOf = (results: ReturnType<NaNCase['f']>): number[] =>
  [results].flat().flatMap((y) => [...(y as tf.Tensor).dataSync()]);
