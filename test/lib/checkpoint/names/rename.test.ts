/** Renaming by rules of one's own: a dry run, and the same for real; what goes wrong is told as a whole. */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import t from 'tap';
import { float32, type HostArray } from '../../../../lib/data/array.js';
import {
  formatNpz,
  parseCheckpoint,
  rename,
  renamePairs,
  showNamePairs,
  showNamesError,
  treeToNpz,
} from '../../../../lib/checkpoint/index.js';
import { adopt } from '../../../../lib/language/adopt.js';
import { key } from '../../../../lib/random/index.js';
import { map, paths, type Tree, unflatten } from '../../../../lib/data/tree.js';
import { digits } from '../../../../presets/index.js';

const leaf = (value: number): HostArray => float32([1], [value]);

const tree = (...names: readonly string[]): Tree<HostArray> =>
  unflatten(names.map((name, i) => [name, leaf(i)] as const));

const lefts = (rules: readonly string[], params: Tree<HostArray>, state?: Tree<HostArray>) => {
  const result = renamePairs(rules)({ params, state });
  if (E.isRight(result)) throw new Error(showNamePairs(result.right));
  return result.left.problems;
};

t.test('the first rule that a path matches says what it becomes; others stay', async (t) => {
  const params = tree('net/~/layer/w', 'net/~/layer_1/w', 'net/head/w', 'other/b');
  const rules = [
    'net/~/layer{_i}/{leaf} = tower.{#i}/{leaf}',
    'net/head/{leaf} = head/{leaf}',
    '{rest...}/b = {rest}/bias',
  ];
  const renamed = rename(rules)({ params });
  t.same(E.isRight(renamed) && renamed.right, {
    params: {
      'tower.0': { w: leaf(0) },
      'tower.1': { w: leaf(1) },
      head: { w: leaf(2) },
      other: { bias: leaf(3) },
    },
    state: {},
  });
});

t.test('the dry run shows every pair, parameters and then state', async (t) => {
  const pairs = renamePairs(['a/{leaf} = z/{leaf}'])({ params: tree('a/w', 'b/w'), state: tree('a/mean') });
  t.ok(E.isRight(pairs));
  if (E.isLeft(pairs)) return;
  t.equal(showNamePairs(pairs.right), ['a/w    -> z/w', 'b/w    -> b/w', 'a/mean -> z/mean'].join('\n'));
});

t.test('without rules all stays', async (t) => {
  const params = tree('a/w', 'a/b');
  const renamed = rename([])({ params });
  t.same(E.isRight(renamed) && renamed.right.params, params);
});

t.test('what else a checkpoint holds stays with it', async (t) => {
  const renamed = rename(['a/w = b/w'])({ params: tree('a/w'), format: 'npz', rest: new Map([['step', 3]]) });
  t.match(E.isRight(renamed) && renamed.right, { format: 'npz', rest: new Map([['step', 3]]) });
});

t.test('rules that cannot be read, or that nothing follows, are told', async (t) => {
  const rules = ['a/w', 'a = b = c', 'a/{ = b', 'a/w = {x}/w', '{x}/w = {#x}/w', 'c/w = d/w', 'b/w = a/v'];
  t.same(lefts(rules, tree('b/w')), [
    { kind: 'rule', rule: 'a/w', problem: 'expected FROM = TO, two patterns' },
    { kind: 'rule', rule: 'a = b = c', problem: 'expected FROM = TO, two patterns' },
    {
      kind: 'rule',
      rule: 'a/{ = b',
      problem: '{ is no variable; there are {word}, {rest...}, {#i}, {_i}',
    },
    { kind: 'rule', rule: 'a/w = {x}/w', problem: 'x is a variable on the right alone' },
    { kind: 'rule', rule: '{x}/w = {#x}/w', problem: 'x is a number on the right alone' },
    { kind: 'rule', rule: 'c/w = d/w', problem: 'no path follows it' },
  ]);
});

t.test('paths that become one, or no path, are told', async (t) => {
  t.same(lefts(['{x}/w = a/w'], tree('a/w', 'b/w', 'c/w')), [
    { kind: 'clash', names: ['a/w', 'b/w', 'c/w'], to: 'a/w' },
  ]);
  t.same(lefts(['{x}/w = {x}'], tree('a/w')), [
    { kind: 'array', name: 'a/w', found: 'a', expected: 'a path, module/leaf' },
  ]);
  t.same(lefts(['{x}/w = {x}/'], tree('a/w')).length, 1);
  t.same(
    E.isRight(renamePairs(['{x}/w = c/w'])({ params: tree('a/w'), state: tree('b/w') })),
    true,
    'two trees',
  );
});

t.test('problems are said to a person by kind', async (t) => {
  const { left } = renamePairs(['x/w = y/w', '{x}/w = a/w'])({ params: tree('a/w', 'b/w') }) as E.Left<
    Parameters<typeof showNamesError>[0]
  >;
  t.equal(
    showNamesError(left),
    [
      'wrong with the rules:',
      '  x/w = y/w: no path follows it',
      '1 name taken twice:',
      '  a/w: by a/w and by b/w',
    ].join('\n'),
  );
});

t.test('a Perceiver trained under other names is loaded in three lines', async (t) => {
  const model = digits();
  const trained = model.init(key(1));
  const own = rename([
    'perceiver_encoder/~/self_attention{_i}/{rest...} = my_net/layer_{#i}/{rest...}',
    'perceiver_encoder/{rest...} = my_net/{rest...}',
    'classification_decoder/{rest...} = head/{rest...}',
  ])(trained);
  t.ok(E.isRight(own));
  if (E.isLeft(own)) return;
  t.equal(
    paths(own.right.params).some((path) => path.startsWith('perceiver_encoder')),
    false,
  );
  const file = pipe(treeToNpz(own.right.params), E.map(formatNpz));

  const loaded = pipe(
    file,
    E.chainW(parseCheckpoint),
    E.chainW(
      rename([
        'my_net/layer_{#i}/{rest...} = perceiver_encoder/~/self_attention{_i}/{rest...}',
        'my_net/{rest...} = perceiver_encoder/{rest...}',
        'head/{rest...} = classification_decoder/{rest...}',
      ]),
    ),
    E.chainW(adopt(model)),
  );
  t.ok(E.isRight(loaded), E.isLeft(loaded) ? JSON.stringify(loaded.left) : '');
  if (E.isRight(loaded)) {
    t.same(
      map(loaded.right.params, ({ data }) => data),
      map(trained.params, ({ data }) => data),
    );
  }
});
