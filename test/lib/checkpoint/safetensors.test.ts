/** safetensors: files byte by byte, every element type there and back, and headers that lie. */
import * as fc from '../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import { readFileSync } from 'node:fs';
import t from 'tap';
import {
  array,
  bytesPerElement,
  type DType,
  float32,
  type HostArray,
  int32,
} from '../../../lib/data/array.js';
import {
  formatSafetensors,
  parseCheckpoint,
  parseSafetensors,
  type Safetensors,
  showCheckpointError,
} from '../../../lib/checkpoint/index.js';

const text = (bytes: string) => Uint8Array.from(bytes, (c) => c.charCodeAt(0));

/** A file with a header as it is given, and bytes after it. */
const file = (header: string | Uint8Array, data: readonly number[] = [], length?: bigint): Uint8Array => {
  const encoded = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + encoded.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(encoded.length), true);
  bytes.set(encoded, 8);
  bytes.set(data, 8 + encoded.length);
  return bytes;
};

const read = (bytes: Uint8Array): Safetensors => {
  const result = parseSafetensors(bytes);
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

const reason = (bytes: Uint8Array): string => {
  const result = parseSafetensors(bytes);
  return E.isLeft(result) ? showCheckpointError(result.left) : 'read';
};

const written = (arrays: ReadonlyMap<string, HostArray>, metadata?: Record<string, string>): Uint8Array => {
  const result = formatSafetensors(arrays, metadata);
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

const entry = (dtype: string, shape: readonly number[], begin: number, end: number) =>
  JSON.stringify({ dtype, shape, data_offsets: [begin, end] });

t.test('a file byte by byte', async (t) => {
  const header = '{"m/w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}        ';
  const bytes = text('\x40\0\0\0\0\0\0\0' + header + '\0\0\x80\x3f\0\0\0\xc0');
  const { arrays, metadata } = read(bytes);
  t.strictSame([...arrays.keys()], ['m/w']);
  const w = arrays.get('m/w');
  t.strictSame([w?.dtype, w?.shape, [...(w?.data ?? [])]], ['float32', [2], [1, -2]]);
  t.equal(w?.data.buffer, bytes.buffer, 'without a copy');
  t.strictSame(metadata, {});
});

t.test(
  'written byte by byte: wide elements first, the header in the order given, padded to eight',
  async (t) => {
    const arrays = new Map<string, HostArray>([
      ['b', array([3], 'bool', Uint8Array.of(1, 0, 1))],
      ['a', int32([1], [-2])],
    ]);
    const header =
      '{"__metadata__":{"preset":"digits"},"b":{"dtype":"BOOL","shape":[3],"data_offsets":[4,7]},' +
      '"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    const expected = `${String.fromCharCode(padded.length)}\0\0\0\0\0\0\0${padded}\xfe\xff\xff\xff\x01\0\x01`;
    t.equal(Buffer.from(written(arrays, { preset: 'digits' })).toString('latin1'), expected);
  },
);

t.test('every element type, read by its bytes', async (t) => {
  const bytes = [1, 2, 3, 4, 5, 6, 7, 0x40];
  const of = (dtype: string, size: number) => {
    const found = read(file(`{"x":${entry(dtype, [8 / size], 0, 8)}}`, bytes)).arrays.get('x');
    return [found?.dtype, [...(found?.data ?? [])]];
  };
  t.strictSame(of('U8', 1), ['uint8', bytes]);
  t.strictSame(of('I8', 1), ['int8', bytes]);
  t.strictSame(of('BOOL', 1), ['bool', bytes]);
  t.strictSame(of('U16', 2), ['uint16', [0x201, 0x403, 0x605, 0x4007]]);
  t.strictSame(of('F16', 2), ['float16', [0x201, 0x403, 0x605, 0x4007]], 'their bits');
  t.strictSame(of('BF16', 2), ['bfloat16', [0x201, 0x403, 0x605, 0x4007]], 'their bits');
  t.strictSame(of('I16', 2), ['int16', [0x201, 0x403, 0x605, 0x4007]]);
  t.strictSame(of('U32', 4), ['uint32', [0x4030201, 0x40070605]]);
  t.strictSame(of('I32', 4), ['int32', [0x4030201, 0x40070605]]);
  t.strictSame(of('U64', 8), ['uint64', [0x4007060504030201n]]);
  t.strictSame(of('I64', 8), ['int64', [0x4007060504030201n]]);
  const view = new DataView(Uint8Array.from(bytes).buffer);
  t.strictSame(of('F32', 4), ['float32', [view.getFloat32(0, true), view.getFloat32(4, true)]]);
  t.strictSame(of('F64', 8), ['float64', [view.getFloat64(0, true)]]);
});

t.test('an element type that arrays here do not have is told by its name', async (t) => {
  for (const dtype of ['F8_E4M3', 'F8_E5M2', 'F4', 'C64', 'f32', '']) {
    t.match(
      reason(file(`{"m/w":${entry(dtype, [1], 0, 1)}}`, [0])),
      `at byte 9: tensor "m/w": elements of type "${dtype}"; read are F64, F32, F16, BF16, I64`,
    );
  }
});

t.test('scalars, empty arrays and files without a tensor', async (t) => {
  const header = `{"e":${entry('F32', [0, 3], 4, 4)},"s":${entry('F32', [], 0, 4)},"z":${entry('I8', [0], 0, 0)}}`;
  const { arrays } = read(file(header, [0, 0, 0x80, 0x3f]));
  t.strictSame(
    [...arrays].map(([name, { shape, data }]) => [name, shape, [...data]]),
    [
      ['e', [0, 3], []],
      ['s', [], [1]],
      ['z', [0], []],
    ],
  );
  t.equal(read(file('{}')).arrays.size, 0);
  t.strictSame(read(file('{"__metadata__":{"a":"b"}}  ')).metadata, { a: 'b' });
});

t.test('a header length that the file does not have', async (t) => {
  const whole = file(`{"w":${entry('U8', [1], 0, 1)}}`, [7]);
  t.equal(reason(whole), 'read');
  for (const length of [1000n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
    const lying = whole.slice();
    new DataView(lying.buffer).setBigUint64(0, length, true);
    t.match(reason(lying), /^at byte 0: a header past the end: \d+ bytes are declared, \d+ are left$/);
    const parsed = parseCheckpoint(lying);
    t.ok(E.isLeft(parsed) && parsed.left.kind === 'safetensors', `${length} is told as what it is`);
  }
  for (const length of [0, 1, 7, 8, 9]) t.match(reason(whole.subarray(0, length)), /too few for a header/);
  t.match(
    reason(new Uint8Array(100_000_100).fill(0x20).fill(0, 4, 8)),
    /a header past the end|at most 100000000/,
  );
});

t.test('ranges that overlap, leave holes, end early, or go past the end', async (t) => {
  const two = (a: readonly [number, number], b: readonly [number, number], count: number) =>
    reason(
      file(
        `{"a":${entry('U8', [a[1] - a[0]], ...a)},"b":${entry('U8', [b[1] - b[0]], ...b)}}`,
        Array(count).fill(0),
      ),
    );
  t.equal(two([0, 4], [4, 8], 8), 'read');
  t.equal(two([4, 8], [0, 4], 8), 'read');
  t.match(two([0, 4], [3, 8], 8), /tensor "b": a range that overlaps another: it begins at 3$/);
  t.match(two([0, 8], [0, 8], 8), /tensor "b": a range that overlaps another/);
  t.match(two([0, 4], [5, 8], 8), /tensor "b": a hole before it: bytes 4 to 5 are nobody's$/);
  t.match(two([1, 4], [4, 8], 8), /tensor "a": a hole before it: bytes 0 to 1/);
  t.match(two([0, 4], [4, 8], 9), /^at byte 0: 1 bytes after the last tensor$/);
  t.match(two([0, 4], [4, 8], 7), /tensor "b": a range past the end: it ends at 8, and there are 7 bytes$/);
  t.match(reason(file('{}', [1])), /1 bytes after the last tensor/);
  t.match(reason(file(`{"w":${entry('U8', [0], 4, 0)}}`, [0, 0, 0, 0])), /ends before it begins: 4 to 0/);
  t.match(
    reason(file(`{"w":${entry('F32', [3], 0, 8)}}`, Array(8).fill(0))),
    /tensor "w": float32 of shape \[3\] needs 12 bytes, its range has 8$/,
  );
  t.match(
    reason(file(`{"w":${entry('F32', [2 ** 52, 2 ** 52], 0, 8)}}`, Array(8).fill(0))),
    /needs NaN bytes/,
  );
});

t.test('names that are given twice, and fields that nobody knows', async (t) => {
  const w = entry('U8', [0], 0, 0);
  t.match(reason(file(`{"w":${w},"w":${w}}`)), /^at byte 61: the name "w" comes twice in one object$/);
  t.match(reason(file(`{"w":${w},"\\u0077":${w}}`)), /the name "w" comes twice/);
  t.match(reason(file('{"__metadata__":{"a":"1","a":"2"}}')), /the name "a" comes twice/);
  t.match(reason(file('{"__metadata__":{},"__metadata__":{}}')), /the name "__metadata__" comes twice/);
  t.match(
    reason(file(`{"w":{"dtype":"U8","dtype":"U8","shape":[],"data_offsets":[0,1]}}`, [0])),
    /"dtype" comes twice/,
  );
  t.match(
    reason(file(`{"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1}}`)),
    /the field "x", which/,
  );
  t.match(
    reason(file('{"w":{"dtype":"U8","shape":[0]}}')),
    /at byte 9: tensor "w": expected dtype, shape and two/,
  );
  t.match(
    reason(file('{"w":{"dtype":"U8","shape":[0],"data_offsets":[0]}}')),
    /expected dtype, shape and two/,
  );
});

t.test('more names than any file has', async (t) => {
  const names = (count: number, value: string) =>
    `{${Array.from({ length: count }, (_, i) => `"${i}":${value}`).join(',')}}`;
  t.match(reason(file(names(65_538, entry('U8', [0], 0, 0)))), /more than 65537 names in one object/);
  t.match(reason(file(`{"__metadata__":${names(16_385, '""')}}`)), /more than 16384 names in one object/);
  t.equal(read(file(names(10_000, entry('U8', [0], 0, 0)))).arrays.size, 10_000);
});

t.test('headers that are not JSON, or not this JSON', async (t) => {
  const complaints: readonly (readonly [string | Uint8Array, RegExp])[] = [
    ['  {}', /does not begin with \{/],
    ['[]', /does not begin with \{/],
    ['{} x', /"x" in it after its end/],
    ['{"w"', /ends too soon, expected :/],
    ['{"w', /ends too soon/],
    ['{"w\\', /ends too soon/],
    ['{w:1}', /JSON with "w" in it, expected "/],
    ['{"w":1}', /JSON with "1" in it, expected \{/],
    ['{"a":{},}', /expected dtype/],
    ['{"__metadata__":{"a":1}}', /the metadata's "a" is no text/],
    ['{"__metadata__":{"a":"\n"}}', /a string that is not JSON/],
    ['{"__metadata__":{"a":"\\x"}}', /a string that is not JSON/],
    ['{"__metadata__":{"a":"\\ud800"}}', /half a surrogate pair/],
    ['{"w":{"shape":[-1]}}', /a number that is no count/],
    ['{"w":{"shape":[1.0]}}', /a number that is no count/],
    ['{"w":{"shape":[1e3]}}', /a number that is no count/],
    ['{"w":{"shape":[01]}}', /a number that is no count/],
    ['{"w":{"shape":[9007199254740992]}}', /a number that is no count/],
    [`{"w":{"shape":[${Array(65).fill(1)}]}}`, /more than 64 numbers/],
    [`{"w":{"data_offsets":[0,1,2]}}`, /more than 2 numbers/],
    [text('{"\xff":{}}'), /at byte \d+: a string that is not JSON in UTF-8/],
    [text('{"\xc3'), /ends too soon/],
    ['{' + '['.repeat(1e5), /JSON with "\[" in it, expected "/],
  ];
  for (const [header, complaint] of complaints) t.match(reason(file(header)), complaint);
});

t.test('names that look like paths are names; __proto__ is no module', async (t) => {
  const w = entry('U8', [0], 0, 0);
  for (const name of ['../x/w', '/etc/passwd', 'C:\\x/w', '..', ' ', 'constructor/toString']) {
    t.strictSame([...read(file(`{${JSON.stringify(name)}:${w}}`)).arrays.keys()], [name]);
  }
  for (const name of ['__proto__', '__proto__/w', 'm/__proto__', 'm.__proto__']) {
    const parsed = parseCheckpoint(file(`{${JSON.stringify(name)}:${w}}`));
    t.match(E.isLeft(parsed) && showCheckpointError(parsed.left), /a name like module\/leaf/, name);
  }
  t.strictSame(read(file('{"__metadata__":{"__proto__":"x"}}')).metadata, JSON.parse('{"__proto__":"x"}'));
  t.strictSame(Object.keys(Object.prototype), []);
});

t.test("names of Haiku's and of PyTorch's form are modules and leaves", async (t) => {
  const names = ['a/~/b/w', 'a.b/w', 'perceiver.embeddings.latents', 'weight', 'x.y/z.w'];
  const arrays = new Map(names.map((name, i) => [name, float32([], [i])] as const));
  const parsed = parseCheckpoint(written(arrays, { source: 'here' }));
  if (E.isLeft(parsed)) return t.fail(showCheckpointError(parsed.left));
  const { format, params, state, metadata } = parsed.right;
  t.strictSame(
    Object.entries(params).map(([module, leaves]) => [module, Object.keys(leaves)]),
    [
      ['a/~/b', ['w']],
      ['a.b', ['w']],
      ['perceiver.embeddings', ['latents']],
      ['~', ['weight']],
      ['x.y', ['z.w']],
    ],
  );
  t.strictSame([format, state, metadata], ['safetensors', {}, { source: 'here' }]);
  const both = parseCheckpoint(
    written(
      new Map([
        ['a/b', float32([], [1])],
        ['a.b', float32([], [2])],
      ]),
    ),
  );
  t.match(E.isLeft(both) && showCheckpointError(both.left), /at a\.b: found a second array for this leaf/);
});

/** The entries that `test/data/tensors.py` writes. */
interface Stored {
  readonly files: readonly {
    readonly name: string;
    readonly file: string;
    readonly metadata: Readonly<Record<string, string>>;
    readonly arrays: Readonly<
      Record<string, { readonly dtype: DType; readonly shape: number[]; readonly bytes: string }>
    >;
  }[];
}

t.test("files of the format's own library", async (t) => {
  const { files } = JSON.parse(readFileSync('test/data/tensors.json', 'utf8')) as Stored;
  for (const { name, file, metadata, arrays } of files) {
    const found = read(Buffer.from(file, 'base64'));
    t.strictSame(found.metadata, metadata, name);
    const plain = Array.from(found.arrays, ([key, { dtype, shape, data }]) => [
      key,
      { dtype, shape, bytes: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex') },
    ]);
    t.same(Object.fromEntries(plain), arrays, name);
  }
});

t.test('names and texts that the header cannot spell are not written', async (t) => {
  const told = (name: string, metadata = {}) => {
    const result = formatSafetensors(new Map([[name, float32([], [1])]]), metadata);
    return E.isLeft(result) ? showCheckpointError(result.left) : 'written';
  };
  t.equal(told('w'), 'written');
  t.match(told('__metadata__'), /at __metadata__: found this text/);
  t.match(told('\ud800'), /found this text, expected one that safetensors can hold/);
  t.match(told('w', { source: '\udc00' }), /found this text/);
});

const dtypes = Object.keys(bytesPerElement) as DType[];

t.test('any arrays under any names go there and back', async (t) => {
  const arrays = fc
    .record({
      dtype: fc.constantFrom(...dtypes),
      shape: fc.array(fc.nat(4), { maxLength: 3 }),
      seed: fc.nat(255),
    })
    .map(({ dtype, shape, seed }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const raw = file(
        '',
        Array.from({ length: size * bytesPerElement[dtype] }, (_, i) => (i * 31 + seed) & 0xff),
      );
      const spelled = { bool: 'BOOL', bfloat16: 'BF16' }[dtype as string];
      const name = spelled ?? dtype.replace('uint', 'U').replace('int', 'I').replace('float', 'F');
      const data = raw.subarray(8);
      return read(file(`{"x":${entry(name, shape, 0, data.length)}}`, [...data])).arrays.get(
        'x',
      ) as HostArray;
    });
  const names = fc.string({ unit: 'binary', maxLength: 8 }).filter((name) => !/\p{Surrogate}/u.test(name));
  const maps = fc.array(fc.tuple(names, arrays), { maxLength: 6 }).map((pairs) => new Map(pairs));
  const property = fc.property(maps, fc.dictionary(names, names, { maxKeys: 3 }), (given, metadata) => {
    const back = read(written(given, metadata));
    t.strictSame({ ...back.metadata }, { ...metadata });
    t.strictSame([...back.arrays.keys()], [...given.keys()]);
    for (const [name, { dtype, shape, data }] of given) {
      const found = back.arrays.get(name) as HostArray;
      t.strictSame([found.dtype, found.shape], [dtype, shape]);
      t.ok(
        Buffer.from(found.data.buffer, found.data.byteOffset, found.data.byteLength).equals(
          Buffer.from(data.buffer, data.byteOffset, data.byteLength),
        ),
      );
    }
  });
  t.doesNotThrow(() => fc.assert(property));
});

t.test('a damaged file is read or refused, never thrown at', async (t) => {
  const whole = written(
    new Map<string, HostArray>([
      ['m/w', float32([3], [1, 2, 3])],
      ['m/b', int32([], [1])],
    ]),
    { a: 'é' },
  );
  const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
  const property = fc.property(flips, fc.nat(40), (changes, cut) => {
    const damaged = whole.slice(0, whole.length - Math.max(0, cut - 20));
    for (const [at, byte] of changes) damaged[at % damaged.length] = byte;
    const result = parseCheckpoint(damaged);
    if (E.isLeft(result)) return true;
    return Object.values(result.right.params).every((leaves) =>
      Object.values(leaves).every(({ data }) => data.length >= 0),
    );
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: 2000 }));
});
