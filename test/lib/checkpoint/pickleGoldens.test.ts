/** The pickles of `goldens/pickles`: what JAX, NumPy, Haiku and optax wrote, and what nobody should read. */
import * as E from 'fp-ts/lib/Either.js';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { HostArray } from '../../../lib/data/array.js';
import { toFloat32 } from '../../../lib/data/array.js';
import type { Checkpoint, CheckpointError } from '../../../lib/checkpoint/index.js';
import {
  FileArray,
  flattenValue,
  parseCheckpoint,
  parseNpz,
  parsePickle,
  showCheckpointError,
} from '../../../lib/checkpoint/index.js';
import type { Tree } from '../../../lib/data/tree.js';

const folder = join(process.cwd(), 'test/goldens/pickles');
const bytesOf = (name: string) => new Uint8Array(readFileSync(join(folder, `${name}.pickle`)));

interface Index {
  readonly good: Readonly<Record<string, { readonly expect: unknown }>>;
  readonly bad: Readonly<Record<string, string>>;
}
const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as Index;

const sound = <A>(result: E.Either<CheckpointError, A>): A => {
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

const checkpoint = (name: string): Checkpoint => sound(parseCheckpoint(bytesOf(name)));

const plain = ({ shape, dtype, data }: HostArray) => ({ shape: [...shape], dtype, data: [...data] });

const plainTree = (tree: Tree<HostArray>) =>
  Object.fromEntries(
    Object.entries(tree).map(([module, leaves]) => [
      module,
      Object.fromEntries(Object.entries(leaves).map(([leaf, array]) => [leaf, plain(array)])),
    ]),
  );

const expected = sound(parseNpz(new Uint8Array(readFileSync(join(folder, 'expected.npz')))));
const expectedTree: Record<string, Record<string, unknown>> = {};
for (const [name, array] of expected) {
  const [module, leaf] = name.split('/');
  (expectedTree[module] ??= {})[leaf] = plain(array);
}

const good = Object.entries(index.good);
const withTree = good.filter(([, { expect }]) => typeof expect === 'string' && /^tree|params/.test(expect));
const withRows = good.filter(([, { expect }]) => Array.isArray(expect));

t.test('every file of the folder is listed', async (t) => {
  const names = readdirSync(folder).filter((file) => file.endsWith('.pickle'));
  t.strictSame(
    names.map((file) => file.replace('.pickle', '')).sort(),
    [...Object.keys(index.good), ...Object.keys(index.bad)].sort(),
  );
  t.equal(good.length, 34);
  t.equal(Object.keys(index.bad).length, 32);
  t.equal(withTree.length + withRows.length + 4, good.length, 'the four others have tests of their own');
});

t.test('every way of writing the same parameters gives the same tree', async (t) => {
  for (const [name] of withTree) t.strictSame(plainTree(checkpoint(name).params), expectedTree, name);
});

t.test('every element type, order of axes and order of bytes gives its numbers', async (t) => {
  for (const [name, { expect }] of withRows) {
    const [array] = Object.values(Object.values(checkpoint(name).params)[0]);
    const rows = (expect as number[][]).flat();
    t.strictSame(array.shape, [3, 4], name);
    t.strictSame([...toFloat32(array)], [...Float32Array.from(rows)], name);
    const dtype = /(?:dtype|jax)-(.*)/.exec(name)?.[1] ?? 'float32';
    t.equal(array.dtype, dtype, name);
    if (dtype === 'float64') t.strictSame([...array.data], rows, 'float64 keeps all its digits');
  }
});

t.test('scalars and empty arrays have their shapes', async (t) => {
  const { m } = checkpoint('scalars-and-empties').params;
  t.strictSame(plain(m.scalar), { shape: [], dtype: 'float32', data: [1.5] });
  t.strictSame(plain(m.zero_d), { shape: [], dtype: 'float32', data: [2.5] });
  t.strictSame(plain(m.empty), { shape: [0, 3], dtype: 'float32', data: [] });
});

t.test('an array under two names is one array', async (t) => {
  const { a, b } = checkpoint('shared-array').params;
  t.equal(a.w, b.w);
  t.strictSame(plain(a.w), { ...plain(expected.get('linear/w') as FileArray) });
});

t.test('nested modules have a path for every array', async (t) => {
  const arrays = sound(flattenValue(sound(parsePickle(bytesOf('nested-modules')))));
  t.strictSame([...arrays.keys()], ['a.b.c', 'list.0', 'list.1', 'tuple.0', 'tuple.1.x']);
  const { params } = checkpoint('nested-modules');
  t.strictSame(
    Object.entries(params).map(([module, leaves]) => [module, Object.keys(leaves)]),
    [
      ['a/b', ['c']],
      ['list', ['0', '1']],
      ['tuple', ['0']],
      ['tuple/1', ['x']],
    ],
  );
});

t.test('many modules are all there', async (t) => {
  const leaves = Object.values(checkpoint('many-modules').params);
  t.equal(leaves.length, 600);
  t.equal(leaves.flatMap(Object.keys).length, 1200);
});

t.test('state comes apart from parameters', async (t) => {
  const { state, rest } = checkpoint('params-and-state');
  const average = state['batch_norm/~/mean_ema'];
  t.strictSame(Object.keys(state), ['batch_norm/~/mean_ema']);
  t.strictSame(Object.keys(average), ['counter', 'hidden', 'average']);
  t.equal(average.counter.dtype, 'int32');
  t.equal(rest.size, 0);
});

t.test("the optimizer's state and the step are kept as data", async (t) => {
  const { rest } = checkpoint('with-optax-state');
  t.strictSame([...rest.keys()], ['opt_state', 'global_step', 'rng']);
  t.strictSame(plain(rest.get('global_step') as FileArray), { shape: [], dtype: 'int64', data: [1234n] });
  t.strictSame(plain(rest.get('rng') as FileArray), { shape: [2], dtype: 'uint32', data: [0, 3] });
  t.match(rest.get('opt_state'), {
    kind: 'tuple',
    items: [{ name: 'optax._src.transform.ScaleByAdamState' }],
  });
  const { rest: step } = checkpoint('jaxline-ordered');
  t.strictSame([...step], [['global_step', 12]]);
});

/** The index's descriptions of hostile files, and our errors for them. */
const told: Readonly<Record<string, RegExp>> = {
  'global not allowed':
    /asks for (posix\.system|builtins\.eval|subprocess\.Popen|builtins\.getattr), .*nothing was run/,
  truncated: /past the end/,
  'empty file': /an empty file/,
  'not a pickle': /not a pickle/,
  'length past the end': /past the end/,
  'negative length': /negative length, -5/,
  'stack underflow': /stack underflow/,
  'no mark': /no mark/,
  'unknown memo': /unknown memo entry 99/,
  'memo index': /memo index 4294967295 in a file of 9 bytes/,
  'unknown opcode': /unknown opcode 0xff/,
  'unsupported protocol': /protocol 9; protocols 0 to 5 are known/,
  'trailing data is refused or warned': /7 bytes after the end/,
  'too deep or handled, never a crash': /too deep/,
  cyclic: /cyclic/,
  'persistent id': /persistent id/,
  'extension registry': /extension registry/,
  'array bytes do not fit its shape': /do not fit its shape: float32 of shape \[\d+, 4\] needs \d+, found 48/,
  'object arrays are refused': /numpy\.ndarray of Python objects, expected an array/,
  'loads as ordinary keys or is refused; Object.prototype is never touched': /the key "__proto__"/,
  'shared structure is never expanded: refused or small': /too large/,
};

t.test('every hostile file is refused, with the byte and the reason', async (t) => {
  const before = Object.getOwnPropertyNames(Object.prototype);
  for (const [name, reason] of Object.entries(index.bad)) {
    const bytes = bytesOf(name);
    // An array of Python objects is data like a list of them, and no checkpoint.
    const read = (): E.Either<CheckpointError, unknown> =>
      name === 'bad-object-dtype' ? parseCheckpoint(bytes) : parsePickle(bytes);
    const result = read();
    if (E.isRight(result)) {
      t.fail(`${name} was read`);
      continue;
    }
    t.match(showCheckpointError(result.left), told[reason], name);
    if (!('offset' in result.left)) t.equal(result.left.kind, 'tree', name);
    else if (result.left.kind !== 'pickle' && result.left.kind !== 'global') t.fail(`${name} names no byte`);
    else t.ok(result.left.offset >= 0 && result.left.offset <= bytes.length, name);
    t.ok(E.isLeft(parseCheckpoint(bytes)), `${name} is no checkpoint either`);
  }
  t.strictSame(Object.getOwnPropertyNames(Object.prototype), before);
});
