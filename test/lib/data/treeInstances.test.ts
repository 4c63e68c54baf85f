/** fp-ts's instances of trees, with their laws, and functions of trees in pipes. */
import * as fc from '../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import * as N from 'fp-ts/lib/number.js';
import * as O from 'fp-ts/lib/Option.js';
import * as S from 'fp-ts/lib/string.js';
import { identity, pipe } from 'fp-ts/lib/function.js';
import t from 'tap';
import { float32, type HostArray } from '../../../lib/data/array.js';
import type { Params } from '../../../lib/data/leaf.js';
import { orThrow } from '../../../lib/data/orThrow.js';
import * as tree from '../../../lib/data/trees.js';

type Tree<A> = tree.Tree<A>;

const names = fc.stringMatching(/^[a-z_]{1,4}$/);

/** Trees of whole numbers; some modules are empty. */
const trees: fc.Arbitrary<Tree<number>> = fc.dictionary(
  names,
  fc.dictionary(names, fc.integer(), { maxKeys: 3 }),
  { maxKeys: 4 },
);
const tests = fc.func(fc.boolean());
const options = fc.func(fc.option(fc.integer())).map((f) => (n: number) => O.fromNullable(f(n)));

const entries = (a: Tree<unknown>) =>
  Object.entries(a).map(([module, leaves]) => [module, Object.entries(leaves)]);

const small: Tree<number> = { b: { w: 1, b: 2 }, 'a/c': { w: 3 }, empty: {} };

t.test('the laws of compactable and filterable hold', async (t) => {
  const { filter, filterMap, partition, partitionMap, compact, separate, map } = tree.Filterable;
  fc.assert(
    fc.property(trees, tests, tests, options, options, (a, p, q, f, g) => {
      t.same(entries(compact(map(a, O.some))), entries(a), 'compact of some is the tree');
      t.same(entries(filterMap(a, O.some)), entries(a), 'identity');
      t.same(
        entries(filterMap(filterMap(a, f), g)),
        entries(filterMap(a, (n) => pipe(f(n), O.chain(g)))),
        'composition',
      );
      t.same(entries(filter(filter(a, p), q)), entries(filter(a, (n) => p(n) && q(n))), 'distributivity');
      t.same(entries(filter(a, () => true)), entries(a));
      const { left, right } = partition(a, p);
      t.same([entries(left), entries(right)], [entries(filter(a, (n) => !p(n))), entries(filter(a, p))]);
      const either = (n: number) => (p(n) ? E.right(n) : E.left(n));
      t.same(partitionMap(a, either), separate(map(a, either)));
    }),
  );
  t.same(
    tree.FilterableWithIndex.filterWithIndex(small, (path) => path !== 'a/c/w'),
    { b: { w: 1, b: 2 }, empty: {} },
  );
  const shared = tree.FilterableWithIndex.partitionMapWithIndex(small, (path, n) =>
    path.endsWith('w') ? E.right(n) : E.left(path),
  );
  t.same(shared.left.b, { b: 'b/b' });
  t.same(shared.right, { b: { w: 1 }, 'a/c': { w: 3 }, empty: {} });
});

t.test('the laws of traversables with index hold', async (t) => {
  const { traverseWithIndex, mapWithIndex, traverse } = tree.TraversableWithIndex;
  const seen: string[] = [];
  fc.assert(
    fc.property(trees, (a) => {
      const some = traverseWithIndex(O.Applicative)(a, (path, n) => O.some(`${path}${n}`));
      t.same(some, O.some(mapWithIndex(a, (path, n) => `${path}${n}`)), 'purity');
      t.same(
        traverseWithIndex(O.Applicative)(a, (_path, n) => O.some(n)),
        traverse(O.Applicative)(a, O.some),
      );
    }),
  );
  const found = traverseWithIndex(E.Applicative)(small, (path, n) => {
    seen.push(path);
    return n < 3 ? E.right(n) : E.left(path);
  });
  t.same(found, E.left('a/c/w'));
  t.same(seen, ['b/w', 'b/b', 'a/c/w'], 'in the order of the leaves');
});

