import t from 'tap';
import * as fc from '../../property.js';
import { type Shape, sizeOf } from '../../../lib/data/array.js';
import * as init from '../../../lib/language/initializers.js';
import { MissingKeyError, key, split } from '../../../lib/random/index.js';
import { LOOSE, MODES, NORMAL, type Tolerance, far, keyOf, readGoldens } from '../random/golden.js';

/** Uniform draws and constants are equal to the last bit. */
const EXACT: Tolerance = { ulp: 0, absolute: 0 };

const SHAPES = [
  [6, 5],
  [3, 3, 4, 5],
];

const scaled = (
  name: string,
  distribution: init.VarianceScalingConfig['distribution'],
  tolerance: Tolerance,
) =>
  (['fanIn', 'fanOut', 'fanAvg'] as const).map((mode, i) => {
    const haiku = ['fan_in', 'fan_out', 'fan_avg'][i];
    return [
      `variance_scaling_${haiku}_${name}`,
      init.varianceScaling({ scale: 2, mode, distribution }),
      tolerance,
    ] as const;
  });

/** Haiku's initializers as the goldens were made, with the names they have there. */
const CASES: readonly (readonly [string, init.Initializer, Tolerance | number])[] = [
  ['constant_2', init.constant(2), EXACT],
  ['identity', init.identity({ gain: 1.5 }), EXACT],
  ['random_normal', init.randomNormal({ stddev: 0.5, mean: 0.1 }), NORMAL],
  ['random_uniform', init.randomUniform({ min: -0.3, max: 0.7 }), EXACT],
  ['truncated_normal', init.truncatedNormal({ stddev: 0.02, mean: 0.5 }), NORMAL],
  ['orthogonal', init.orthogonal({ scale: 1.1 }), LOOSE],
  ['uniform_scaling', init.uniformScaling({ scale: 1.3 }), EXACT],
  ...scaled('truncated_normal', 'truncatedNormal', NORMAL),
  ...scaled('normal', 'normal', NORMAL),
  ...scaled('uniform', 'uniform', EXACT),
];

/** Further cases, each with its shape: other axes, bounds, fans and ranks. */
const EXTRA: readonly (readonly [string, init.Initializer, Shape, Tolerance | number])[] = [
  ['orthogonal_5x6', init.orthogonal(), [5, 6], LOOSE],
  ['orthogonal_4x4', init.orthogonal({ scale: 2 }), [4, 4], LOOSE],
  ['orthogonal_axis0_3x4x5', init.orthogonal({ axis: 0 }), [3, 4, 5], LOOSE],
  ['orthogonal_axis1_3x14x2', init.orthogonal({ axis: 1 }), [3, 14, 2], LOOSE],
  ['orthogonal_axis-2_7x2', init.orthogonal({ axis: -2 }), [7, 2], LOOSE],
  ['identity_2x3x4', init.identity({ gain: 0.3 }), [2, 3, 4], EXACT],
  ['identity_5x2', init.identity(), [5, 2], EXACT],
  ['constant_3x2x3', init.constant([[1.5], [2.5]]), [3, 2, 3], EXACT],
  ['uniform_scaling_7', init.uniformScaling(), [7], EXACT],
  [
    'variance_scaling_axes_2x3x4',
    init.varianceScaling({ scale: 1.7, distribution: 'normal', fanInAxes: [0, 2] }),
    [2, 3, 4],
    NORMAL,
  ],
  [
    'variance_scaling_out_axes_2x3x4',
    init.varianceScaling({ scale: 1.7, mode: 'fanOut', distribution: 'uniform', fanInAxes: [1] }),
    [2, 3, 4],
    EXACT,
  ],
  ['variance_scaling_7', init.varianceScaling({ scale: 0.1 }), [7], NORMAL],
  ['variance_scaling', init.varianceScaling({ scale: 0.1, mode: 'fanAvg' }), [], NORMAL],
  ['variance_scaling_zero_5', init.varianceScaling({ scale: 0 }), [5], EXACT],
  [
    'truncated_normal_bounds_33',
    init.truncatedNormal({ stddev: 0.3, mean: -1, lower: -0.5, upper: 3 }),
    [33],
    NORMAL,
  ],
  ['random_normal_33', init.randomNormal({ stddev: 3, mean: -7 }), [33], NORMAL],
];

