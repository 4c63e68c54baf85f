/** Files that are opened and not read: what is read when, several files as one, and files that change or lie. */
import * as E from 'fp-ts/lib/Either.js';
import fs, { readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { array, float32 } from '../../../lib/data/array.js';
import {
  type CheckpointError,
  formatCheckpoint,
  formatSafetensors,
  openCheckpoint,
  parseCheckpoint,
  parseShards,
  readCheckpoint,
  type SaveFormat,
  showCheckpointError,
  writeCheckpoint,
} from '../../../lib/checkpoint/index.js';
import { openFile } from '../../../lib/files/fileSource.js';
import { readSource } from '../../../lib/checkpoint/checkpoint.js';
import type { Source } from '../../../lib/files/source.js';
import { plainTree } from './arbitraryTree.js';

const right = <A>(result: E.Either<CheckpointError, A>): A => {
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

const told = <A>(result: E.Either<CheckpointError, A>): string =>
  E.isLeft(result) ? showCheckpointError(result.left) : 'right';

const large = float32(
  [500, 400],
  Float32Array.from({ length: 2e5 }, (_, i) => i),
);
const params = { 'a/linear': { w: large, b: float32([3], [1, 2, 3]) }, 'b/linear': { w: large } };

/** A source that notes how much is read of it. */
const counting = (source: Source) => {
  const reads: number[] = [];
  const read = (offset: number, length: number) => {
    reads.push(length);
    return source.read(offset, length);
  };
  return { source: { ...source, read }, reads };
};

const formats: readonly SaveFormat[] = [{ format: 'pickle' }, { format: 'npz' }, { format: 'safetensors' }];

for (const format of formats) {
  t.test(`names and shapes of ${format.format} are known before an array is read`, async (t) => {
    const path = join(t.testdir(), 'model');
    right(await writeCheckpoint(path, { params }, format)());
    const { source, reads } = counting(await openFile(path));
    const read = readSource(source, { verify: false });
    t.strictSame(read.params['a/linear'].w.shape, [500, 400]);
    const before = reads.reduce((a, b) => a + b, 0);
    t.ok(before < 100_000, `${before} of ${source.length} bytes`);
    reads.length = 0;
    t.equal(read.params['b/linear'].w.data[199_999], 199_999);
    t.strictSame(reads, [8e5], 'and then that array alone');
    t.strictSame([...read.params['a/linear'].b.data], [1, 2, 3]);
    t.equal(right(await readCheckpoint(path)()).params['a/linear'].w.data[5], 5, 'or all at once');
  });
}

t.test('deflated arrays are inflated when they are asked for, and their headers alone before', async (t) => {
  const path = join(t.testdir(), 'model.npz');
  right(await writeCheckpoint(path, { params }, { format: 'npz', deflate: true })());
  for (const verify of [true, false]) {
    const { params: found } = right(await openCheckpoint(path, { verify })());
    t.strictSame(found['b/linear'].w.shape, [500, 400]);
    t.equal(found['b/linear'].w.data[199_999], 199_999);
  }
});

t.test('an archive of zeros is read, though it inflates to a hundred times its size', async (t) => {
  const zeros = { m: { w: float32([1e5], new Float32Array(1e5)), b: float32([2], [1, 2]) } };
  const bytes = right(formatCheckpoint({ params: zeros }, { format: 'npz', deflate: true }));
  t.ok(bytes.length < 6000);
  const read = right(parseCheckpoint(bytes));
  t.ok(read.params.m.w.data.every((x) => x === 0));
  t.equal(read.params.m.w.data.length, 1e5);
  for (const at of [150, 200, 300]) {
    const damaged = bytes.slice();
    damaged[at] ^= 0x10;
    t.match(told(parseCheckpoint(damaged)), /damaged|inflates to/, `a bit of byte ${at}`);
  }
});

t.test('damage that was not looked for is met by who asks for the array', async (t) => {
  const path = join(t.testdir(), 'model.npz');
  right(await writeCheckpoint(path, { params: { m: { w: large } } }, { format: 'npz', deflate: true })());
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(path, bytes);
  t.match(told(await openCheckpoint(path)()), /entry "m\/w\.npy": (damaged|inflates to)/);
  const { params: found } = right(await openCheckpoint(path, { verify: false })());
  t.throws(() => found.m.w.data, {
    name: 'Refusal',
    message: /entry "m\/w\.npy": (damaged|inflates to)/,
  });
  const out = join(t.testdir(), 'out.pickle');
  t.match(told(await writeCheckpoint(out, { params: found }, { format: 'pickle' })()), /damaged|inflates to/);
  t.notOk(fs.existsSync(out));
});

t.test('a file that changes while it is open is noticed', async (t) => {
  const path = join(t.testdir(), 'model.safetensors');
  right(await writeCheckpoint(path, { params }, { format: 'safetensors' })());
  const changed = right(await openCheckpoint(path)());
  utimesSync(path, 1, 1);
  t.throws(() => changed.params['a/linear'].w.data, {
    name: 'Refusal',
    message: `${path}: was changed after it was opened`,
  });
  const cut = right(await openCheckpoint(path)());
  truncateSync(path, 5000);
  t.throws(() => cut.params['b/linear'].w.data, /was changed after it was opened/);
  const out = join(t.testdir(), 'out.npz');
  const failed = await writeCheckpoint(out, cut, { format: 'npz' })();
  t.match(E.isLeft(failed) && failed.left, { kind: 'io', path }, 'the file at fault is named');
  t.notOk(fs.existsSync(out));
});

t.test('a file that is replaced while it is open stays readable', async (t) => {
  const path = join(t.testdir(), 'model.safetensors');
  right(await writeCheckpoint(path, { params }, { format: 'safetensors' })());
  const opened = right(await openCheckpoint(path)());
  right(await writeCheckpoint(path, opened, { format: 'pickle' })());
  t.equal(right(await readCheckpoint(path)()).format, 'pickle');
  t.equal(opened.params['b/linear'].w.data[7], 7);
});

t.test('opening says what is wrong, as reading does', async (t) => {
  const folder = t.testdir({
    'empty.pickle': '',
    'text.pickle': 'hello',
    'cut.npz': 'PK\x03\x04',
    'one.json': '{}',
  });
  const complaint = async (file: string) => told(await openCheckpoint(join(folder, file))());
  t.match(
    await complaint('none'),
    /none: found no such file or directory, expected a file that can be read$/,
  );
  t.match(await complaint('.'), /: found a directory, expected a checkpoint, such as cut\.npz, empty/);
  t.equal(await complaint('empty.pickle'), 'at byte 0: an empty file');
  t.match(await complaint('text.pickle'), /text\.pickle: text, "hello"; it is no checkpoint/);
  t.match(await complaint('cut.npz'), /not a whole zip archive/);
  t.match(await complaint('one.json'), /one\.json: JSON without a weight_map/);
});

t.test('every pickle, sound or hostile, is opened as it is read', async (t) => {
  const folder = join(process.cwd(), 'test/goldens/pickles');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.pickle'))) {
    const [opened, read] = [
      await openCheckpoint(join(folder, file))(),
      await readCheckpoint(join(folder, file))(),
    ];
    if (E.isRight(opened) && E.isRight(read)) {
      t.strictSame(plainTree(opened.right.params), plainTree(read.right.params), file);
      t.strictSame(plainTree(opened.right.state), plainTree(read.right.state), file);
    } else t.strictSame(opened, read, file);
  }
});

/** Two shards and their index, with what is changed about them. */
const sharded = (index: object, shards: Record<string, Record<string, number>>) => ({
  'model.safetensors.index.json': JSON.stringify(index),
  ...Object.fromEntries(
    Object.entries(shards).map(([file, values]) => {
      const arrays = new Map(Object.entries(values).map(([name, value]) => [name, float32([1], [value])]));
      return [file, Buffer.from(right(formatSafetensors(arrays, { from: file })))];
    }),
  ),
});

const two = { 'x-1.safetensors': { 'a/w': 1 }, 'x-2.safetensors': { 'b/w': 2, 'b/b': 3 } };
const map = { 'b/w': 'x-2.safetensors', 'a/w': 'x-1.safetensors', 'b/b': 'x-2.safetensors' };

t.test('shards are one checkpoint, from files or from bytes', async (t) => {
  const contents = sharded(
    { metadata: { total_size: 12, more: [1, { a: null }, 'x', -1.5e3, true] }, weight_map: map },
    two,
  );
  const folder = t.testdir(contents);
  const path = join(folder, 'model.safetensors.index.json');
  const shards = new Map(
    Object.keys(two).map((file) => [file, new Uint8Array(readFileSync(join(folder, file)))]),
  );
  const inMemory = right(
    parseShards(new TextEncoder().encode(contents['model.safetensors.index.json']), shards),
  );
  for (const read of [right(await openCheckpoint(path)()), right(await readCheckpoint(path)()), inMemory]) {
    t.strictSame(
      Object.entries(read.params).map(([module, leaves]) => [
        module,
        Object.entries(leaves).map(([leaf, { data }]) => [leaf, ...data]),
      ]),
      [
        [
          'b',
          [
            ['w', 2],
            ['b', 3],
          ],
        ],
        ['a', [['w', 1]]],
      ],
    );
    t.strictSame(read.metadata, { from: 'x-2.safetensors' });
    t.equal(read.format, 'safetensors');
  }
  t.match(told(parseCheckpoint(readFileSync(path))), /an index of other files, which are not here/);
  t.match(
    told(parseShards(readFileSync(path), new Map())),
    /x-2\.safetensors: the index names it, and it is not given/,
  );
});

t.test('progress is that of all shards together', async (t) => {
  const path = join(t.testdir(sharded({ weight_map: map }, two)), 'model.safetensors.index.json');
  const progress: (readonly [number, number])[] = [];
  right(await readCheckpoint(path, { onProgress: (...reported) => progress.push(reported) })());
  const [index, second, first] = ['', 'x-2.safetensors', 'x-1.safetensors'].map(
    (file) => fs.statSync(file ? join(path, '..', file) : path).size,
  );
  t.strictSame(progress, [
    [index, index],
    [second, second + first],
    [second + first, second + first],
  ]);
});

t.test('an index that lies is refused', async (t) => {
  const complaint = async (index: object, shards: Record<string, Record<string, number>> = two) => {
    const folder = t.testdir(sharded(index, shards));
    return told(await openCheckpoint(join(folder, 'model.safetensors.index.json'))());
  };
  t.equal(await complaint({ weight_map: map }), 'right');
  const beside = /tensor "a\/w": ".*", which is no file beside the index$/;
  for (const file of [
    '../x-1.safetensors',
    '/x',
    'a/b',
    '..',
    '.',
    '',
    'c:x',
    'a\\b',
    'x\0',
    './x-1.safetensors',
  ]) {
    t.match(await complaint({ weight_map: { ...map, 'a/w': file } }), beside, file);
  }
  t.match(
    await complaint({ weight_map: { ...map, 'c/w': 'x-1.safetensors' } }),
    /"c\/w": is not in "x-1\.saf/,
  );
  t.match(
    await complaint({ weight_map: { 'a/w': 'x-1.safetensors', 'b/w': 'x-2.safetensors' } }),
    /tensor "b\/b": is in "x-2\.safetensors", of which the index/,
  );
  t.match(
    await complaint({ weight_map: { ...map, 'c/w': 'none.safetensors' } }),
    /none\.safetensors: found no such file/,
  );
  t.match(await complaint({ weight_map: { 'a/w': 1 } }), /JSON with "1" in it, expected "/);
  t.match(await complaint({ weight_map: [] }), /expected \{/);
  t.match(
    await complaint({ weight_map: map }, { ...two, 'x-1.safetensors': { 'a/w': 1, 'b/w': 5 } }),
    /"b\/w": is in "x-1/,
  );
  const folder = t.testdir({
    ...sharded({ weight_map: map }, two),
    'x-1.safetensors': 'PK\x03\x04 and more',
  });
  t.match(
    told(await readCheckpoint(join(folder, 'model.safetensors.index.json'))()),
    /^at byte \d+ of entry "x-1\.safetensors": not a whole zip archive/,
  );
  const twice = '{"weight_map":{"a/w":"x","a/w":"y"}}';
  t.match(told(await openCheckpoint(join(t.testdir({ i: twice }), 'i'))()), /the name "a\/w" comes twice/);
  const deep = `{"metadata":${'['.repeat(1e5)}`;
  t.match(told(await openCheckpoint(join(t.testdir({ i: deep }), 'i'))()), /more than 100 levels/);
  for (const bad of ['{"x":tru}', '{"x":01}', '{"x":.5}', '{"x":}', '{"x"', '{,}']) {
    t.match(told(await openCheckpoint(join(t.testdir({ i: bad }), 'i'))()), /^at byte \d+: JSON /, bad);
  }
});

t.test('an array of another width than its file can align is read by offset', async (t) => {
  const path = join(t.testdir(), 'model.pickle');
  const odd = {
    m: {
      a: array([3], 'uint8', Uint8Array.of(1, 2, 3)),
      w: array([2000], 'float64', new Float64Array(2000).fill(0.5)),
    },
  };
  right(await writeCheckpoint(path, { params: odd }, { format: 'pickle' })());
  const { params: found } = right(await openCheckpoint(path)());
  t.ok(found.m.w.data.every((x) => x === 0.5));
  t.equal(found.m.w.data.length, 2000);
});