t.test('equality is reflexive, symmetric, transitive and blind to order', async (t) => {
  const { equals } = tree.getEq(N.Eq);
  fc.assert(
    fc.property(trees, trees, trees, (a, b, c) => {
      t.ok(equals(a, a));
      t.equal(equals(a, b), equals(b, a));
      if (equals(a, b) && equals(b, c)) t.ok(equals(a, c));
      const turned = tree.unflatten([...tree.flatten(a)].reverse());
      t.ok(equals(a, turned));
    }),
  );
  t.notOk(equals(small, { ...small, b: { w: 1, b: 3 } }));
  t.notOk(equals(small, { ...small, more: { w: 1 } }));
  t.notOk(equals(small, { b: small.b, c: small['a/c'] }));
});

t.test('a tree is shown with a line for each leaf', async (t) => {
  t.equal(tree.getShow(N.Show).show(small), 'b/w: 1\nb/b: 2\na/c/w: 3');
  t.equal(tree.getShow(S.Show).show({}), '');
});

t.test('functions of trees work data-last as they do data-first', async (t) => {
  const add = (a: number, b: number) => a + b;
  const byPath = (path: string, n: number) => `${path}${n}`;
  const other = { more: { w: 4 } };
  fc.assert(
    fc.property(trees, fc.func(fc.integer()), (a, f) => {
      t.same(pipe(a, tree.map(f)), tree.map(a, f));
      t.same(pipe(a, tree.mapWithPath(byPath)), tree.mapWithPath(a, byPath));
      t.same(pipe(a, tree.filter(/a/)), tree.filter(a, /a/));
      t.same(pipe(a, tree.partition(/a/)), tree.partition(a, /a/));
      t.equal(pipe(a, tree.fold(0, add)), tree.fold(a, 0, add));
      t.same(pipe(a, tree.zip(tree.map(a, f))), tree.zip(a, tree.map(a, f)));
      t.same(pipe(a, tree.zipWith(a, add)), tree.zipWith(a, a, add));
    }),
  );
  t.equal(pipe(small, tree.at('b/w')), 1);
  t.equal(
    pipe(
      small,
      tree.foldWithPath('', (path: string, sum: string, n: number) => `${sum}${path}${n};`),
    ),
    'b/w1;b/b2;a/c/w3;',
  );
  t.same(pipe(small, tree.merge(other)), tree.merge(small, other));
  const params = { a: { w: float32([1], [2]) } } as unknown as Params<HostArray>;
  const shapes: Tree<readonly number[]> = pipe(
    params,
    tree.map((leaf) => leaf.shape),
  );
  t.same(shapes, { a: { w: [1] } });
  const next: Params = pipe(params, tree.replace({ a: { w: float32([1], [3]) } }));
  t.same((next.a.w as HostArray).data, [3]);
  const doubled = pipe(
    params,
    tree.update(shapes, (leaf: HostArray, shape: readonly number[]) =>
      float32(shape, [2 * Number(leaf.data[0])]),
    ),
  );
  t.same(doubled.a.w.data, [4]);
  t.same(pipe(small, tree.map(identity)), small);
});

t.test('orThrow gives values and promises, or throws every problem', async (t) => {
  t.equal(orThrow(E.right(1)), 1);
  t.equal(await orThrow(async () => E.right(2)), 2);
  t.throws(() => orThrow(E.left('no')), { message: 'no' });
  const problems = [
    { kind: 'missing', path: 'a/w', expected: [2, 3], nearest: 'b/w' },
    { path: 'c', found: -1, expected: 'a whole number from 1' },
  ];
  const error = { kind: 'adopt', problems };
  const text =
    "a/w: missing, expected [2,3], did you mean 'b/w'?\nc: found -1, expected a whole number from 1";
  t.throws(() => orThrow(E.left(error)), { message: text, cause: error });
  t.throws(() => orThrow(E.left(problems)), { message: text });
  await t.rejects(
    orThrow(async () => E.left({ kind: 'io', path: 'm.npz', problem: 'no such file' })),
    {
      message: 'm.npz: no such file',
    },
  );
  t.throws(() => orThrow(E.left({ kind: 'status', url: 'http://x', status: 404 })), {
    message: 'http://x: status, status 404',
  });
  t.throws(() => orThrow(E.left(new Error('as it is'))), { message: 'as it is' });
  t.throws(() => orThrow(E.left({ kind: 'config', path: 'c.json', problems })), {
    message: `c.json: config\n  ${text.replace('\n', '\n  ')}`,
  });
  t.throws(() => orThrow(E.left(7), (n) => `${n} problems`), { message: '7 problems' });
});
