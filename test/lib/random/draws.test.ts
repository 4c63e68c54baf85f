import t from 'tap';
import * as fc from '../../property.js';
import { type HostArray, float32, int32, sizeOf } from '../../../lib/data/array.js';
import {
  type Key,
  type Mode,
  beta,
  bernoulli,
  bits,
  categorical,
  gamma,
  gumbel,
  key,
  loggamma,
  normal,
  permutation,
  randint,
  truncatedNormal,
  uniform,
} from '../../../lib/random/index.js';
import { MODES, unequal } from './golden.js';

const anyKey: fc.Arbitrary<Key> = fc
  .tuple(fc.nat(0xffffffff), fc.constantFrom<Mode>(...MODES))
  .map(([seed, mode]) => key(seed, mode));

const anyShape = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 });

/** Every distribution at a shape. */
const DRAWS: Readonly<Record<string, (key: Key, shape: readonly number[]) => HostArray>> = {
  bits: (k, shape) => bits(k, shape),
  bits8: (k, shape) => bits(k, shape, 8),
  bits16: (k, shape) => bits(k, shape, 16),
  uniform: (k, shape) => uniform(k, shape),
  normal: (k, shape) => normal(k, shape),
  truncatedNormal: (k, shape) => truncatedNormal(k, -2, 2, shape),
  bernoulli: (k, shape) => bernoulli(k, 0.5, shape),
  randint: (k, shape) => randint(k, shape, 0, 100),
  gumbel: (k, shape) => gumbel(k, shape),
  categorical: (k, shape) => categorical(k, float32([3], [0, 1, 2]), { shape }),
  gamma: (k, shape) => gamma(k, 1.5, shape),
  loggamma: (k, shape) => loggamma(k, 0.5, shape),
  beta: (k, shape) => beta(k, 0.5, 2, shape),
};

for (const [name, draw] of Object.entries(DRAWS)) {
  t.test(`${name} draws the shape it is asked for, and the same numbers from the same key`, (t) => {
    fc.assert(
      fc.property(anyKey, anyShape, (k, shape) => {
        const drawn = draw(k, shape);
        return (
          drawn.shape.join() === shape.join() &&
          drawn.data.length === sizeOf(shape) &&
          unequal(drawn, draw(k, shape)) === undefined
        );
      }),
    );
    t.not(unequal(draw(key(1), [40]), draw(key(2), [40])), undefined, 'and others from another');
    t.not(
      unequal(draw(key(1), [40]), draw(key(1, 'legacy'), [40])),
      undefined,
      'and others in the other mode',
    );
    t.throws(() => draw(key(1), [2, -1]), RangeError);
    t.throws(() => draw(key(1), [1.5]), RangeError);
    t.end();
  });
}

t.test('in partitionable mode a longer draw begins with the shorter one', (t) => {
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.nat(5000), fc.nat(5000), (seed, m, n) => {
      const [short, long] = [Math.min(m, n), Math.max(m, n)];
      const words = bits(key(seed), [long]).data.slice(0, short);
      return (
        Buffer.compare(Buffer.from(words.buffer), Buffer.from(bits(key(seed), [short]).data.buffer)) === 0
      );
    }),
    { numRuns: 30 },
  );
  t.end();
});

t.test('uniform floats lie between min and the largest in [0, 1), stretched', (t) => {
  const { fround } = Math;
  const bound = fc.float({ min: -1000, max: 1000, noNaN: true });
  fc.assert(
    fc.property(anyKey, bound, bound, (k, a, b) => {
      const [min, max] = [Math.min(a, b), Math.max(a, b)];
      // Of a range that is narrow beside its ends this may be max itself, by rounding.
      const largest = fround(fround((1 - 2 ** -23) * fround(max - min)) + min);
      return uniform(k, [50], { min, max }).data.every((u) => u >= min && u <= largest);
    }),
  );
  t.end();
});

t.test('truncated normals lie strictly between their bounds', (t) => {
  const bound = fc.float({ min: -6, max: 6, noNaN: true });
  fc.assert(
    fc.property(anyKey, bound, bound, (k, a, b) => {
      fc.pre(Math.abs(a - b) > 1e-3);
      const [lower, upper] = [Math.min(a, b), Math.max(a, b)];
      return truncatedNormal(k, lower, upper, [50]).data.every((z) => z > lower && z < upper);
    }),
  );
  t.end();
});

t.test('truncated normals between bounds a few float32 apart lie strictly between them too', (t) => {
  for (const [lower, upper] of [
    [1, 1 + 2 ** -21],
    [-1 - 2 ** -21, -1],
    [-(2 ** -148), 2 ** -148],
    [3, 3 + 2 ** -20],
    [0, 2 ** -147],
  ]) {
    const { data } = truncatedNormal(key(8), lower, upper, [500]);
    t.ok(
      data.every((z) => z > lower && z < upper),
      `(${lower}, ${upper})`,
    );
  }
  t.end();
});

