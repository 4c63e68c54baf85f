/** Two-way mappings: total on both sides, and nothing is changed on the way there and back. */
import * as E from 'fp-ts/lib/Either.js';
import * as fc from '../../../property.js';
import t from 'tap';
import { array, float32, type HostArray, int32 } from '../../../../lib/data/array.js';
import {
  nameMapping,
  rearrange,
  showNamePairs,
  showNamesError,
  translateArrays,
  translateNames,
  transposed,
  untranslated,
} from '../../../../lib/checkpoint/index.js';

const tower = nameMapping(
  [
    { left: 'tower/~/layer{_i}/w', right: 'tower.{#i}.weight', arrangement: transposed },
    { left: 'tower/~/layer{_i}/b', right: 'tower.{#i}.bias' },
    { left: 'norm/scale', right: 'norm.weight', arrangement: { kind: 'leadingOnes', count: 2 } },
    { left: 'norm/count', right: 'norm.seen', arrangement: { kind: 'counter' } },
  ],
  [
    {
      left: 'norm/double',
      from: ['norm/count'],
      make: ([count]) => int32([], [2 * Number(count.data[0])]),
      agrees: (given, made) => Number(given.data[0]) === Number(made.data[0]),
    },
  ],
);

const named = (layers: number, double = 6): ReadonlyMap<string, HostArray> => {
  const numbers = Array.from({ length: layers }, (_, i) => (i === 0 ? '' : `_${i}`));
  return new Map<string, HostArray>([
    ...numbers.flatMap((number, i): [string, HostArray][] => [
      [`tower/~/layer${number}/w`, float32([2, 3], [1, 2, 3, 4, 5, 6 + i])],
      [`tower/~/layer${number}/b`, float32([3], [i, i, i])],
    ]),
    ['norm/scale', float32([1, 1, 2], [7, 8])],
    ['norm/count', int32([], [3])],
    ['norm/double', int32([], [double])],
  ]);
};

const plain = (arrays: ReadonlyMap<string, HostArray>) =>
  Object.fromEntries(
    [...arrays].map(([name, { shape, dtype, data }]) => [
      name,
      { shape, dtype, data: [...(data as Float32Array)] },
    ]),
  );

const rightOf = <A>(result: E.Either<Parameters<typeof showNamesError>[0], A>): A => {
  if (E.isLeft(result)) throw new Error(showNamesError(result.left));
  return result.right;
};

const problems = (result: E.Either<Parameters<typeof showNamesError>[0], unknown>) => {
  if (E.isRight(result)) throw new Error('it was translated');
  return result.left.problems;
};

t.test('arrays get the other names, and are held as they are there', async (t) => {
  const right = rightOf(translateArrays(tower, 'toRight')(named(2)));
  t.same(plain(right), {
    'tower.0.weight': { shape: [3, 2], dtype: 'float32', data: [1, 4, 2, 5, 3, 6] },
    'tower.0.bias': { shape: [3], dtype: 'float32', data: [0, 0, 0] },
    'tower.1.weight': { shape: [3, 2], dtype: 'float32', data: [1, 4, 2, 5, 3, 7] },
    'tower.1.bias': { shape: [3], dtype: 'float32', data: [1, 1, 1] },
    'norm.weight': { shape: [2], dtype: 'float32', data: [7, 8] },
    'norm.seen': { shape: [], dtype: 'int64', data: [3n] },
  });
});

t.test('there and back nothing is changed', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), (layers) => {
      const given = named(layers);
      const there = rightOf(translateArrays(tower, 'toRight')(given));
      const back = rightOf(translateArrays(tower, 'toLeft')(there));
      t.same(plain(back), plain(given));
    }),
    { numRuns: 6 },
  );
});

t.test('the dry run has every name, and what follows from others', async (t) => {
  const there = rightOf(translateNames(tower, 'toRight')(named(1).keys()));
  t.same(there, [
    { from: 'tower/~/layer/w', to: 'tower.0.weight', arrangement: transposed },
    { from: 'tower/~/layer/b', to: 'tower.0.bias', arrangement: undefined },
    { from: 'norm/scale', to: 'norm.weight', arrangement: { kind: 'leadingOnes', count: 2 } },
    { from: 'norm/count', to: 'norm.seen', arrangement: { kind: 'counter' } },
    { from: 'norm/double', to: undefined, arrangement: undefined },
  ]);
  t.equal(
    showNamePairs(there),
    [
      'tower/~/layer/w -> tower.0.weight  (transposed)',
      'tower/~/layer/b -> tower.0.bias',
      'norm/scale      -> norm.weight  (2 leading axes of 1)',
      'norm/count      -> norm.seen  (int32, int64)',
      'norm/double     -> (left out: it follows from others)',
    ].join('\n'),
  );
  const names = ['tower.0.weight', 'tower.0.bias', 'norm.weight', 'norm.seen'];
  const back = rightOf(translateNames(tower, 'toLeft')(names));
  t.match(back[4], { from: undefined, to: 'norm/double' });
  t.match(showNamePairs(back), /\(made\) {9}-> norm\/double$/);
});

