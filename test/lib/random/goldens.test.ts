/** Every draw that JAX stored, in both modes: the cases of random/ and of random-extra/, none left out. */
import t, { type Test } from 'tap';
import { type HostArray, array, float32, int32 } from '../../../lib/data/array.js';
import {
  type Key,
  beta,
  bernoulli,
  bits,
  categorical,
  foldIn,
  gamma,
  gumbel,
  key,
  keySequence,
  loggamma,
  normal,
  permutation,
  randint,
  split,
  truncatedNormal,
  uniform,
} from '../../../lib/random/index.js';
import { LOOSE, MODES, NORMAL, type Tolerance, far, keyOf, readGoldens, unequal, wordsOf } from './golden.js';

/** A draw and how far it may be from JAX's; integers, words and uniform floats are equal. */
type Case = readonly [draw: (key: Key) => HostArray, tolerance?: Tolerance | number];

const words = (key: Key): HostArray<'uint32'> => array([2], 'uint32', Uint32Array.from(key.words));

const take = (next: () => () => Key, n: number): Key[] => Array.from({ length: n }, () => next()());

const LOG_PROBABILITIES = float32([4], [0.1, 0.2, 0.3, 0.4].map(Math.log));

const MAIN: Readonly<Record<string, Case>> = {
  key: [() => words(key(42))],
  key_big: [() => words(key(2 ** 31 + 42))],
  key_neg: [() => words(key(-1))],
  split2: [(k) => wordsOf(split(k))],
  split5: [(k) => wordsOf(split(k, 5))],
  fold_in_3: [(k) => words(foldIn(k, 3))],
  fold_in_big: [(k) => words(foldIn(k, 4_000_000_000))],
  bits_1: [(k) => bits(k, [1])],
  bits_2: [(k) => bits(k, [2])],
  bits_3: [(k) => bits(k, [3])],
  bits_8: [(k) => bits(k, [8])],
  bits_1001: [(k) => bits(k, [1001])],
  bits_3x5: [(k) => bits(k, [3, 5])],
  bits8_7: [(k) => bits(k, [7], 8)],
  bits16_7: [(k) => bits(k, [7], 16)],
  uniform_3x5: [(k) => uniform(k, [3, 5])],
  'uniform_-2_5_9': [(k) => uniform(k, [9], { min: -2, max: 5 })],
  normal_4x7: [(k) => normal(k, [4, 7]), NORMAL],
  'truncated_normal_-2_2_500': [(k) => truncatedNormal(k, -2, 2, [500]), NORMAL],
  'truncated_normal_-1_3_50': [(k) => truncatedNormal(k, -1, 3, [50]), NORMAL],
  'bernoulli_0.3_40': [(k) => bernoulli(k, 0.3, [40])],
  randint_0_10_30: [(k) => randint(k, [30], 0, 10)],
  'randint_-5_1000000_30': [(k) => randint(k, [30], -5, 1_000_000)],
  permutation_20: [(k) => permutation(k, 20)],
  categorical_30: [(k) => categorical(k, LOG_PROBABILITIES, { shape: [30] })],
  gumbel_12: [(k) => gumbel(k, [12]), LOOSE],
  'beta_0.2_6': [(k) => beta(k, 0.2, 0.2, [6]), LOOSE],
  prng_sequence_5: [(k) => wordsOf(take(keySequence(k), 5))],
  // Haiku splits five keys off at once when four are reserved; the next draws split one at a time.
  prng_sequence_reserve4_take6: [
    (k) => {
      const [link, ...reserved] = split(k, 5);
      return wordsOf([...reserved, ...take(keySequence(link), 2)]);
    },
  ],
};

// prettier-ignore
const LOGITS = float32([2, 3, 4], [
  0, 1, -1, 0.5,  2, 0, 0, 0.5,  -Infinity, 1, 3, 0.5,
  0, 0, 0, 0,  1, -2, 0, 0.3,  0.5, 0.5, 0.5, -Infinity,
]);
const GRID = int32([4, 3, 2], [...Array(24).keys()]);

const over = <T>(values: readonly T[], entry: (value: T) => readonly [string, Case]): Record<string, Case> =>
  Object.fromEntries(values.map(entry));

const RANGES = [
  [0, 1],
  [0, 3],
  [5, 5],
  [7, 3],
  [0, 65536],
  [0, 65537],
  [-(2 ** 31), 2 ** 31 - 1],
  [-3, 2 ** 30],
];
const BOUNDS = [
  ['-2_2', -2, 2],
  ['-5_-1', -5, -1],
  ['0.5_6', 0.5, 6],
  ['-0.001_0.001', -0.001, 0.001],
  ['-inf_inf', -Infinity, Infinity],
  ['0_0.001', 0, 0.001],
] as const;
const SMALL_SHAPES = [[], [1], [4], [5, 3]];
const SHAPE_PARAMETERS = ['0.01', '0.3', '1.0', '4.5'];

