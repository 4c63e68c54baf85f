/** `.npz`: round trips, archives that NumPy wrote, and archives that lie. */
import { zipSync } from 'fflate';
import * as fc from '../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { HostArray } from '../../../lib/data/array.js';
import { array, float32 } from '../../../lib/data/array.js';
import { crc32 } from '../../../lib/files/crc32.js';
import { attempt } from '../../../lib/checkpoint/error.js';
import type { FileArray } from '../../../lib/checkpoint/index.js';
import { formatNpy, formatNpz, parseNpz, showCheckpointError } from '../../../lib/checkpoint/index.js';
import { unzip } from '../../../lib/files/unzip.js';
import { zip } from '../../../lib/files/zip.js';

const read = (bytes: Uint8Array): ReadonlyMap<string, FileArray> => {
  const result = parseNpz(bytes);
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

const reason = (bytes: Uint8Array): string => {
  const result = parseNpz(bytes);
  return E.isLeft(result) ? showCheckpointError(result.left) : 'read';
};

const plain = (arrays: ReadonlyMap<string, HostArray>) =>
  [...arrays].map(([name, { shape, dtype, data }]) => [name, [...shape], dtype, [...data]]);

const arrays = new Map<string, HostArray>([
  ['linear/w', float32([2, 3], [1, 2, 3, 4, 5, 6])],
  ['linear/b', float32([3], [0.5, -0.5, NaN])],
  ['counter', array([], 'int64', BigInt64Array.of(-1n))],
  ['線形/ñ', array([2], 'bool', Uint8Array.of(1, 0))],
  ['half', array([1], 'bfloat16', Uint16Array.of(0x3f80))],
  ['empty', array([0, 4], 'uint8', new Uint8Array())],
]);

t.test('what is written is read, stored or deflated', async (t) => {
  t.strictSame(plain(read(formatNpz(arrays))), plain(arrays));
  t.strictSame(plain(read(formatNpz(arrays, { deflate: true }))), plain(arrays));
  t.strictSame([...read(formatNpz([]))], []);
});

t.test('the same arrays give the same bytes', async (t) => {
  t.ok(Buffer.from(formatNpz(arrays)).equals(formatNpz(arrays)));
});

t.test('stored arrays are views of the archive, ready for use', async (t) => {
  const bytes = formatNpz(arrays);
  for (const { data } of read(bytes).values()) t.equal(data.buffer, bytes.buffer);
});

t.test("NumPy's compressed archives are read", async (t) => {
  const path = join(process.cwd(), 'test/goldens/trained/digits-test.npz');
  const digits = read(new Uint8Array(readFileSync(path)));
  for (const [name, { shape, data }] of digits)
    t.equal(
      data.length,
      shape.reduce((a, b) => a * b, 1),
      name,
    );
  t.strictSame(
    [...digits.values()].map(({ shape }) => shape[0]),
    [360, 360, 360],
  );
});

t.test('two arrays of one name are refused, written or read', async (t) => {
  const [w] = arrays.values();
  t.throws(
    () =>
      formatNpz([
        ['w', w],
        ['w', w],
      ]),
    { message: /two entries of one name, "w.npy"/ },
  );
  const twice = formatNpz([
    ['aa', w],
    ['bb', w],
  ]);
  t.match(
    reason(Uint8Array.from(twice, (byte) => (byte === 0x62 ? 0x61 : byte))),
    /name is already taken|two sizes|checksum/,
  );
  t.match(reason(zipSync({ 'w.npy': formatNpy(w), w: formatNpy(w) })), /two arrays of one name/);
});

t.test('names that look like paths are names', async (t) => {
  const [w] = arrays.values();
  const names = ['../../up', '/etc/passwd', 'C:\\x', '..', '.npy', ' ', '__proto__', 'a/b/c'];
  t.strictSame([...read(formatNpz(names.map((name) => [name, w] as const))).keys()], names);
});

t.test('archives of other things are refused by name', async (t) => {
  const [w] = arrays.values();
  t.match(
    reason(zipSync({ 'w.npy': formatNpy(w), 'readme.txt': new Uint8Array(9) })),
    /"readme\.txt": not an \.npy array/,
  );
  t.match(reason(new Uint8Array()), /its end is missing/);
  t.match(reason(formatNpz(arrays).subarray(0, -1)), /its end is missing/);
});

/** Positions of the fields of the first entry in the directory of an archive. */
const directory = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { view, at: view.getUint32(bytes.length - 6, true), end: bytes.length - 22 };
};

