/** Pickles that are written: opcode by opcode, what is kept beside the trees, and what is not written. */
import * as fc from '../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { array, float32, type HostArray } from '../../../lib/data/array.js';
import {
  type CheckpointError,
  formatCheckpoint,
  parseCheckpoint,
  parsePickle,
  type PickleValue,
  showCheckpointError,
} from '../../../lib/checkpoint/index.js';
import { pickleBytes } from '../../../lib/checkpoint/pickleValue.js';
import { inMemory } from '../../../lib/files/source.js';
import { FileArray } from '../../../lib/checkpoint/fileArray.js';
import { anyArray, anyName } from './arbitraryTree.js';

const right = <A>(result: E.Either<CheckpointError, A>): A => {
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

const told = <A>(result: E.Either<CheckpointError, A>): string =>
  E.isLeft(result) ? showCheckpointError(result.left) : 'right';

const written = (
  params: Record<string, Record<string, HostArray>>,
  rest: Record<string, PickleValue> = {},
  flatMapping = false,
) => formatCheckpoint({ params, rest: new Map(Object.entries(rest)) }, { format: 'pickle', flatMapping });

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** A short text and its place in the memo. */
const s = (of: string): string => `\x8c${String.fromCharCode(of.length)}${of}\x94`;

const name = (module: string, of: string): string => `${s(module)}${s(of)}\x93\x94`;

t.test('a tree opcode by opcode, as NumPy and Python write it', async (t) => {
  const w = array([2], 'int16', Int16Array.of(1, -2));
  const reconstruct = name('numpy.core.multiarray', '_reconstruct');
  const empty = `${name('numpy', 'ndarray')}K\0\x85C\x01b\x94\x87\x94`;
  const dtype = `h\x07${s('dtype')}\x93\x94${s('i2')}\x89\x88\x87R(K\x03${s('<')}NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x94`;
  const state = `(K\x01K\x02\x85${dtype}\x89C\x04\x01\0\xfe\xfft`;
  const tree = `}\x94(${s('m')}}\x94(${s('w')}${reconstruct}${empty}R${state}b\x94uu`;
  t.equal(text(right(written({ m: { w } }))), `\x80\x04${tree}.`);
});

t.test('a second array recalls the names of the first', async (t) => {
  const one = right(written({ m: { w: float32([1], [1]) } })).length;
  const two = right(written({ m: { w: float32([1], [1]), b: float32([1], [2]) } })).length;
  t.ok(two - one < 60, `${two - one} more bytes`);
});

t.test("Haiku's mappings, when they are asked for", async (t) => {
  const bytes = right(written({ m: { w: float32([], [1]) } }, {}, true));
  t.equal(text(bytes).split('FlatMapping').length, 2, 'named once');
  t.match(text(bytes), /^\x80\x04\x8c\x1ahaiku\._src\.data_structures\x94\x8c\x0bFlatMapping\x94\x93\x94\}/);
  t.strictSame([...right(parseCheckpoint(bytes)).params.m.w.data], [1]);
});

t.test('an array that two leaves share is written once', async (t) => {
  const shared = float32([1000], new Float32Array(1000).fill(3));
  const bytes = right(written({ a: { w: shared }, b: { w: shared } }));
  t.ok(bytes.length < 5000);
  const { params } = right(parseCheckpoint(bytes));
  t.equal(params.a.w, params.b.w);
});

/** Values without the places where they were read. */
const plain = (value: PickleValue): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof FileArray) return [value.dtype, value.shape, value.data.toString()];
  switch (value.kind) {
    case 'dict':
      return { dict: [...value.entries].map(([key, item]) => [plain(key), plain(item)]) };
    case 'object':
    case 'namedTuple':
      return { name: value.name, fields: value.fields.map(plain) };
    case 'bytes':
      return { bytes: [...value.bytes] };
    case 'text':
      return { text: value.bytes.length };
    case 'elementType':
      return value.type;
    case 'global':
      return value.name;
    default:
      return { [value.kind]: value.items.map(plain) };
  }
};

const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }),
  fc.constantFrom(255, 256, 65535, 65536, -1, -0, 2 ** 31, -(2 ** 31)),
);

