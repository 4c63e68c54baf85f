/**
 * Small files that ask for much, in every format: each is refused, or read for what it is, before it has cost more than
 * a file of its size may. Several of them once cost far more; `docs/security.md` tells what was found.
 */
import * as E from 'fp-ts/lib/Either.js';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t, { type Test } from 'tap';
import type { HostArray } from '../../../lib/data/array.js';
import { array, float32 } from '../../../lib/data/array.js';
import type { Checkpoint, CheckpointError } from '../../../lib/checkpoint/index.js';
import {
  formatNpz,
  parseCheckpoint,
  readCheckpoint,
  showCheckpointError,
} from '../../../lib/checkpoint/index.js';
import { joined } from '../../../lib/files/parts.js';
import { zip, type ZipOptions } from '../../../lib/files/zip.js';

const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

const told = (result: E.Either<CheckpointError, Checkpoint>): string =>
  E.isLeft(result) ? showCheckpointError(result.left) : 'read';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of the array buffers that are in use; V8 frees the others some time after they are collected. */
const bytesOfBuffers = async (): Promise<number> => {
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise(setImmediate);
  }
  return process.memoryUsage().arrayBuffers;
};

/** Of the processor's time: a second is promised, and a busy machine takes a few times as long for the same. */
const mostSeconds = 5;

/** The outcome of reading a file, which may not take long. */
const outcome = (t: Test, bytes: Uint8Array): string => {
  const before = process.cpuUsage();
  const result = told(parseCheckpoint(bytes));
  const { user, system } = process.cpuUsage(before);
  t.ok((user + system) / 1e6 < mostSeconds, `${(user + system) / 1e6} s`);
  return result;
};

const archive = (entries: Readonly<Record<string, Uint8Array>>, options: ZipOptions = {}): Uint8Array =>
  joined(
    zip(
      Object.entries(entries).map(([name, contents]) => ({ name, parts: [contents] })),
      options,
    ),
  );

/** A PyTorch file of a pickle, given in latin-1, and storages. */
const torchFile = (
  pickle: string,
  storages: Readonly<Record<string, Uint8Array>> = {},
  options: ZipOptions = {},
) => archive({ 'archive/data.pkl': latin1(pickle), ...storages }, options);

const safetensors = (header: string, data = 0): Uint8Array => {
  const length = new DataView(new ArrayBuffer(8));
  length.setBigUint64(0, BigInt(header.length), true);
  return joined([new Uint8Array(length.buffer), latin1(header), new Uint8Array(data)]);
};

const deep = 200_000;

t.test('a pickle that nests 200,000 deep, in every way', async (t) => {
  for (const text of [
    `\x80\x02${']'.repeat(deep)}${'a'.repeat(deep - 1)}.`,
    `\x80\x02)${'\x85'.repeat(deep)}.`,
    `\x80\x02${'}K\0'.repeat(deep)}N${'s'.repeat(deep)}.`,
    `\x80\x02${'('.repeat(deep)}${'l'.repeat(deep)}.`,
  ]) {
    t.match(outcome(t, latin1(text)), /too deep/);
  }
});

t.test('a pickle that nests 200,000 deep within a PyTorch file', async (t) => {
  t.match(
    outcome(t, torchFile(`\x80\x02)${'\x85'.repeat(deep)}.`)),
    /of entry "archive\/data\.pkl": too deep/,
  );
});

t.test('MessagePack that nests 200,000 deep', async (t) => {
  const level = latin1('\x81\xa1m');
  t.match(outcome(t, joined(Array.from({ length: deep }, () => level))), /too deep/);
});

