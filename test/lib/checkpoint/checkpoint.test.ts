/** From data to trees: the forms in which programs save, and everything that is wrong with one, at once. */
import * as fc from '../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import type { HostArray } from '../../../lib/data/array.js';
import { float32 } from '../../../lib/data/array.js';
import type { CheckpointError, PickleValue } from '../../../lib/checkpoint/index.js';
import {
  flattenValue,
  formatNpz,
  npzToTree,
  parseCheckpoint,
  showCheckpointError,
  treeToNpz,
  valueToTree,
} from '../../../lib/checkpoint/index.js';
import { checkpointArrays } from '../../../lib/checkpoint/namedCheckpoint.js';
import { FileArray } from '../../../lib/checkpoint/fileArray.js';
import { formatNpy } from '../../../lib/checkpoint/npy.js';
import type { Tree } from '../../../lib/data/tree.js';

const dict = (entries: Readonly<Record<string, PickleValue>>): PickleValue => ({
  kind: 'dict',
  offset: 0,
  entries: new Map(Object.entries(entries)),
});
const list = (...items: PickleValue[]): PickleValue => ({ kind: 'list', offset: 0, items });
const leaf = (value: number) =>
  new FileArray({ shape: [], dtype: 'uint8', isLittleEndian: true, bytes: Uint8Array.of(value) });

const told = <A>(result: E.Either<CheckpointError, A>): string =>
  E.isLeft(result) ? showCheckpointError(result.left) : 'right';