const EXTRA: Readonly<Record<string, Case>> = {
  split0: [(k) => wordsOf(split(k, 0))],
  split1: [(k) => wordsOf(split(k, 1))],
  split7: [(k) => wordsOf(split(k, 7))],
  fold_in_0: [(k) => words(foldIn(k, 0))],
  fold_in_max: [(k) => words(foldIn(k, 2 ** 32 - 1))],
  chain: [(k) => words([...Array(20).keys()].reduce((link, i) => foldIn(split(link, 3)[i % 3], i), k))],
  bits: [(k) => bits(k, [])],
  bits_4097: [(k) => bits(k, [4097])],
  ...over(SMALL_SHAPES, (shape) => [`bits8_${shape.join('x')}`, [(k) => bits(k, shape, 8)]]),
  ...over(SMALL_SHAPES, (shape) => [`bits16_${shape.join('x')}`, [(k) => bits(k, shape, 16)]]),
  uniform: [(k) => uniform(k, [])],
  uniform_0: [(k) => uniform(k, [0])],
  uniform_2x0x3: [(k) => uniform(k, [2, 0, 3])],
  uniform_2049_wide: [(k) => uniform(k, [2049], { min: -1e30, max: 3e30 })],
  uniform_7_tiny: [(k) => uniform(k, [7], { min: 1, max: 1 + 2e-7 })],
  normal: [(k) => normal(k, []), NORMAL],
  normal_3001: [(k) => normal(k, [3001]), NORMAL],
  ...over(BOUNDS, ([name, lower, upper]) => [
    `truncated_normal_${name}`,
    [(k) => truncatedNormal(k, lower, upper, [301]), NORMAL],
  ]),
  ...over([0, 0.5, 0.9, 1], (p) => [
    `bernoulli_${Number.isInteger(p) ? p.toFixed(1) : p}`,
    [(k) => bernoulli(k, p, [33])],
  ]),
  bernoulli: [(k) => bernoulli(k, 0.5, [])],
  ...over(RANGES, ([min, max]) => [`randint_${min}_${max}`, [(k) => randint(k, [17], min, max)]]),
  ...over([0, 1, 2, 1700], (n) => [`permutation_${n}`, [(k) => permutation(k, n)]]),
  ...over([0, 1, -1], (axis) => [`permutation_grid_${axis}`, [(k) => permutation(k, GRID, axis)]]),
  ...over([0, 1, 2], (axis) => [`categorical_${axis}`, [(k) => categorical(k, LOGITS, { axis })]]),
  categorical_1_5: [(k) => categorical(k, LOGITS, { axis: 1, shape: [5, 2, 4] })],
  gumbel_3x5: [(k) => gumbel(k, [3, 5]), LOOSE],
  ...over(SHAPE_PARAMETERS, (a) => [`gamma_${a}`, [(k) => gamma(k, Number(a), [9]), LOOSE]]),
  ...over(SHAPE_PARAMETERS, (a) => [`loggamma_${a}`, [(k) => loggamma(k, Number(a), [9]), LOOSE]]),
  'beta_1.5_0.7': [(k) => beta(k, 1.5, 0.7, [9]), LOOSE],
  beta_3_2: [(k) => beta(k, 3, 2, []), LOOSE],
};

const compare = (
  found: HostArray,
  expected: HostArray,
  tolerance?: Tolerance | number,
): string | undefined =>
  tolerance === undefined
    ? unequal(found, expected)
    : far(found as HostArray<'float32'>, expected, tolerance);

const sweep = (
  t: Test,
  path: string,
  cases: Readonly<Record<string, Case>>,
  root: (m: string) => HostArray,
) => {
  const goldens = readGoldens(path);
  for (const mode of MODES) {
    const from = keyOf(mode, root(mode));
    for (const [name, [draw, tolerance]] of Object.entries(cases)) {
      const expected = goldens.get(`${mode}/${name}`);
      t.ok(expected, `${mode}/${name} is stored`);
      t.equal(compare(draw(from), expected!, tolerance), undefined, `${mode}/${name}`);
    }
    const stored = [...goldens.keys()].filter((name) => name.startsWith(mode) && !name.includes('/init/'));
    t.same(stored.map((name) => name.slice(mode.length + 1)).sort(), Object.keys(cases).sort());
  }
};

t.test("every stored draw is JAX's", (t) => {
  const goldens = readGoldens('random/random.npz');
  sweep(t, 'random/random.npz', MAIN, (mode) => goldens.get(`${mode}/key`)!);
  t.end();
});

t.test("scalars, empty and odd shapes, chunk edges and extreme arguments are JAX's", (t) => {
  sweep(t, 'random-extra/extra.npz', EXTRA, () => words(key(2 ** 31 + 12345)));
  t.end();
});

t.test("seeds of any size and sign give JAX's keys", (t) => {
  const seeds = [...readGoldens('random-extra/extra.npz')].filter(([name]) => name.startsWith('seed/'));
  t.equal(seeds.length, 7);
  for (const [name, expected] of seeds) {
    const seed = BigInt(name.slice('seed/'.length));
    t.equal(unequal(words(key(seed)), expected), undefined, name);
    t.same(key(seed, 'legacy').words, key(seed).words);
  }
  t.end();
});