t.test('JSON that nests 200,000 deep, in an index and in a header', async (t) => {
  t.match(outcome(t, latin1(`{"metadata":${'['.repeat(deep)}`)), /more than 100 levels/);
  const folder = t.testdir({});
  const path = join(folder, 'model.safetensors.index.json');
  for (const level of ['[', '{"a":']) {
    writeFileSync(path, `{"metadata":${level.repeat(deep)}`);
    t.match(told(await readCheckpoint(path)()), /more than 100 levels/);
  }
  t.match(outcome(t, safetensors(`{"m.w":${'['.repeat(deep)}`)), /expected \{/);
});

/** A file of 100,000 values and 5,000 more that look at all of them again. */
const seenAgain = (make: string, open: string, close: string, again: string): Uint8Array =>
  latin1(`\x80\x02${make}q\0${open}${'N'.repeat(100_000)}${close}q\x01(${again.repeat(5000)}t.`);

t.test('items that many containers share', async (t) => {
  t.match(outcome(t, seenAgain('cbuiltins\ntuple\n', '(', 'l', 'h\0h\x01\x85R')), /too large/);
  t.match(outcome(t, seenAgain('coptax\nX\n', '(', 't', 'h\0h\x01R')), /too large/);
});

t.test('arguments and states that are long and used often', async (t) => {
  const made = 'cnumpy\ndtype\nU\x02f4\x85R';
  t.match(outcome(t, seenAgain(made, '(K\x03U\x01<', 't', 'h\0h\x01b')), /expected a mapping of modules/);
  t.match(
    outcome(t, seenAgain('cnumpy\ndtype\n', '(U\x02f4', 't', 'h\0h\x01R')),
    /expected a mapping of modules/,
  );
  const rebuild = torchFile(
    `\x80\x02ctorch._utils\n_rebuild_tensor_v2\nq\0(${'N'.repeat(100_000)}tq\x01(${'h\0h\x01R'.repeat(5000)}t.`,
  );
  t.match(outcome(t, rebuild), /_rebuild_tensor_v2 with the arguments/);
  const state = `}(${Array.from({ length: 20_000 }, (_, i) => `K${String.fromCharCode(i % 256)}${'N'}`).join('')}u`;
  const states = torchFile(`\x80\x02}q\0${state}q\x01(${'h\0h\x01b'.repeat(20_000)}t.`);
  t.match(outcome(t, states), /a state, a dict of 256 entries/);
});

/** The ends of 80-bit integers whose first 64 bits are the same, by which maps find them. */
const meeting = (count: number): readonly Uint8Array[] =>
  Array.from({ length: count }, (_, i) =>
    Uint8Array.of(0x8a, 10, 1, 1, 1, 1, 1, 1, 1, 1, i & 0xff, i >> 8, 0x4e),
  );

t.test('keys that meet in one place of a map', async (t) => {
  const bytes = joined([latin1('\x80\x02}('), ...meeting(30_000), latin1('u.')]);
  t.match(outcome(t, bytes), /more than 4096 numbers for keys/);
  const doubles = Array.from({ length: 30_000 }, (_, i) => {
    const key = new DataView(new ArrayBuffer(10));
    key.setUint8(0, 0xcb);
    key.setFloat64(1, i + 0.5);
    return new Uint8Array(key.buffer);
  });
  const packed = joined([latin1('\x81\xa1m\xdf\0\0\x75\x30'), ...doubles]);
  t.match(outcome(t, packed), /more than 4096 numbers for keys/);
});

t.test('positions and ids are keys as always', async (t) => {
  const ids = Array.from({ length: 30_000 }, (_, i) => Uint8Array.of(0x4d, i & 0xff, i >> 8, 0x4e));
  const bytes = joined([latin1('\x80\x02}U\x01m}('), ...ids, latin1('us.')]);
  t.equal(outcome(t, bytes), 'read');
});

t.test('numbers by the hundred thousand are no model', async (t) => {
  t.match(
    outcome(t, latin1(`\x80\x02}U\x01m(${'K\x01'.repeat(300_000)}ls.`)),
    /more than 65536 arrays and numbers/,
  );
});

const zeros = (megabytes: number): HostArray =>
  array([megabytes << 20], 'uint8', new Uint8Array(megabytes << 20));

t.test('a zip bomb: an archive of zeros is refused from 32 MiB and 64 times its size on', async (t) => {
  const bomb = formatNpz([['m/w', zeros(36)]], { deflate: true });
  t.ok(bomb.length < 50_000);
  t.match(outcome(t, bomb), /more than \d+ bytes declared in an archive of \d+/);
});

t.test(
  'an archive that grows within bounds is not held: its arrays are inflated when they are used',
  async (t) => {
    const grown = formatNpz([['m/w', zeros(16)]], { deflate: true });
    const before = await bytesOfBuffers();
    const read = parseCheckpoint(grown);
    const held = (await bytesOfBuffers()) - before;
    t.ok(held < 1e6, `${held} bytes of 16 MiB`);
    t.equal(told(read), 'read');
  },
);

t.test('a zip bomb in a PyTorch file: compressed storages and a compressed pickle', async (t) => {
  const storage = { 'archive/data/0': new Uint8Array(17 << 20) };
  t.match(outcome(t, torchFile('\x80\x02}.', storage, { deflate: true })), /bytes compressed in a file of/);
  const pickle = `\x80\x02${'N0'.repeat(9 << 20)}}.`;
  t.match(outcome(t, torchFile(pickle, {}, { deflate: true })), /bytes compressed in a file of/);
});

t.test('a header length past the end, and a header that is not believed', async (t) => {
  const file = safetensors('{"m.w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4);
  t.equal(outcome(t, file), 'read');
  for (const [at, byte] of [
    [0, 0xff],
    [4, 1],
    [7, 0x7f],
    [7, 0xff],
  ]) {
    const changed = file.slice();
    changed[at] = byte;
    t.match(outcome(t, changed), /a header past the end/);
  }
  const shape = safetensors(
    '{"m.w":{"dtype":"F32","shape":[4294967295,4294967295],"data_offsets":[0,4]}}',
    4,
  );
  t.match(outcome(t, shape), /needs NaN bytes, its range has 4/);
});

t.test('safetensors whose ranges overlap', async (t) => {
  const entry = (name: string, from: number, to: number) =>
    `"${name}":{"dtype":"U8","shape":[${to - from}],"data_offsets":[${from},${to}]}`;
  t.match(outcome(t, safetensors(`{${entry('m.a', 0, 4)},${entry('m.b', 2, 6)}}`, 6)), /overlaps another/);
  const all = Array.from({ length: 1000 }, (_, i) => entry(`m.${i}`, 0, 1 << 20));
  t.match(outcome(t, safetensors(`{${all.join()}}`, 1 << 20)), /overlaps another/);
});

t.test('names like ../x are names: nothing of an archive is looked for in a file system', async (t) => {
  const names = ['../x/w', '/etc/passwd/w', 'C:\\x/w', '..\\x/w'];
  const read = parseCheckpoint(formatNpz(names.map((name) => [name, float32([1], [1])])));
  t.strictSame(E.isRight(read) && Object.keys(read.right.params), ['../x', '/etc/passwd', 'C:\\x', '..\\x']);
  const storage = (name: string) =>
    torchFile(
      `\x80\x02(U\x07storagectorch\nFloatStorage\nU${String.fromCharCode(name.length)}${name}U\x03cpuK\x01tQ.`,
    );
  for (const name of ['../x', '/etc/passwd', '../data.pkl', '..']) {
    t.match(outcome(t, storage(name)), /which is not in the archive/);
  }
});

t.test('an index that names files elsewhere is refused before anything is opened', async (t) => {
  const folder = t.testdir({ 'x.safetensors': 'hello', inside: {} });
  const path = join(folder, 'inside', 'model.safetensors.index.json');
  for (const name of [
    '../x.safetensors',
    '/etc/passwd',
    '..',
    '.',
    '',
    'a/b',
    'a\\b',
    'C:x',
    'a\0b',
    'a'.repeat(256),
  ]) {
    writeFileSync(path, JSON.stringify({ weight_map: { 'm.w': name } }));
    t.match(told(await readCheckpoint(path)()), /which is no file beside the index/, name);
  }
});

t.test('__proto__ is no module and no leaf, in any format', async (t) => {
  const one = float32([1], [1]);
  for (const bytes of [
    formatNpz([['__proto__/w', one]]),
    formatNpz([['m/__proto__', one]]),
    safetensors('{"__proto__.w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
    safetensors('{"m.__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
    latin1('\x80\x02}U\x09__proto__}U\x01wK\x01ss.'),
    latin1('\x80\x02}U\x01m}U\x09__proto__K\x01ss.'),
    latin1('\x81\xa9__proto__\x81\xa1w\x01'),
    torchFile('\x80\x02}U\x0b__proto__.wK\x01s.'),
    torchFile('\x80\x02}U\x0bm.__proto__K\x01s.'),
  ]) {
    t.match(outcome(t, bytes), /__proto__/);
  }
  t.strictSame(Object.keys(Object.prototype), []);
});

t.test('names of objects’ own parts are names like any other', async (t) => {
  const read = parseCheckpoint(formatNpz([['constructor/toString', float32([1], [1])]]));
  t.ok(E.isRight(read) && Object.hasOwn(read.right.params.constructor, 'toString'));
});

/** 5,000 tensors of two rows of 131,072 numbers in one storage of a mebibyte, with the strides given as a pickle has them. */
const tensorsOfOneStorage = (strides: string): Uint8Array => {
  const rebuild = 'ctorch._utils\n_rebuild_tensor_v2\nq\0';
  const stored = '(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuJ\0\0\x04\0tQq\x01';
  const args = `(h\x01K\0(K\x02J\0\0\x02\0t(${strides}t\x89Ntq\x02`;
  const storage = { 'archive/data/0': new Uint8Array(1 << 20) };
  return torchFile(`\x80\x02${rebuild}${stored}${args}(${'h\0h\x02R'.repeat(5000)}t.`, storage);
};

t.test('many tensors of one storage cost what they are worth', async (t) => {
  const columnMajor = tensorsOfOneStorage('K\x01K\x02');
  t.match(outcome(t, columnMajor), /views with strides of more than \d+ bytes/);
  const rowMajor = tensorsOfOneStorage('J\0\0\x02\0K\x01');
  t.match(outcome(t, rowMajor), /tensors that lie in more than \d+ bytes/);
});

t.test('an index that names more files than any model has is refused before one is opened', async (t) => {
  const files = Array.from({ length: 5000 }, (_, i) => `"m/w${i}":"${i}.safetensors"`);
  const path = join(t.testdir({ 'x.json': `{"weight_map":{${files.join(',')}}}` }), 'x.json');
  t.match(told(await readCheckpoint(path)()), /more than 4096 files/);
});