const right = <A>(result: E.Either<CheckpointError, A>): A => {
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

const plain = (tree: Tree<HostArray>) =>
  Object.entries(tree).map(([module, leaves]) => [
    module,
    Object.entries(leaves).map(([name, { dtype, shape, data }]) => [name, dtype, [...shape], [...data]]),
  ]);

t.test('a tree keeps its order, its empty modules and its arrays', async (t) => {
  const w = leaf(1);
  const tree = right(
    valueToTree(dict({ 'z/~/linear': dict({ w, b: leaf(2) }), empty: dict({}), a: dict({ x: leaf(3) }) })),
  );
  t.strictSame(Object.keys(tree), ['z/~/linear', 'empty', 'a']);
  t.strictSame(Object.keys(tree['z/~/linear']), ['w', 'b']);
  t.equal(tree['z/~/linear'].w, w);
  t.strictSame(tree.empty, {});
});

t.test("Python's numbers are arrays of shape [], None is nothing", async (t) => {
  const tree = right(valueToTree(dict({ m: dict({ i: 3, f: 0.1, b: true, none: null, large: 2 ** 40 }) })));
  t.strictSame(plain(tree), [
    [
      'm',
      [
        ['i', 'int32', [], [3]],
        ['f', 'float32', [], [Math.fround(0.1)]],
        ['b', 'bool', [], [1]],
        ['large', 'float32', [], [2 ** 40]],
      ],
    ],
  ]);
});

t.test('everything that is not an array is told at once, with its place', async (t) => {
  const value = dict({
    loose: leaf(1),
    m: dict({ s: 'text', x: leaf(1), n: 10n ** 20n, deep: list(leaf(1), 'more') }),
  });
  t.equal(
    told(valueToTree(value)),
    [
      'at loose: found an array of shape [], expected a module, a mapping of leaves',
      'at m.s: found the string "text", expected an array or a mapping of arrays',
      'at m.n: found the bigint 100000000000000000000, expected an array or a mapping of arrays',
      'at m.deep.1: found the string "more", expected an array or a mapping of arrays',
    ].join('\n'),
  );
  t.equal(
    told(valueToTree(leaf(1))),
    'at the top: found an array of shape [], expected a mapping of modules',
  );
  t.equal(
    told(valueToTree(list(leaf(1)))),
    'at the top: found a list of 1 items, expected a mapping of modules',
  );
  const keyed: PickleValue = { kind: 'dict', offset: 0, entries: new Map([[null, leaf(1)]]) };
  t.match(told(valueToTree(dict({ m: keyed }))), /at m: found None, expected names for keys/);
  t.match(told(valueToTree(dict({ m: { kind: 'set', offset: 0, items: [1] } }))), /found a set of 1 items/);
});

t.test('two ways to one name are refused', async (t) => {
  const value = dict({ 'a/b': dict({ c: leaf(1) }), a: dict({ b: dict({ c: leaf(2), d: leaf(3) }) }) });
  t.equal(told(valueToTree(value)), 'at a.b.c: found an array of shape [], expected one array of this name');
  t.match(
    told(flattenValue(dict({ 'a.b': leaf(1), a: dict({ b: leaf(2) }) }))),
    /at a\.b: .* one array of this name/,
  );
});

t.test('an endless list of faults ends', async (t) => {
  const result = valueToTree(dict({ m: list(...Array.from({ length: 1e5 }, () => 'x')) }));
  t.equal(told(result).split('\n').length, 100);
});

t.test('long names that are used often are refused', async (t) => {
  const module = dict({ ['n'.repeat(1e6)]: list(...Array.from({ length: 100 }, () => leaf(1))) });
  t.match(told(valueToTree(module)), /names that are too long/);
});

/** Names without the separators of Haiku and GraphCast, so that every file of them reads back as it was. */
const name = fc
  .string({ minLength: 1, maxLength: 6 })
  .filter((text) => !/[/:]/.test(text) && text !== '__proto__');
const moduleName = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const arrays = fc.array(fc.float(), { maxLength: 4 }).map((values) => float32([values.length], values));
const leaves = fc.dictionary(name, arrays, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
const trees = fc.dictionary(
  fc.oneof(
    moduleName,
    moduleName.map((text) => `params/${text}`),
    fc.constantFrom('params', 'state'),
  ),
  leaves,
  { maxKeys: 4, noNullPrototype: true },
);

t.test('a tree goes into an .npz and back', async (t) => {
  const property = fc.property(trees, (tree) => {
    t.strictSame(plain(right(npzToTree(right(treeToNpz(tree))))), plain(tree));
  });
  t.doesNotThrow(() => fc.assert(property));
});

t.test('a tree whose names have colons goes into an .npz and back, or is refused', async (t) => {
  const word = fc.string({ unit: fc.constantFrom('a', ':', '/', '.', '0', ' '), minLength: 1, maxLength: 5 });
  const property = fc.property(fc.dictionary(word, fc.dictionary(word, arrays, { minKeys: 1 })), (tree) => {
    const written = treeToNpz(tree);
    if (E.isRight(written)) t.strictSame(plain(right(npzToTree(written.right))), plain(tree));
    else t.match(told(written), /expected (a name|names that are read back)/);
  });
  t.doesNotThrow(() => fc.assert(property));
});

t.test('parameters and state, whatever their names, go into an .npz and back', async (t) => {
  const property = fc.property(trees, trees, (params, state) => {
    const read = right(parseCheckpoint(formatNpz(checkpointArrays(params, state))));
    t.strictSame(plain(read.params), plain(params));
    t.strictSame(plain(read.state), plain(state));
    t.equal(read.format, 'npz');
  });
  t.doesNotThrow(() => fc.assert(property));
});

t.test('names that are not module and leaf are refused', async (t) => {
  const w = float32([], [1]);
  for (const bad of ['__proto__', 'm/__proto__', '__proto__/w', '__proto__:w']) {
    t.equal(
      told(npzToTree(new Map([[bad, w]]))),
      `at ${bad}: found an array of this name, expected a name like module/leaf`,
    );
  }
  t.match(told(treeToNpz({ m: { 'a/b': w, '': w } })), /the leaf name "a\/b", .*\n.*the leaf name ""/);
  t.match(told(treeToNpz({ '': { w } })), /the module name ""/);
  t.strictSame(Object.keys(Object.prototype), []);
});

t.test('the bytes tell the format', async (t) => {
  const npz = formatNpz([['m/w', float32([1], [2])]]);
  t.equal(right(parseCheckpoint(npz)).format, 'npz');
  t.match(told(parseCheckpoint(Uint8Array.of(0x1f, 0x8b, 8))), /a file packed by gzip; unpack it first/);
  t.match(told(parseCheckpoint(formatNpy(float32([1], [2])))), /a single array/);
  t.match(
    told(parseCheckpoint(new TextEncoder().encode('version https://git-lfs'))),
    /^text, "version https:/,
  );
  t.match(told(parseCheckpoint(new Uint8Array())), /an empty file/);
});

t.test('a module called params is a module', async (t) => {
  const pickled = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
  const bare = right(parseCheckpoint(pickled('}U\x06params}U\x01wK\x03ss.')));
  t.strictSame(plain(bare.params), [['params', [['w', 'int32', [], [3]]]]]);
  const wrapped = right(
    parseCheckpoint(pickled('}(U\x06params}U\x01m}U\x01wK\x03ssU\x05stateNU\x04stepK\x07u.')),
  );
  t.strictSame(plain(wrapped.params), [['m', [['w', 'int32', [], [3]]]]]);
  t.strictSame([plain(wrapped.state), ...wrapped.rest], [[], ['step', 7]]);
  const jaxline = pickled(
    '}(U\x11experiment_module}(U\x06params}U\x01m}U\x01wK\x03ssU\x09opt_stateNuU\x04stepK\x07u.',
  );
  t.strictSame(
    [...right(parseCheckpoint(jaxline)).rest],
    [
      ['step', 7],
      ['opt_state', null],
    ],
  );
  t.match(told(parseCheckpoint(pickled('}(U\x06params}U\x05stateK\x03u.'))), /at state: found the number 3/);
  t.match(
    told(parseCheckpoint(pickled('}U\x06params}U\x01m}U\x01wU\x01xsss.'))),
    /at params\.m\.w: found the string "x"/,
  );
});

t.test('flattening takes any value, a lone array too', async (t) => {
  t.equal(right(flattenValue(list(2 ** 31))).get('0')?.dtype, 'float32');
  t.equal(right(flattenValue(list(-(2 ** 31)))).get('0')?.dtype, 'int32');
  t.strictSame([...right(flattenValue(leaf(1))).keys()], ['']);
  t.strictSame([...right(flattenValue(null))], []);
});
