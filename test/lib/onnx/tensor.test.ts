/** Numbers in 16 bits. */
import t from 'tap';
import fc from 'fast-check';
import { fromFloat16 } from '../../../lib/data/array.js';
import { toFloat16 } from '../../../lib/onnx/tensor.js';

t.test('every half is itself', async (t) => {
  const wrong = Array.from({ length: 2 ** 16 }, (_, bits) => bits).filter((bits) => {
    const value = fromFloat16(bits);
    return Number.isNaN(value) ? !Number.isNaN(fromFloat16(toFloat16(value))) : toFloat16(value) !== bits;
  });
  t.same(wrong, []);
});

t.test('a number becomes the nearest half, and of two equally near the even one', async () => {
  const halves = fc.tuple(fc.nat(0x7bff - 1), fc.boolean());
  fc.assert(
    fc.property(halves, fc.double({ min: 0, max: 1, noNaN: true }), ([bits, isNegative], share) => {
      const [low, high] = [fromFloat16(bits), fromFloat16(bits + 1)];
      const value = Math.fround(low + share * (high - low));
      const found = fromFloat16(toFloat16(isNegative ? -value : value)) * (isNegative ? -1 : 1);
      const [toLow, toHigh] = [value - low, high - value];
      if (toLow === toHigh) return found === (bits % 2 === 0 ? low : high);
      return found === (toLow < toHigh ? low : high);
    }),
  );
});

t.test('what is too large becomes infinite', async (t) => {
  t.same(
    [65_504, 65_519, 65_520, 1e10, -1e10].map((value) => fromFloat16(toFloat16(value))),
    [65_504, 65_504, Infinity, Infinity, -Infinity],
  );
});
