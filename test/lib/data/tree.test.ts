import t, { type Test } from 'tap';
import * as fc from '../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import * as I from 'fp-ts/lib/Identity.js';
import * as O from 'fp-ts/lib/Option.js';
import * as S from 'fp-ts/lib/string.js';
import { array, type DType, float32, type HostArray, int32 } from '../../../lib/data/array.js';
import type { Params } from '../../../lib/data/leaf.js';
import * as tree from '../../../lib/data/trees.js';

type Tree<A> = tree.Tree<A>;

/** Names that a careless record would stumble on, among others. */
const name = fc.oneof(
  fc.constantFrom('w', 'b', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '~'),
  fc.stringMatching(/^[a-z_]{1,6}$/),
);
const modulePath = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));

/** Trees of whole numbers, with paths in no special order. */
const trees: fc.Arbitrary<Tree<number>> = fc
  .uniqueArray(fc.tuple(modulePath, name, fc.integer()), {
    maxLength: 8,
    selector: ([module, leaf]) => tree.joinPath(module, leaf),
  })
  .map((entries) =>
    tree.unflatten(entries.map(([module, leaf, n]) => [tree.joinPath(module, leaf), n] as const)),
  );
const functions = fc.func(fc.integer());

/** Trees as entries: order matters, and what a record does to odd names does not hide. */
const same = (t: Test, found: Tree<unknown>, expected: Tree<unknown>) =>
  t.same(tree.flatten(found), tree.flatten(expected));

const small: Tree<number> = { b: { w: 1, b: 2 }, 'a/~/c': { w: 3 } };

t.test('flattening gives paths in order, and unflattening the tree again', async (t) => {
  t.same(tree.flatten(small), [
    ['b/w', 1],
    ['b/b', 2],
    ['a/~/c/w', 3],
  ]);
  t.same(tree.paths(small), ['b/w', 'b/b', 'a/~/c/w']);
  fc.assert(fc.property(trees, (a) => same(t, tree.unflatten(tree.flatten(a)), a)));
  t.throws(() => tree.unflatten([['w', 1]]), { message: "'w' is no leaf's path: expected 'module/leaf'" });
  t.throws(
    () =>
      tree.unflatten([
        ['a/w', 1],
        ['a/w', 2],
      ]),
    { message: "'a/w' comes twice" },
  );
});

t.test('names such as __proto__ are names like any other', async (t) => {
  const odd = tree.unflatten([
    ['__proto__/polluted', 1],
    ['constructor/__proto__', 2],
    ['a/constructor', 3],
  ]);
  t.same(tree.paths(odd), ['__proto__/polluted', 'constructor/__proto__', 'a/constructor']);
  t.same(tree.paths(tree.map(odd, (n) => n + 1)), tree.paths(odd));
  t.same(tree.flatten(tree.merge(odd, { b: { w: 4 } })).length, 4);
  t.equal(tree.at(odd, 'constructor/__proto__'), 2);
  t.equal(tree.at(odd, 'a/__proto__'), undefined);
  t.equal(tree.at(odd, 'toString/w'), undefined);
  t.equal(({} as { polluted?: number }).polluted, undefined);
});

t.test('mapping keeps paths and tells them', async (t) => {
  t.same(
    tree.map(small, (n) => 2 * n),
    { b: { w: 2, b: 4 }, 'a/~/c': { w: 6 } },
  );
  t.same(
    tree.mapWithPath(small, (path, n) => `${path}=${n}`),
    { b: { w: 'b/w=1', b: 'b/b=2' }, 'a/~/c': { w: 'a/~/c/w=3' } },
  );
  t.same(
    tree.map({ empty: {} }, () => 1),
    { empty: {} },
    'a module without leaves stays',
  );
});

t.test('folding goes through leaves in order', async (t) => {
  t.equal(
    tree.fold(small, '', (sum, n) => sum + n),
    '123',
  );
  t.equal(
    tree.foldWithPath(small, '', (path, sum, n) => `${sum}${path}${n};`),
    'b/w1;b/b2;a/~/c/w3;',
  );
});

