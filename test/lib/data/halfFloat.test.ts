/** 16-bit floats from numbers: every one of them, ties, and what is too large or too small. */
import * as fc from '../../property.js';
import t from 'tap';
import { fromBfloat16, fromFloat16 } from '../../../lib/data/array.js';
import { toBfloat16, toFloat16 } from '../../../lib/data/halfFloat.js';

const kinds = [
  { name: 'float16', to: toFloat16, from: fromFloat16, infinity: 0x7c00 },
  { name: 'bfloat16', to: toBfloat16, from: fromBfloat16, infinity: 0x7f80 },
] as const;

for (const { name, to, from, infinity } of kinds) {
  t.test(`every ${name} is its own nearest`, async (t) => {
    const wrong = Array.from({ length: 65536 }, (_, bits) => bits).filter((bits) => {
      const isNaNs = (bits & 0x7fff) > infinity;
      return isNaNs ? !Number.isNaN(from(to(from(bits)))) : to(from(bits)) !== bits;
    });
    t.strictSame(wrong, []);
  });

  t.test(`a number between two ${name}s becomes the nearer, or the even one`, async (t) => {
    const positive = fc.integer({ min: 0, max: infinity - 2 });
    const property = fc.property(
      positive,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
      (bits, share, isNegative) => {
        const [low, high] = [from(bits), from(bits + 1)];
        const sign = isNegative ? -1 : 1;
        const bit = isNegative ? 0x8000 : 0;
        const value = low + share * (high - low);
        const middle = (low + high) / 2;
        const expected = value < middle || (value === middle && bits % 2 === 0) ? bits : bits + 1;
        return to(sign * value) === (bit | expected);
      },
    );
    t.doesNotThrow(() => fc.assert(property, { numRuns: 5000 }));
    const ties = fc.property(positive, fc.constantFrom(-1, 0, 1), (bits, side) => {
      const middle = (from(bits) + from(bits + 1)) / 2;
      // One step of a double beside the middle, far below what a float32 tells apart.
      const value = middle * (1 + side * Number.EPSILON);
      const expected = side === 0 ? bits + (bits & 1) : bits + (side > 0 ? 1 : 0);
      return to(value) === expected;
    });
    t.doesNotThrow(() => fc.assert(ties, { numRuns: 5000 }));
  });
}

t.test('values as NumPy and ml_dtypes give them', async (t) => {
  t.strictSame(
    [1, -2, 65504, 65519.99, 65520, 1e9, -Infinity, 2 ** -24, 2 ** -25, 2 ** -25 * 1.0001, -0, 0.1].map(
      toFloat16,
    ),
    [0x3c00, 0xc000, 0x7bff, 0x7bff, 0x7c00, 0x7c00, 0xfc00, 1, 0, 1, 0x8000, 0x2e66],
  );
  t.strictSame(
    [1, -2, 3.38953139e38, 3.4e38, 1e39, -Infinity, 2 ** -133, 2 ** -134, 0.1, -0].map(toBfloat16),
    [0x3f80, 0xc000, 0x7f7f, 0x7f80, 0x7f80, 0xff80, 1, 0, 0x3dcd, 0x8000],
  );
  t.strictSame([toFloat16(NaN), toBfloat16(NaN)], [0x7e00, 0x7fc0]);
});
