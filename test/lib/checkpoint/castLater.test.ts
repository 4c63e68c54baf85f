/** Floats of another type when they are asked for, and numbers that are too large for it. */
import t from 'tap';
import { array, float32, int32 } from '../../../lib/data/array.js';
import { castLater } from '../../../lib/checkpoint/index.js';

const tree = {
  m: {
    w: float32([3], [1, -0.5, 3.14159]),
    half: array([1], 'float16', Uint16Array.of(0x3c00)),
    n: int32([1], [7]),
    flag: array([1], 'bool', Uint8Array.of(1)),
  },
};

t.test('floats are cast, integers and bools stay, and nothing happens before', async (t) => {
  let asked = 0;
  const watched = {
    m: {
      ...tree.m,
      get never() {
        return {
          shape: [1],
          dtype: 'float32' as const,
          get data() {
            asked++;
            return Float32Array.of(1);
          },
        };
      },
    },
  };
  const { m } = castLater(watched, 'bfloat16');
  t.equal(asked, 0);
  t.strictSame(m.w.dtype, 'bfloat16');
  t.strictSame([...m.w.data], [0x3f80, 0xbf00, 0x4049]);
  t.strictSame([m.half.dtype, ...m.half.data], ['bfloat16', 0x3f80]);
  t.equal(m.n, tree.m.n);
  t.equal(m.flag, tree.m.flag);
  t.equal(castLater(tree, 'float32').m.w, tree.m.w, 'what is of that type already is not touched');
  t.strictSame([...castLater(tree, 'float64').m.w.data], [1, -0.5, Math.fround(3.14159)]);
});

t.test(
  'a number that is too large is told with its place; infinities and NaN are what they were',
  async (t) => {
    const large = {
      m: { w: float32([4], [Infinity, NaN, -70000, 1]), v: array([1], 'float64', Float64Array.of(1e39)) },
    };
    const { m } = castLater(large, 'float16');
    t.throws(() => m.w.data, {
      message: 'at m/w: found the number -70000, expected numbers that float16 can hold',
    });
    t.throws(() => castLater(large, 'float32').m.v.data, {
      message: /the number 1e\+39, expected numbers that float32/,
    });
    t.throws(() => castLater(large, 'bfloat16').m.v.data, /that bfloat16 can hold/);
    const odd = castLater({ m: { w: float32([3], [Infinity, -Infinity, NaN]) } }, 'float16').m.w;
    t.strictSame([...odd.data], [0x7c00, 0xfc00, 0x7e00]);
  },
);