t.test('zipping pairs leaves by path, not by order', async (t) => {
  const other = { 'a/~/c': { w: 'three' }, b: { b: 'two', w: 'one' } };
  t.same(tree.flatten(tree.zip(small, other)), [
    ['b/w', [1, 'one']],
    ['b/b', [2, 'two']],
    ['a/~/c/w', [3, 'three']],
  ]);
  t.same(
    tree.zipWith(small, other, (n, word, path) => `${path}:${n}${word}`),
    { b: { w: 'b/w:1one', b: 'b/b:2two' }, 'a/~/c': { w: 'a/~/c/w:3three' } },
  );
});

t.test('zipping different trees is an error that lists every difference', async (t) => {
  t.throws(() => tree.zip(small, { b: { w: 1, scale: 2 }, d: { w: 1 } }), {
    message:
      'the trees have different leaves; only the first has: b/b, a/~/c/w; only the second has: b/scale, d/w',
  });
});

t.test('leaves are selected by function, expression or list', async (t) => {
  t.same(
    tree.filter(small, (path) => path.endsWith('/w')),
    { b: { w: 1 }, 'a/~/c': { w: 3 } },
  );
  t.same(tree.filter(small, /^b\//g), { b: { w: 1, b: 2 } });
  t.same(tree.filter(small, ['b/b', 'nowhere/w']), { b: { b: 2 } });
});

t.test('the parts of a partition are disjoint and merge into the tree again', async (t) => {
  fc.assert(
    fc.property(trees, fc.func(fc.boolean()), (a, test) => {
      const [yes, no] = tree.partition(a, test);
      t.ok(tree.paths(yes).every((path) => test(path)));
      t.notOk(tree.paths(no).some((path) => test(path)));
      same(t, sorted(tree.merge(yes, no)), sorted(a));
    }),
  );
});

const sorted = <A>(a: Tree<A>): Tree<A> =>
  tree.unflatten([...tree.flatten(a)].sort(([p], [q]) => (p < q ? -1 : 1)));

t.test('merging refuses leaves that both have, unless told which wins', async (t) => {
  t.throws(() => tree.merge(small, { b: { w: 9, b: 9, scale: 9 } }), {
    message: 'both trees have: b/w, b/b',
  });
  t.same(tree.merge(small, { b: { w: 9 } }, { override: true }), { b: { w: 9, b: 2 }, 'a/~/c': { w: 3 } });
});

t.test('the functor laws hold', async (t) => {
  const { map } = tree.Functor;
  fc.assert(
    fc.property(trees, functions, functions, (a, f, g) => {
      same(
        t,
        map(a, (n) => n),
        a,
      );
      same(
        t,
        map(map(a, f), g),
        map(a, (n) => g(f(n))),
      );
    }),
  );
});

t.test('the laws of functors with index hold', async (t) => {
  const { map, mapWithIndex } = tree.FunctorWithIndex;
  fc.assert(
    fc.property(trees, functions, functions, (a, f, g) => {
      same(
        t,
        mapWithIndex(a, (_, n) => n),
        a,
      );
      same(
        t,
        mapWithIndex(mapWithIndex(a, f), g),
        mapWithIndex(a, (path, n) => g(path, f(path, n))),
      );
      same(
        t,
        map(a, f),
        mapWithIndex(a, (_, n) => f(n)),
      );
    }),
  );
});

t.test('the laws of foldables hold, with and without index', async (t) => {
  const { reduce, foldMap, reduceRight } = tree.Foldable;
  const { reduceWithIndex, foldMapWithIndex, reduceRightWithIndex } = tree.FoldableWithIndex;
  const lists = { empty: [] as string[], concat: (x: string[], y: string[]) => [...x, ...y] };
  fc.assert(
    fc.property(trees, (a) => {
      const leaves = tree.flatten(a).map(([, n]) => `${n}`);
      const entries = tree.flatten(a).map(([path, n]) => path + n);
      t.same(
        reduce(a, [] as string[], (sum, n) => [...sum, `${n}`]),
        leaves,
      );
      t.same(
        reduceRight(a, [] as string[], (n, sum) => [`${n}`, ...sum]),
        leaves,
      );
      t.same(
        foldMap(lists)(a, (n) => [`${n}`]),
        leaves,
      );
      t.same(
        reduceWithIndex(a, [] as string[], (path, sum, n) => [...sum, path + n]),
        entries,
      );
      t.same(
        reduceRightWithIndex(a, [] as string[], (path, n, sum) => [path + n, ...sum]),
        entries,
      );
      t.same(
        foldMapWithIndex(lists)(a, (path, n) => [path + n]),
        entries,
      );
      t.equal(
        foldMap(S.Monoid)(a, (n) => `${n}`),
        leaves.join(''),
      );
    }),
  );
});

t.test('the laws of traversables hold', async (t) => {
  const { traverse, sequence } = tree.Traversable;
  const half = (n: number): O.Option<number> => (n % 5 === 0 ? O.none : O.some(n + 1));
  fc.assert(
    fc.property(trees, functions, (a, f) => {
      same(
        t,
        traverse(I.Applicative)(a, (n: number) => n),
        a,
      );
      // Naturality: from options to eithers before or after is the same.
      const toEither = E.fromOption(() => 'none');
      t.same(
        toEither(traverse(O.Applicative)(a, half)),
        traverse(E.Applicative)(a, (n) => toEither(half(n))),
      );
      t.same(sequence(O.Applicative)(tree.map(a, half)), traverse(O.Applicative)(a, half));
      same(t, traverse(I.Applicative)(a, f), tree.map(a, f));
    }),
  );
  const seen: number[] = [];
  traverse(I.Applicative)(small, (n) => seen.push(n));
  t.same(seen, [1, 2, 3], 'effects run in order');
});

const arrays: Tree<HostArray> = {
  linear: { w: float32([2, 3], [1, 2, 3, 4, 5, 6.75]), b: float32([3], [0, -1.5, 2]) },
  counter: { n: array([], 'int64', BigInt64Array.of(7n)) },
  mask: { m: array([4], 'bool', Uint8Array.of(0, 1, 1, 0)) },
};

t.test('elements and bytes are counted', async (t) => {
  t.equal(tree.count(arrays), 6 + 3 + 1 + 4);
  t.equal(tree.bytes(arrays), 24 + 12 + 8 + 4);
  t.equal(tree.bytes({ a: { w: { shape: [2, 5] } } }), 40, 'specs without a type are float32');
  t.equal(tree.count({}), 0);
  t.throws(() => tree.bytes({ a: { w: { shape: [1], dtype: 'string' } } }), {
    message: /elements of string/,
  });
});

t.test('elements are cast to other types', async (t) => {
  const values = (dtype: tree.CastDType) =>
    tree.flatten(tree.cast(arrays, dtype)).map(([, { data }]) => [...(data as Float32Array)]);
  t.same(values('float32'), [[1, 2, 3, 4, 5, 6.75], [0, -1.5, 2], [7], [0, 1, 1, 0]]);
  t.same(values('int32'), [[1, 2, 3, 4, 5, 6], [0, -1, 2], [7], [0, 1, 1, 0]]);
  t.same(values('bool'), [[1, 1, 1, 1, 1, 1], [0, 1, 1], [1], [0, 1, 1, 0]]);
  t.equal(tree.cast(arrays).linear.w, arrays.linear.w, 'an array of that type is not copied');
  const third = array([1], 'float64', Float64Array.of(1 / 3));
  t.equal(tree.castArray(third, 'float32').data[0], Math.fround(1 / 3));
  t.equal(tree.castArray(array([1], 'bfloat16', Uint16Array.of(0xc040)), 'float64').data[0], -3);
  t.equal(tree.castArray(array([1], 'float16', Uint16Array.of(0x3e00)), 'float64').data[0], 1.5);
});

t.test('a table has a line for each leaf and the sums, aligned', async (t) => {
  t.equal(
    tree.table(arrays),
    [
      'module    leaf  shape   dtype    count  bytes',
      'linear    w     [2, 3]  float32      6     24',
      'linear    b     [3]     float32      3     12',
      'counter   n     []      int64        1      8',
      'mask      m     [4]     bool         4      4',
      '4 leaves                            14     48',
    ].join('\n'),
  );
  t.match(tree.table({ a: { w: { shape: [1000, 2000] } } }), /2,000,000 {2}8,000,000/);
});

t.test('parameters stay parameters through update and cast', async (t) => {
  const params = { a: { w: float32([2], [1, 2]) } } as unknown as Params<HostArray>;
  const grads = { a: { w: float32([2], [10, 20]) } };
  const next: Params<HostArray> = tree.update(params, grads, (p, g, path) => {
    t.equal(path, 'a/w');
    return float32(
      p.shape,
      [0, 1].map((i) => Number(p.data[i]) - g.data[i]),
    );
  });
  t.same([...(next.a.w.data as Float32Array)], [-9, -18]);
  const whole: Params<HostArray<'int32'>> = tree.cast(params, 'int32');
  t.same([...whole.a.w.data], [1, 2]);
  t.throws(() => tree.update(params, {}, (p) => p), { message: /only the first has: a\/w/ });
  // @ts-expect-error a mapped tree is not known to be parameters any more
  const mapped: Params = tree.map(params, (leaf) => leaf);
  t.ok(mapped);
});

const diff = (a: Tree<HostArray>, b: Tree<HostArray>) => tree.difference(a, b);

t.test('two trees are told apart by leaves, shapes, types and values', async (t) => {
  const first: Tree<HostArray> = {
    a: { w: float32([2], [1, 2]), b: float32([1], [0]) },
    same: { w: float32([1], [NaN]) },
    kind: { shape: float32([2], [1, 2]), dtype: float32([1], [1]) },
    far: { w: float32([2], [1, -1]) },
  };
  const second: Tree<HostArray> = {
    far: { w: float32([2], [1, 4]) },
    a: { w: float32([2], [1, 2.5]), scale: float32([1], [0]) },
    same: { w: float32([1], [NaN]) },
    kind: { shape: float32([1, 2], [1, 2]), dtype: int32([1], [1]) },
  };
  const found = diff(first, second);
  t.same(found, {
    missing: ['a/b'],
    extra: ['a/scale'],
    kinds: [
      {
        path: 'kind/shape',
        first: { shape: [2], dtype: 'float32' },
        second: { shape: [1, 2], dtype: 'float32' },
      },
      { path: 'kind/dtype', first: { shape: [1], dtype: 'float32' }, second: { shape: [1], dtype: 'int32' } },
    ],
    values: [
      { path: 'far/w', max: 5 },
      { path: 'a/w', max: 0.5 },
    ],
  });
  t.equal(
    tree.showDifference(found),
    [
      'a/b: only in the first',
      'a/scale: only in the second',
      'kind/shape: float32 [2], then float32 [1, 2]',
      'kind/dtype: float32 [1], then int32 [1]',
      'far/w: values differ by up to 5',
      'a/w: values differ by up to 0.5',
    ].join('\n'),
  );
  t.notOk(tree.isEqual(found));
  t.ok(tree.isEqual(diff(first, first)));
  t.equal(tree.showDifference(diff(first, first)), '');
});

t.test('not-a-number, infinities and big integers are compared for what they are', async (t) => {
  const far = (dtype: DType, a: HostArray['data'], b: HostArray['data']) =>
    tree.largestDifference(array([1], dtype, a as never), array([1], dtype, b as never));
  t.ok(Number.isNaN(far('float32', Float32Array.of(NaN), Float32Array.of(1))));
  t.equal(far('float32', Float32Array.of(Infinity), Float32Array.of(Infinity)), 0);
  t.equal(far('float32', Float32Array.of(Infinity), Float32Array.of(-Infinity)), Infinity);
  t.equal(far('int64', BigInt64Array.of(2n ** 60n + 1n), BigInt64Array.of(2n ** 60n)), 1);
  t.equal(far('bfloat16', Uint16Array.of(0x3f80), Uint16Array.of(0x4000)), 1);
  const worst = diff(
    { a: { w: float32([1], [5]) }, b: { w: float32([1], [NaN]) } },
    { a: { w: float32([1], [1]) }, b: { w: float32([1], [1]) } },
  );
  t.same(
    worst.values.map(({ path }) => path),
    ['b/w', 'a/w'],
  );
});
