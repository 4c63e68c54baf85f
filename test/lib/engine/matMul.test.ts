import t from 'tap';
import * as fc from '../../property.js';
import * as tf from '@tensorflow/tfjs-core';
import { engine, tidy } from '../../../lib/engine/index.js';
import { engines, nameOf } from './eachEngine.js';

/** For each element that is summed over; all are in [-1, 1]. */
const tolerance = 1e-6;
const transpositions = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;

/** Numbers in [-1, 1] that look random and are always the same. */
const noise = (shape: number[], seed: number): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) =>
      Math.sin(i * 12.9898 + seed * 78.233),
    ),
    shape,
  );

/** The product by its definition, in double precision, of operands that were broadcast by hand. */
const expected = (a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): number[] => {
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const count = tf.util.sizeFromShape(batch);
  const wide = (x: tf.Tensor): Float32Array =>
    tidy(() => tf.add(x, tf.zeros([...batch, ...x.shape.slice(-2)])).dataSync<'float32'>());
  const [as, bs] = [wide(a), wide(b)];
  const [m, k] = transposeA ? a.shape.slice(-2).reverse() : a.shape.slice(-2);
  const n = transposeB ? b.shape.at(-2)! : b.shape.at(-1)!;
  return Array.from({ length: count * m * n }, (_, i) => {
    const [column, row, matrix] = [i % n, Math.floor(i / n) % m, Math.floor(i / (m * n))];
    let sum = 0;
    for (let j = 0; j < k; j += 1) {
      const left = as[matrix * m * k + (transposeA ? j * m + row : row * k + j)];
      sum += left * bs[matrix * k * n + (transposeB ? column * k + j : j * n + column)];
    }
    return sum;
  });
};

const shapeOf = (batch: number[], rows: number, columns: number, isTransposed: boolean): number[] =>
  isTransposed ? [...batch, columns, rows] : [...batch, rows, columns];

/** The largest error of a product of those sizes. */
const errorOf = (
  [batchA, batchB]: readonly [number[], number[]],
  [m, k, n]: readonly [number, number, number],
  [transposeA, transposeB]: readonly [boolean, boolean],
): number => {
  const a = noise(shapeOf(batchA, m, k, transposeA), 1);
  const b = noise(shapeOf(batchB, k, n, transposeB), 2);
  const y = tf.matMul(a, b, transposeA, transposeB);
  const values = y.dataSync();
  const error = expected(a, b, transposeA, transposeB).reduce(
    (worst, value, i) => Math.max(worst, Math.abs(value - values[i])),
    0,
  );
  tf.dispose([a, b, y]);
  return error / Math.max(1, k);
};

const batches = [
  [[], []],
  [[3], [3]],
  [[3], []],
  [[], [3]],
  [[3], [1]],
  [[2, 1], [3]],
  [
    [2, 2],
    [2, 2],
  ],
] as [number[], number[]][];

const counts = () => [tf.memory().numTensors, tf.engine().backend.numDataIds()];

for (const options of engines) {
  t.test(nameOf(options), async (t) => {
    await engine(options);

    for (const batch of batches) {
      t.test(`products of batches [${batch[0]}] and [${batch[1]}]`, async (t) => {
        const before = counts();
        for (const flags of transpositions) {
          for (const sizes of [
            [40, 50, 45],
            [50, 260, 17],
            [1, 90, 300],
            [90, 60, 1],
            [3, 5, 4],
          ] as const) {
            t.ok(errorOf(batch, sizes, flags) < tolerance, `${sizes}, transposed ${flags}`);
          }
        }
        t.same(counts(), before, 'nothing is left in memory');
      });
    }

    t.test('products of any small size', async (t) => {
      const size = fc.integer({ min: 0, max: 50 });
      fc.assert(
        fc.property(
          fc.constantFrom(...batches),
          fc.tuple(size, size, size),
          fc.tuple(fc.boolean(), fc.boolean()),
          (batch, sizes, flags) => errorOf(batch, sizes, flags) < tolerance,
        ),
        { seed: 1, numRuns: 30 },
      );
      t.pass();
    });

    t.test('an operand may be used again after a product, and the same one twice', async (t) => {
      const x = noise([4, 64, 64], 3);
      const before = Array.from(x.dataSync());
      const square = tf.matMul(x, x, false, true);
      t.ok(errorOf([[4], [4]], [32, 64, 32], [false, true]) < tolerance);
      t.same(Array.from(x.dataSync()), before);
      const diagonal = tf.sum(tf.square(x), -1).dataSync();
      const values = square.dataSync();
      t.ok(diagonal.every((value, i) => Math.abs(values[i * 64 + (i % 64)] - value) < 64 * tolerance));
      tf.dispose([x, square]);
    });

    t.test('what does not fit and other dtypes are refused', async (t) => {
      t.throws(() => tf.matMul(tf.ones([64, 64]), tf.ones([65, 64])), /Error|differ/);
      t.throws(() => tf.matMul(tf.ones([2, 2], 'int32'), tf.ones([2, 2], 'int32')), /float32/);
    });

    t.test('a matrix reshaped after a product is multiplied by as it is then', async (t) => {
      const before = counts();
      tf.tidy(() => {
        for (const [rows, k, n] of [
          [100, 2, 3],
          [300, 64, 128],
        ]) {
          const w = noise([k * n], 5);
          const isRight = (inner: number, outer: number) => {
            const matrix = tf.reshape(w, [inner, outer]);
            const found = tf.slice(tf.matMul(tf.ones([rows, inner]), matrix), [0, 0], [1, outer]).dataSync();
            const sums = tf.sum(matrix, 0).dataSync();
            return found.every((value, i) => Math.abs(value - sums[i]) < inner * tolerance * 10);
          };
          t.ok(isRight(k, n), 'as it was first');
          t.ok(isRight(n, k), 'with rows for columns');
          t.ok(isRight(1, k * n), 'as one row');
          t.ok(isRight(k, n), 'as it was first, again');
        }
      });
      t.same(counts(), before, 'copies are freed');
    });
  });
}