const { value: anyValue } = fc.letrec<{ value: PickleValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    number,
    fc.bigInt().filter((n) => !Number.isSafeInteger(Number(n))),
    anyName,
    anyArray as fc.Arbitrary<FileArray>,
    fc.uint8Array({ maxLength: 300 }).map((bytes) => pickleBytes(inMemory(bytes))),
    fc.constantFrom<PickleValue>(
      { kind: 'global', name: 'numpy.float32' },
      { kind: 'elementType', name: 'f4', type: { dtype: 'float32', isLittleEndian: false } },
      { kind: 'elementType', name: 'bfloat16', type: { dtype: 'bfloat16', isLittleEndian: true } },
    ),
    fc
      .tuple(
        fc.constantFrom('list' as const, 'tuple' as const, 'set' as const),
        fc.array(tie('value'), { maxLength: 5 }),
      )
      .map(([kind, items]) => ({ kind, offset: 0, items })),
    fc.array(tie('value'), { maxLength: 3 }).map((fields) => ({
      kind: 'namedTuple' as const,
      offset: 0,
      name: 'optax._src.transform.ScaleByAdamState',
      fields,
    })),
    fc.array(fc.tuple(fc.oneof(anyName, fc.integer()), tie('value')), { maxLength: 4 }).map((entries) => ({
      kind: 'dict' as const,
      offset: 0,
      entries: new Map<PickleValue, PickleValue>(entries),
    })),
  ),
}));

t.test('whatever was saved beside the trees is read back as it was', async (t) => {
  const names = anyName.filter((part) => !['params', 'state', 'experiment_module'].includes(part));
  const property = fc.property(
    fc.dictionary(names, anyValue, { maxKeys: 4, noNullPrototype: true }),
    (rest) => {
      const read = right(parseCheckpoint(right(written({ m: { w: float32([], [1]) } }, rest))));
      t.strictSame(
        [...read.rest].map(([part, value]) => [part, plain(value)]),
        Object.entries(rest).map(([part, value]) => [part, plain(value)]),
      );
    },
  );
  t.doesNotThrow(() => fc.assert(property, { numRuns: 150 }));
});

t.test('what is shared stays shared, so that a small file stays small', async (t) => {
  let value: PickleValue = { kind: 'list', offset: 0, items: [1] };
  for (let i = 0; i < 10; i++) value = { kind: 'tuple', offset: 0, items: [value, value] };
  const bytes = right(written({}, { deep: value }));
  t.ok(bytes.length < 300, `${bytes.length} bytes`);
  t.strictSame(plain(right(parseCheckpoint(bytes)).rest.get('deep') as PickleValue), plain(value));
});

t.test("long texts are passed on; those of protocol 0's spelling are refused", async (t) => {
  const long = 'é'.repeat(1 << 20);
  const spelled = new TextEncoder().encode(long);
  const pickled = Buffer.concat([
    Buffer.from('\x80\x04X', 'latin1'),
    Buffer.from(Uint32Array.of(spelled.length).buffer),
    spelled,
    Buffer.from('.'),
  ]);
  const value = right(parsePickle(pickled));
  const read = right(parseCheckpoint(right(written({}, { long: value })))).rest.get('long');
  t.strictSame(plain(read as PickleValue), { text: spelled.length });
  const old = right(parsePickle(Buffer.from(`V${'x'.repeat((1 << 20) + 1)}\n.`)));
  t.match(
    told(written({}, { old })),
    /at old: found 1048577 bytes of text, expected text as protocols 3 and up/,
  );
});

t.test('names that cannot be read back are not written', async (t) => {
  const w = float32([], [1]);
  t.match(told(written({ ['__proto__']: { w } })), /at params: found the name "__proto__"/);
  t.match(told(written({ m: { ['\ud800']: w } })), /at params\.m: found the name "\\ud800"/);
  t.match(told(written({ m: { w } }, { params: null })), /at params: found a part of this name/);
  t.match(told(written({ m: { w } }, { x: '\udfff' })), /at x: found the string/);
});

t.test("a module called params is told from the parameters' mapping", async (t) => {
  const trees: readonly Record<string, Record<string, HostArray>>[] = [
    { params: {} },
    { params: { w: float32([], [1]) } },
    { params: {}, m: { w: float32([], [2]) } },
    {},
  ];
  for (const tree of trees) {
    const read = right(parseCheckpoint(right(written(tree))));
    t.strictSame(Object.keys(read.params), Object.keys(tree));
    t.strictSame(read.state, {});
  }
});