/** The names of the stored initial values, without the mode. */
const storedNames = (goldens: ReadonlyMap<string, unknown>): string[] =>
  [...new Set([...goldens.keys()].flatMap((name) => /\/init\/(.*)/.exec(name)?.[1] ?? []))].sort();

t.test("every initializer gives Haiku's values in both modes", (t) => {
  const goldens = readGoldens('random/random.npz');
  const named = CASES.flatMap(([name, initializer, tolerance]) =>
    SHAPES.filter((shape) => name !== 'identity' || shape.length === 2).map(
      (shape) => [`${name}/${shape.join('x')}`, initializer, shape, tolerance] as const,
    ),
  );
  for (const mode of MODES) {
    const [, sub] = split(keyOf(mode, goldens.get(`${mode}/key`)!));
    for (const [name, initializer, shape, tolerance] of named) {
      const expected = goldens.get(`${mode}/init/${name}`)!;
      t.equal(far(initializer.sample(shape, sub), expected, tolerance), undefined, `${mode}/${name}`);
    }
  }
  t.same(named.map(([name]) => name).sort(), storedNames(goldens), 'and no stored case is left out');
  t.end();
});

t.test("other axes, bounds, fans and ranks give Haiku's values in both modes", (t) => {
  const goldens = readGoldens('random-extra/extra.npz');
  for (const mode of MODES) {
    const [, sub] = split(key(2 ** 31 + 12345, mode));
    for (const [name, initializer, shape, tolerance] of EXTRA) {
      const expected = goldens.get(`${mode}/init/${name}`)!;
      t.equal(far(initializer.sample(shape, sub), expected, tolerance), undefined, `${mode}/${name}`);
    }
  }
  t.same(EXTRA.map(([name]) => name).sort(), storedNames(goldens), 'and no stored case is left out');
  t.end();
});

t.test('an initializer says what it is, and whether it needs a key', (t) => {
  const random = [
    init.randomNormal(),
    init.truncatedNormal(),
    init.randomUniform(),
    init.varianceScaling(),
    init.uniformScaling(),
    init.orthogonal(),
  ];
  for (const initializer of random) {
    t.ok(initializer.isRandom, initializer.kind);
    t.throws(() => initializer.sample([2, 3], undefined), MissingKeyError, initializer.kind);
  }
  for (const initializer of [init.zeros, init.ones, init.constant(3), init.identity()]) {
    t.notOk(initializer.isRandom, initializer.kind);
    t.same(initializer.sample([2, 2], undefined), initializer.sample([2, 2], key(1)), initializer.kind);
  }
  t.same(init.truncatedNormal({ stddev: 0.02 }).config, { stddev: 0.02, mean: 0, lower: -2, upper: 2 });
  t.same(init.varianceScaling({ scale: 2 }).config, {
    scale: 2,
    mode: 'fanIn',
    distribution: 'truncatedNormal',
  });
  t.same([init.zeros.kind, init.ones.kind], ['zeros', 'ones']);
  t.end();
});

t.test('zeros are zeros and ones are ones, scalars too', (t) => {
  t.same([...init.zeros.sample([2, 2], undefined).data], [0, 0, 0, 0]);
  t.same([...init.ones.sample([3], undefined).data], [1, 1, 1]);
  t.same([...init.ones.sample([], undefined).data], [1]);
  t.end();
});

t.test('a constant array fills a shape by repeating itself along leading and unit axes', (t) => {
  t.same([...init.constant([1, 2]).sample([3, 2], undefined).data], [1, 2, 1, 2, 1, 2]);
  t.same([...init.constant([[1], [2]]).sample([2, 3], undefined).data], [1, 1, 1, 2, 2, 2]);
  t.same([...init.constant([[[5]]]).sample([1, 2, 1], undefined).data], [5, 5]);
  t.end();
});

