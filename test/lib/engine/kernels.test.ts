/** Kernels of our own beyond the small sizes of the table of operations, and the loops that they are made of. */
import t from 'tap';
import * as fc from '../../property.js';
import * as tf from '@tensorflow/tfjs-core';
import { engine, tidy } from '../../../lib/engine/index.js';
import { sumSegments } from '../../../lib/engine/kernels/segments.js';
import { repeatBlocks } from '../../../lib/engine/kernels/tile.js';
import { merged, permute } from '../../../lib/engine/kernels/transpose.js';

const noise = (shape: number[], seed: number): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) =>
      Math.sin(i * 12.9898 + seed * 78.233),
    ),
    shape,
  );
const dot = (a: tf.Tensor, b: tf.Tensor): number => tidy(() => tf.sum(tf.mul(a, b)).dataSync()[0]);
const isClose = (a: number, b: number): boolean => Math.abs(a - b) < 1e-3 * Math.max(1, Math.abs(a));
const run = (name: string, inputs: tf.NamedTensorMap, attrs: object): tf.Tensor =>
  tf.engine().runKernel(name, inputs, attrs as tf.NamedAttrMap);

t.before(() => engine());

t.test(
  'the derivatives of a convolution are its transposes, for images of several chunks of patches',
  async (t) => {
    for (const strides of [1, 2]) {
      const attrs = { strides, pad: 'same', dataFormat: 'NHWC' };
      const [x, filter] = [noise([2, 80, 70, 16], 1), noise([7, 7, 16, 4], 2)];
      const y = tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, 'same');
      const dy = noise(y.shape, 3);
      const dx = run('Conv2DBackpropInput', { dy, filter }, { ...attrs, inputShape: x.shape });
      const dw = run('Conv2DBackpropFilter', { x, dy }, { ...attrs, filterShape: filter.shape });
      t.ok(isClose(dot(dx, x), dot(y, dy)), `input, strides ${strides}`);
      t.ok(isClose(dot(dw, filter), dot(y, dy)), `filter, strides ${strides}`);
    }
  },
);

t.test('a 3-D convolution of several chunks of patches is a sum of 2-D ones', async (t) => {
  const [x, filter] = [noise([1, 3, 60, 50, 16], 1), noise([2, 5, 5, 16, 3], 2)];
  const y = tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, 1, 'valid');
  const at = (frame: number, tap: number): tf.Tensor =>
    tf.conv2d(
      tf.squeeze<tf.Tensor4D>(tf.slice(x, [0, frame], [1, 1]), [1]),
      tf.squeeze<tf.Tensor4D>(tf.slice(filter, [tap], [1]), [0]),
      1,
      'valid',
    );
  const expected = tf.stack([tf.add(at(0, 0), at(1, 1)), tf.add(at(1, 0), at(2, 1))], 1);
  t.ok(tf.max(tf.abs(tf.sub(y, expected))).dataSync()[0] < 1e-3);
});

t.test('a filter that does not fit into its image is refused', async (t) => {
  t.throws(
    () => tf.conv2d(tf.ones<tf.Rank.R4>([1, 2, 2, 1]), tf.ones([3, 3, 1, 1]), 1, 'valid'),
    /does not fit/,
  );
});

t.test('max pool of negative numbers', async (t) => {
  const x = tf.tensor4d([-3, -1, -2, -4], [1, 2, 2, 1]);
  const attrs = { filterSize: 2, strides: 2, pad: 'valid' };
  const y = tf.maxPool(x, 2, 2, 'valid');
  t.same([...y.dataSync()], [-1]);
  t.same(
    [...run('MaxPoolGrad', { dy: tf.onesLike(y), input: x, output: y }, attrs).dataSync()],
    [0, 1, 0, 0],
  );
});

t.test('the first of equal values in a window gets its derivative', async (t) => {
  const x = tf.tensor4d([0, 0, 0, 0], [1, 2, 2, 1]);
  const y = tf.maxPool(x, 2, 2, 'valid');
  const attrs = { filterSize: 2, strides: 2, pad: 'valid' };
  t.same(
    [...run('MaxPoolGrad', { dy: tf.onesLike(y), input: x, output: y }, attrs).dataSync()],
    [1, 0, 0, 0],
  );
});

