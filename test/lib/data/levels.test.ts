/** Matrices in fewer bits: near what they were, zero where they were zero, and sums that fit where they have to. */
import * as fc from '../../property.js';
import t from 'tap';
import { fromFloat16 } from '../../../lib/data/array.js';
import { blocksOf, fromLevels, toLevels } from '../../../lib/data/levels.js';
import { toFloat16 } from '../../../lib/data/halfFloat.js';

/** The rounding of the smallest scales, times the largest level. */
const smallest = 127 * 2 ** -25;

const numbers = fc.float({ min: -8, max: 8, noNaN: true });

/** Numbers whose scales are no subnormal float16. */
const wellAboveZero = numbers.map((value) => (Math.abs(value) < 0.02 ? 0 : value));

const matrixOf = (values: fc.Arbitrary<number>) =>
  fc
    .record({ rows: fc.integer({ min: 1, max: 40 }), columns: fc.integer({ min: 1, max: 5 }) })
    .chain(({ rows, columns }) =>
      fc.record({
        rows: fc.constant(rows),
        columns: fc.constant(columns),
        values: fc
          .array(values, {
            minLength: rows * columns,
            maxLength: rows * columns,
          })
          .map((values) => Float32Array.from(values)),
        bits: fc.constantFrom(4 as const, 8 as const),
        blockSize: fc.constantFrom(16, 32, undefined),
      }),
    );

const matrix = matrixOf(numbers);

t.test('a number comes back within half a step of its block, and zero as zero', async () => {
  fc.assert(
    fc.property(matrix, ({ values, rows, columns, bits, blockSize }) => {
      const levels = toLevels(values, { rows, columns }, { bits, blockSize });
      const back = fromLevels(levels);
      const blocks = blocksOf(levels);
      return values.every((value, i) => {
        const block = Math.floor(Math.floor(i / columns) / levels.blockSize);
        const scale = levels.scales[(i % columns) * blocks + block];
        // Of four bits the level 8 is not there, so that a number may be a whole step away.
        const steps = bits === 4 ? 1.01 : 0.6;
        return (
          Math.abs(back[i] - value) <= steps * Math.abs(scale) + smallest && (value !== 0 || back[i] === 0)
        );
      });
    }),
  );
});

t.test('scales are float16, and levels once more are the same levels', async () => {
  fc.assert(
    fc.property(matrixOf(wellAboveZero), ({ values, rows, columns, blockSize }) => {
      const once = toLevels(values, { rows, columns }, { bits: 8, blockSize });
      const again = toLevels(fromLevels(once), { rows, columns }, { bits: 8, blockSize });
      return (
        once.scales.every((scale) => fromFloat16(toFloat16(scale)) === scale) &&
        fromLevels(again).every((value, i) => value === fromLevels(once)[i])
      );
    }),
  );
});

t.test('a transposed matrix has the levels of the matrix', async (t) => {
  const values = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i));
  const turned = Float32Array.from({ length: 12 }, (_, i) => values[(i % 3) * 4 + Math.floor(i / 3)]);
  const [sizes, how] = [{ rows: 3, columns: 4 }, { bits: 8 }] as const;
  t.same(toLevels(turned, { ...sizes, isTransposed: true }, how), toLevels(values, sizes, how));
});

t.test('pairs of levels times bytes fit into 16 bits', async () => {
  fc.assert(
    fc.property(matrix, ({ values, rows, columns }) => {
      const { levels } = toLevels(values, { rows, columns }, { bits: 8, isPaired: true });
      for (let column = 0; column < columns; column++)
        for (let row = 1; row < rows; row += 2) {
          const pair = [levels[column * rows + row - 1], levels[column * rows + row]];
          const sums = [1, -1].map((sign) => pair.reduce((sum, each) => sum + Math.max(0, sign * each), 0));
          if (Math.max(...sums) > 128) return false;
        }
      return true;
    }),
  );
});