t.test('what the directory declares is not believed', async (t) => {
  const one = new Map([['w', float32([2], [1, 2])]]);
  const changed = (deflate: boolean, change: (view: DataView, at: number, end: number) => void) => {
    const bytes = formatNpz(one, { deflate });
    const { view, at, end } = directory(bytes);
    change(view, at, end);
    return reason(bytes);
  };
  t.equal(
    changed(false, () => undefined),
    'read',
  );
  t.match(
    changed(false, (v, at) => v.setUint16(at + 8, 1, true)),
    /encrypted/,
  );
  t.match(
    changed(false, (v, at) => v.setUint16(at + 10, 12, true)),
    /compression method 12/,
  );
  t.match(
    changed(false, (v, at) => v.setUint32(at + 16, 1, true)),
    /of entry "w\.npy": damaged: its checksum/,
  );
  t.match(
    changed(false, (v, at) => v.setUint32(at + 20, 1e9, true)),
    /past the end/,
  );
  t.match(
    changed(false, (v, at) => v.setUint32(at + 24, 1e9, true)),
    /two sizes/,
  );
  t.match(
    changed(true, (v, at) => v.setUint32(at + 24, 4e9, true)),
    /more than deflate can do/,
  );
  t.match(
    changed(true, (v, at) => v.setUint32(at + 24, 1000, true)),
    /inflates to 136 bytes; 1000 are declared/,
  );
  t.match(
    changed(true, (v, at) => v.setUint32(at + 24, 100, true)),
    /not a deflate stream|checksum|inflates/,
  );
  t.match(
    changed(false, (v, at) => v.setUint32(at + 42, 9, true)),
    /no local header/,
  );
  t.match(
    changed(false, (v, at) => v.setUint32(at + 42, 0xfffffffe, true)),
    /past the end/,
  );
  t.match(
    changed(false, (v, at) => v.setUint32(at, 0, true)),
    /no directory entry/,
  );
  t.match(
    changed(false, (v, at) => v.setUint8(at + 46, 0xff)),
    /not UTF-8/,
  );
  t.match(
    changed(false, (v, _at, end) => v.setUint16(end + 10, 9, true)),
    /a directory of 9 entries/,
  );
  t.match(
    changed(false, (v, _at, end) => v.setUint16(end + 10, 0xffff, true)),
    /no zip64 locator/,
  );
});

t.test('entries that overlap are refused', async (t) => {
  const [w] = arrays.values();
  const bytes = formatNpz([
    ['a', w],
    ['b', w],
  ]);
  const { view, at } = directory(bytes);
  view.setUint32(at + 46 + 'a.npy'.length + 42, 0, true);
  // The header that both entries now share has one name.
  t.match(reason(bytes), /"b\.npy": another name in its own header, "a\.npy"/);
});

t.test('an archive that would grow beyond its means is refused before it does', async (t) => {
  const noise = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i * 2654435761) >>> 13);
  const bytes = formatNpz([['noise', array([noise.length], 'uint8', noise)]], { deflate: true });
  t.equal(reason(bytes), 'read');
  const { view, at } = directory(bytes);
  view.setUint32(at + 24, 90e6, true);
  t.match(reason(bytes), /more than \d+ bytes declared in an archive of \d+/);
});

t.test('an archive of more than 65,535 entries is written and read', async (t) => {
  const count = 70_000;
  const parts = [
    ...zip(Array.from({ length: count }, (_, i) => ({ name: `${i}`, parts: [Uint8Array.of(i & 255)] }))),
  ];
  const entries = attempt(() => unzip(Buffer.concat(parts)));
  if (E.isLeft(entries)) return t.fail(showCheckpointError(entries.left));
  t.equal(entries.right.size, count);
  t.strictSame([...(entries.right.get('69999') ?? [])], [69999 & 255]);
});

t.test('a damaged archive is read or refused, never thrown at', async (t) => {
  const wholes = [formatNpz(arrays), formatNpz(arrays, { deflate: true })];
  const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 });
  const property = fc.property(fc.constantFrom(...wholes), flips, fc.nat(40), (whole, changes, cut) => {
    const damaged = whole.slice(0, whole.length - Math.max(0, cut - 20));
    for (const [at, byte] of changes) damaged[at % damaged.length] = byte;
    const result = parseNpz(damaged);
    return E.isLeft(result) || [...result.right.values()].every(({ data }) => data.length >= 0);
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: 2000 }));
});

/** The definition, bit by bit. */
const slowCrc32 = (bytes: Uint8Array): number => {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
};

t.test('checksums are those of the definition, at any place and in any parts', async (t) => {
  t.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926, "the catalogue's check value");
  const property = fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(9), fc.nat(60), (bytes, from, at) => {
    const view = bytes.subarray(from);
    const inParts = crc32(view.subarray(at), crc32(view.subarray(0, at)));
    return crc32(view) === slowCrc32(view) && inParts === crc32(view);
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: 500 }));
});

t.test('an end that hides entries, names that differ, and an archive in a comment are refused', async (t) => {
  const hidden = formatNpz([['w', float32([1], [1])]]);
  new DataView(hidden.buffer, hidden.byteOffset).setUint16(hidden.length - 12, 0, true);
  t.match(reason(hidden), /0 entries end at byte \d+, the directory at \d+/);
  const nothing = formatNpz([['w', float32([1], [1])]]);
  nothing.fill(0, nothing.length - 14, nothing.length - 2);
  t.match(reason(nothing), /a directory that is not before its end record/);
  const named = formatNpz([['w', float32([1], [1])]]);
  named[30] = 'v'.charCodeAt(0);
  t.match(reason(named), /"w\.npy": another name in its own header, "v\.npy"/);
  const inner = formatNpz([['evil', float32([1], [2])]]);
  const outer = formatNpz([['w', float32([1], [1])]]);
  const both = new Uint8Array([...outer, ...inner]);
  new DataView(both.buffer).setUint16(outer.length - 2, inner.length, true);
  t.match(reason(both), /two ends: an archive in the comment of another/);
});
