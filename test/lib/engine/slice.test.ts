/** Boxes of arrays, whatever their axes, and the kernel that copies them. */
import * as fc from '../../property.js';
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { engine } from '../../../lib/engine/index.js';
import { copyBox } from '../../../lib/engine/kernels/slice.js';

t.before(() => engine());

const box = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.nat(4), fc.nat(5)), { maxLength: 5 })
  .chain((axes) => fc.tuple(fc.constant(axes), fc.integer({ min: 1, max: 40 })))
  .map(([axes, last]) => [...axes, [last, 3, 30] as const])
  .map((axes) => {
    const shape = axes.map(([n]) => n);
    const begin = axes.map(([n, at]) => Math.min(at, n - 1));
    return { shape, begin, size: axes.map(([n, , size], i) => Math.min(size, n - begin[i])) };
  });

/** A box by its definition. */
const elementsOf = (shape: readonly number[], begin: readonly number[], size: readonly number[]): number[] =>
  size.reduce<number[]>(
    (offsets, n, axis) =>
      offsets.flatMap((at) => Array.from({ length: n }, (_, i) => at * shape[axis] + begin[axis] + i)),
    [0],
  );

t.test('a box holds the elements that its begin and size say', async () => {
  fc.assert(
    fc.property(box, ({ shape, begin, size }) => {
      const x = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i);
      const expected = elementsOf(shape, begin, size);
      const out = new Float32Array(expected.length);
      copyBox(x, shape, { begin, size }, out);
      return expected.every((value, i) => out[i] === value);
    }),
  );
});

t.test('slices of every dtype, and of a scalar', async (t) => {
  t.same([...tf.slice(tf.tensor1d([1, 2, 3], 'int32'), 1, 2).dataSync()], [2, 3]);
  t.same([...tf.slice(tf.tensor1d([true, false, true], 'bool'), 1).dataSync()], [0, 1]);
  t.same([...tf.slice(tf.tensor1d(['a', 'b', 'c']), 1, 1).dataSync<'string'>()], ['b']);
  t.same(tf.slice(tf.zeros([3, 4]), [1, 4]).shape, [2, 0]);
});