/** An einsum by its definition: a sum over every value of every letter. */
const einsumOf = (equation: string, operands: tf.Tensor[]): number[] => {
  const [left, output] = equation.split('->');
  const terms = left.split(',');
  const sizes = new Map(
    terms.flatMap((term, i) => [...term].map((l, j) => [l, operands[i].shape[j]] as const)),
  );
  const values = operands.map((x) => x.dataSync());
  const offset = (term: string, at: Map<string, number>): number =>
    [...term].reduce((index, l) => index * sizes.get(l)! + at.get(l)!, 0);
  const result = new Array<number>([...output].reduce((size, l) => size * sizes.get(l)!, 1)).fill(0);
  const total = [...sizes.values()].reduce((a, b) => a * b, 1);
  for (let i = 0; i < total; i += 1) {
    const at = new Map<string, number>();
    [...sizes].reduce((rest, [l, n]) => (at.set(l, rest % n), Math.floor(rest / n)), i);
    result[offset(output, at)] += terms.reduce(
      (product, term, k) => product * values[k][offset(term, at)],
      1,
    );
  }
  return result;
};

const equations: [string, ...number[][]][] = [
  ['bthd,bshd->bhts', [2, 3, 4, 5], [2, 6, 4, 5]],
  ['bhts,bshd->bthd', [2, 4, 3, 6], [2, 6, 4, 5]],
  ['ij,jk->i', [3, 4], [4, 5]],
  ['ij,jk->ki', [3, 4], [4, 5]],
  ['ij,kl->', [3, 4], [2, 5]],
  ['ij,ij->i', [3, 4], [3, 4]],
  ['i,jk->kij', [3], [4, 5]],
  ['ijk->ki', [3, 4, 5]],
];

for (const backend of ['wasm', 'cpu'] as const) {
  t.test(`einsum on ${backend} is what its letters say`, async (t) => {
    await engine({ backend });
    for (const [equation, ...shapes] of equations) {
      const operands = shapes.map(noise);
      const values = tf.einsum(equation, ...operands).dataSync();
      const expected = einsumOf(equation, operands);
      t.equal(values.length, expected.length);
      t.ok(
        expected.every((value, i) => Math.abs(value - values[i]) < 1e-5),
        equation,
      );
    }
    t.throws(() => tf.einsum('ij,jk->ik', tf.ones([2, 3]), tf.ones([4, 2])));
    await engine();
  });
}

t.test('casts to booleans', async (t) => {
  const cast = (x: tf.Tensor) => [...tf.cast(x, 'bool').dataSync()];
  t.same(cast(tf.tensor1d([0, 2, -4, 256], 'int32')), [0, 1, 1, 1]);
  t.same(cast(tf.tensor1d([0, 0.25, -3])), [0, 1, 1]);
  t.same(cast(tf.tensor1d([0, 1], 'bool')), [0, 1]);
});

t.test('rows of segments that do not exist are left out', async (t) => {
  const sums = new Float32Array(4).fill(9);
  sumSegments([1, 2, 3, 4, 5, 6, 7, 8], [1, -1, 1, 2], 2, sums);
  t.same([...sums], [0, 0, 6, 8]);
});

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 });

t.test('a permutation with fewer axes moves the same elements', async (t) => {
  const cases = shapes.chain((shape) =>
    fc.tuple(fc.constant(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })),
  );
  fc.assert(
    fc.property(cases, ([shape, perm]) => {
      const x = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => i);
      const least = merged({ shape, perm });
      const [all, few] = [new Float32Array(x.length), new Float32Array(x.length)];
      permute(x, { shape, perm }, all);
      permute(x, least, few);
      const onHeap = tidy(() => tf.transpose(tf.tensor(x, shape), perm).dataSync());
      return (
        String(all) === String(few) && String(all) === String(onHeap) && least.perm.length <= shape.length
      );
    }),
    { seed: 1, numRuns: 200 },
  );
  t.same(merged({ shape: [2, 4, 3, 5, 1, 7], perm: [0, 1, 3, 2, 4, 5] }), {
    shape: [8, 3, 5, 7],
    perm: [0, 2, 1, 3],
  });
});

t.test('tiles repeat in every axis, for runs short and long', async (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom(1, 2, 3, 30)), {
        minLength: 1,
        maxLength: 4,
      }),
      (axes) => {
        const [shape, reps] = [axes.map(([n]) => n), axes.map(([, rep]) => rep)];
        const x = tf.range(0, tf.util.sizeFromShape(shape), 1, 'int32');
        const tiled = tf.tile(tf.reshape(x, shape), reps);
        const index = shape.reduce(
          (whole: tf.Tensor, n, axis) => {
            const along = tf.mod(tf.range(0, n * reps[axis], 1, 'int32'), tf.scalar(n, 'int32'));
            return tf.gather(whole, tf.cast(along, 'int32'), axis);
          },
          tf.reshape(x, shape),
        );
        return (
          String(tiled.shape) === String(index.shape) && String(tiled.dataSync()) === String(index.dataSync())
        );
      },
    ),
    { seed: 1, numRuns: 60 },
  );
  const out = new Float32Array(6);
  repeatBlocks(new Float32Array([1, 2]), 1, 3, out);
  t.same([...out], [1, 1, 1, 2, 2, 2]);
});