t.test('a scaled and shifted draw is the standard one, scaled, then shifted', (t) => {
  const affine = { stddev: 0.3, mean: -7 };
  const mapped = (z: number) => Math.fround(Math.fround(Math.fround(0.3) * z) - 7);
  for (const mode of MODES) {
    const k = key(5, mode);
    t.same(normal(k, [99], affine).data, normal(k, [99]).data.map(mapped));
    t.same(truncatedNormal(k, -1, 2, [99], affine).data, truncatedNormal(k, -1, 2, [99]).data.map(mapped));
  }
  t.end();
});

t.test('integers lie in [min, max), and all of a small range occur', (t) => {
  fc.assert(
    fc.property(anyKey, fc.integer(), fc.integer(), (k, a, b) => {
      fc.pre(a !== b);
      const [min, max] = [Math.min(a, b), Math.max(a, b)];
      return randint(k, [20], min, max).data.every((n) => n >= min && n < max);
    }),
  );
  t.equal(new Set(randint(key(0), [500], -3, 4).data).size, 7);
  t.end();
});

t.test('a permutation holds every index once', (t) => {
  fc.assert(
    fc.property(anyKey, fc.nat(60), (k, n) => {
      const order = [...permutation(k, n).data].sort((a, b) => a - b);
      return order.length === n && order.every((value, i) => value === i);
    }),
  );
  t.end();
});

t.test('a permuted array has the slices of the permutation of its length', (t) => {
  const rows = int32([5, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const order = permutation(key(3), 5).data;
  t.same(
    [...permutation(key(3), rows).data],
    [...order].flatMap((row) => [2 * row, 2 * row + 1]),
  );
  t.same([...rows.data], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 'and the argument is left as it was');
  t.end();
});

/** Mean of a large draw. */
const mean = ({ data }: HostArray): number => (data as Float32Array).reduce((a, b) => a + b, 0) / data.length;

t.test('means are those of the distributions', (t) => {
  const n = 20_000;
  for (const mode of MODES) {
    const k = key(11, mode);
    const near = (found: number, expected: number, name: string) =>
      t.ok(Math.abs(found - expected) < 0.03, `${name}: ${found}, expected ${expected}`);
    near(mean(uniform(k, [n])), 0.5, 'uniform');
    near(mean(normal(k, [n])), 0, 'normal');
    near(mean(bernoulli(k, 0.2, [n])), 0.2, 'bernoulli');
    near(mean(gumbel(k, [n])), 0.5772, 'gumbel, Euler’s constant');
    near(mean(gamma(k, 0.7, [n])), 0.7, 'gamma');
    near(mean(beta(k, 2, 3, [n])), 0.4, 'beta');
    const categories = categorical(k, float32([3], [Math.log(1), Math.log(2), Math.log(5)]), { shape: [n] });
    near(mean(categories), (2 + 2 * 5) / 8, 'categorical');
  }
  t.end();
});

t.test('logarithms of gamma draws are the logarithms of the gamma draws', (t) => {
  const [logs, draws] = [loggamma(key(2), 0.4, [50]).data, gamma(key(2), 0.4, [50]).data];
  t.ok(logs.every((x, i) => Math.abs(Math.exp(x) - draws[i]) < 1e-5));
  t.end();
});

t.test('arguments that make no sense are refused', (t) => {
  const k = key(0);
  t.throws(() => bernoulli(k, 1.5, [2]), { message: /probability/ });
  t.throws(() => bernoulli(k, NaN, [2]), { message: /probability/ });
  t.throws(() => truncatedNormal(k, 2, -2, [2]), { message: /lower < upper/ });
  t.throws(() => truncatedNormal(k, NaN, 2, [2]), { message: /lower < upper/ });
  t.throws(() => uniform(k, [2], { min: 1, max: 0 }), { message: /needs min <= max/ });
  t.throws(() => uniform(k, [2], { min: -3e38, max: 3e38 }), { message: /a finite float32 apart/ });
  t.throws(() => randint(k, [2], 0, 2 ** 31), { message: /max must be an integer of 32 bits/ });
  t.throws(() => randint(k, [2], 0.5, 3), { message: /min must be an integer/ });
  t.throws(() => gamma(k, 0, [2]), { message: /must be positive/ });
  t.throws(() => beta(k, 1, -1, [2]), { message: /must be positive/ });
  t.throws(() => permutation(k, 2.5), { message: /length of a permutation/ });
  t.throws(() => permutation(k, int32([2], [1, 2]), 1), { message: /no axis 1/ });
  t.throws(() => categorical(k, float32([0], [])), { message: /no categories/ });
  t.throws(() => categorical(k, float32([2, 3], [1, 2, 3, 4, 5, 6]), { shape: [3] }), {
    message: /must end in \[2\]/,
  });
  t.end();
});