t.test('names that are left over or missing are refused, all of them, with what was meant', async (t) => {
  const names = ['tower.0.weight', 'tower.1.weight', 'tower.1.bias', 'norm.weigth', 'norm.seen', 'x'];
  t.same(problems(translateNames(tower, 'toLeft')(names)), [
    { kind: 'leftOver', name: 'norm.weigth', nearest: 'norm.weight' },
    { kind: 'leftOver', name: 'x', nearest: undefined },
    { kind: 'missing', name: 'tower.0.bias', nearest: undefined },
    { kind: 'missing', name: 'norm.weight', nearest: 'norm.weigth' },
  ]);
  t.equal(untranslated(tower, 'toLeft', names), 4);
});

t.test('layers are counted from the first, and there is one at least', async (t) => {
  const missing = (names: readonly string[]) =>
    problems(translateNames(tower, 'toLeft')(names)).flatMap((problem) =>
      problem.kind === 'missing' ? [problem.name] : [],
    );
  const rest = ['norm.weight', 'norm.seen'];
  t.same(missing(rest), ['tower.0.weight', 'tower.0.bias']);
  t.same(missing(['tower.2.weight', 'tower.2.bias', 'tower.0.weight', 'tower.0.bias', ...rest]), [
    'tower.1.weight',
    'tower.1.bias',
  ]);
});

t.test('a number in a name that is far too high is refused in no time', async (t) => {
  const names = ['tower.999999999.weight', 'tower.0.bias', 'norm.weight', 'norm.seen'];
  t.equal(problems(translateNames(tower, 'toLeft')(names)).length, 1999);
});

t.test('an array that is not as its rule expects is refused', async (t) => {
  const change = (name: string, given: HostArray) => {
    const arrays = new Map(named(1));
    arrays.set(name, given);
    return problems(translateArrays(tower, 'toRight')(arrays));
  };
  t.same(change('tower/~/layer/w', float32([6], [1, 2, 3, 4, 5, 6])), [
    { kind: 'array', name: 'tower/~/layer/w', found: 'float32 [6]', expected: '2 axes' },
  ]);
  t.match(change('norm/scale', float32([2, 1, 1], [7, 8])), [{ expected: '2 leading axes of length 1' }]);
  t.match(change('norm/count', float32([], [0.5])), [{ expected: 'one whole number of 32 bits' }]);
});

t.test('what would be lost on the way is refused, where it does not follow from the rest', async (t) => {
  t.match(problems(translateArrays(tower, 'toRight')(named(1, 7))), [{ kind: 'array', name: 'norm/double' }]);
});

t.test('two names that become one are refused', async (t) => {
  const both = nameMapping([
    { left: 'a{_i}/w', right: 'a.{#i}' },
    { left: 'b/w', right: 'a.0' },
  ]);
  t.same(problems(translateNames(both, 'toRight')(['a/w', 'b/w'])), [
    { kind: 'clash', names: ['a/w', 'b/w'], to: 'a.0' },
  ]);
});

t.test('a mapping that cannot be one throws', async (t) => {
  const make = (left: string, right: string) => () => nameMapping([{ left, right }]);
  t.throws(make('a{_i}', 'b'), /different variables/);
  t.throws(make('a{x}', 'b{x}'), /one variable at most, and it is a number/);
  t.throws(make('a{_i}{_j}', 'b{#i}{#j}'), /one variable at most/);
  t.throws(make('a{', 'b'), /no variable/);
});

t.test('axes go there and back, whatever their order', async (t) => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }),
      (order, shape) => {
        const size = shape.reduce((product, n) => product * n, 1);
        const given = float32(
          shape,
          Array.from({ length: size }, (_, i) => i),
        );
        const there = rearrange(given, { kind: 'axes', order }, 'toRight');
        if (E.isLeft(there)) return false;
        const back = rearrange(there.right, { kind: 'axes', order }, 'toLeft');
        if (E.isLeft(back)) return false;
        t.same(
          there.right.shape,
          order.map((axis) => shape[axis]),
        );
        t.same(plain(new Map([['', back.right]])), plain(new Map([['', given]])));
        return true;
      },
    ),
    { numRuns: 50 },
  );
});

t.test('16-bit floats and 64-bit integers are moved as they are', async (t) => {
  const half = array([1, 2], 'bfloat16', Uint16Array.of(1, 2));
  const moved = rightOf(
    translateArrays(
      nameMapping([{ left: 'a/w', right: 'a.w', arrangement: transposed }]),
      'toRight',
    )(new Map([['a/w', half]])),
  );
  t.same(plain(moved), { 'a.w': { shape: [2, 1], dtype: 'bfloat16', data: [1, 2] } });
});