t.test('draws have the shape and the variance that they promise', (t) => {
  const sizes = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(fc.array(sizes, { maxLength: 4 }), fc.nat(), (shape, seed) => {
      const { shape: drawn, data } = init.varianceScaling().sample(shape, key(seed));
      return drawn.join() === shape.join() && data.length === sizeOf(shape);
    }),
  );
  for (const distribution of ['truncatedNormal', 'normal', 'uniform'] as const) {
    const { data } = init.varianceScaling({ scale: 3, distribution }).sample([200, 100], key(4));
    const variance = data.reduce((sum, x) => sum + x * x, 0) / data.length;
    t.ok(Math.abs(variance * 200 - 3) < 0.1, `${distribution}: ${variance * 200}`);
  }
  t.end();
});

t.test('orthogonal weights are orthonormal along the smaller side, whatever the shape', (t) => {
  const sizes = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(sizes, sizes, fc.nat(), (rows, columns, seed) => {
      const { data } = init.orthogonal().sample([rows, columns], key(seed));
      const at = (i: number, j: number): number =>
        rows >= columns ? data[j * columns + i] : data[i * columns + j];
      const [short, long] = [Math.min(rows, columns), Math.max(rows, columns)];
      for (let i = 0; i < short; i++) {
        for (let j = 0; j < short; j++) {
          let dot = 0;
          for (let k = 0; k < long; k++) dot += at(i, k) * at(j, k);
          if (Math.abs(dot - (i === j ? 1 : 0)) > 1e-5) return false;
        }
      }
      return true;
    }),
  );
  t.same([...init.orthogonal().sample([0, 3], key(1)).data], [], 'an empty one too');
  t.end();
});

t.test('a parameter of no elements is drawn without complaint', (t) => {
  for (const initializer of [init.varianceScaling(), init.uniformScaling(), init.identity(), init.zeros]) {
    t.same(initializer.sample([0, 4], key(1)).shape, [0, 4], initializer.kind);
  }
  t.end();
});

t.test('arguments that make no sense are refused, with the reason', (t) => {
  const refused = (make: () => unknown, message: RegExp) => t.throws(make, { name: 'RangeError', message });
  refused(() => init.varianceScaling({ scale: -1 }), /scale must not be negative, got -1/);
  refused(
    () => init.varianceScaling({ mode: 'fan_in' as 'fanIn' }),
    /mode must be one of fanIn, .*got fan_in/,
  );
  refused(() => init.varianceScaling({ distribution: 'gauss' as 'normal' }), /distribution must be one of/);
  refused(() => init.varianceScaling({ fanInAxes: [3] }).sample([2, 2, 2], key(0)), /axis 3 is not one of/);
  refused(() => init.truncatedNormal({ stddev: NaN }), /truncatedNormal: stddev must be a finite number/);
  refused(() => init.truncatedNormal({ lower: 2 }), /lower < upper/);
  refused(() => init.randomNormal({ mean: Infinity }), /mean must be a finite number/);
  refused(() => init.randomUniform({ min: 2 }), /min <= max/);
  refused(() => init.uniformScaling({ scale: -2 }), /uniformScaling: scale must not be negative, got -2/);
  refused(() => init.uniformScaling({ scale: NaN }), /scale must be a finite number/);
  refused(() => init.orthogonal().sample([4], key(0)), /at least two axes, got shape \[4\]/);
  refused(() => init.orthogonal({ axis: 2 }).sample([4, 4], key(0)), /axis 2 is not one of shape/);
  refused(() => init.identity().sample([4], undefined), /at least two axes/);
  refused(() => init.constant([[1, 2], [3]]), /lists of different lengths/);
  refused(() => init.constant([1, 2]).sample([3], undefined), /does not fill shape \[3\]/);
  refused(() => init.constant([[1, 2]]).sample([2], undefined), /does not fill shape \[2\]/);
  t.end();
});
