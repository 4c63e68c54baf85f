/** Files that are written: what is said of them, and that nothing half-written stays when writing stops. */
import * as E from 'fp-ts/lib/Either.js';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { float32, type HostArray } from '../../../lib/data/array.js';
import {
  type CheckpointError,
  openCheckpoint,
  readCheckpoint,
  type SaveFormat,
  showCheckpointError,
  writeCheckpoint,
} from '../../../lib/checkpoint/index.js';
import { root } from '../../project.js';

const right = <A>(result: E.Either<CheckpointError, A>): A => {
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

const told = <A>(result: E.Either<CheckpointError, A>): string =>
  E.isLeft(result) ? showCheckpointError(result.left) : 'right';

const w = float32([1000], new Float32Array(1000).fill(1));
const params = { a: { w, b: w }, b: { w } };
const formats: readonly SaveFormat[] = [
  { format: 'pickle' },
  { format: 'npz' },
  { format: 'safetensors' },
  { format: 'safetensors', shardSize: 8000 },
];

t.test('files of shards are numbered, and none holds more than it may', async (t) => {
  const folder = t.testdir();
  const metadata = { preset: 'mine', config: '{"numHeads":2}' };
  const format = { format: 'safetensors', shardSize: 8000, metadata } as const;
  const written = right(await writeCheckpoint(join(folder, 'x.safetensors'), { params }, format)());
  const names = ['x-00001-of-00002.safetensors', 'x-00002-of-00002.safetensors', 'x.safetensors.index.json'];
  t.strictSame(
    written.files,
    names.map((name) => join(folder, name)),
  );
  t.strictSame(readdirSync(folder).sort(), names);
  const index = JSON.parse(readFileSync(join(folder, names[2]), 'utf8')) as Record<string, object>;
  const { generation } = index.metadata as { generation?: string };
  t.match(generation, /^[0-9a-f]{16}$/);
  t.strictSame(index, {
    metadata: { total_size: 12000, generation },
    weight_map: { 'a/w': names[0], 'a/b': names[0], 'b/w': names[1] },
  });
  t.strictSame(right(await readCheckpoint(written.files[2])()).metadata, metadata);
  for (const file of written.files.slice(0, 2))
    t.strictSame(right(await readCheckpoint(file)()).metadata, { ...metadata, generation });
  const one = right(await writeCheckpoint(join(folder, 'y'), { params }, { ...format, shardSize: 12000 })());
  t.strictSame(one.files, [join(folder, 'y')], 'what fits into one file is one');
  const small = right(await writeCheckpoint(join(folder, 'z'), { params }, { ...format, shardSize: 1 })());
  t.equal(small.files.length, 4, 'an array is never parted');
});

t.test('several files do not go into a stream', async (t) => {
  const format = { format: 'safetensors', shardSize: 8000 } as const;
  const result = await writeCheckpoint('/dev/stdout', { params }, format)();
  t.equal(told(result), '/dev/stdout: found a stream, expected a place for several files');
});

t.test('what a format has no place for is told, and the pickle keeps it', async (t) => {
  const path = join(t.testdir(), 'x');
  const savable = { params: { ...params, empty: {} }, state: { none: {} }, rest: new Map([['step', 7]]) };
  const leftOut = async (format: SaveFormat) => right(await writeCheckpoint(path, savable, format)()).leftOut;
  const told = ['step', 'params/empty, a module without leaves', 'state/none, a module without leaves'];
  t.strictSame(await leftOut({ format: 'npz' }), told);
  t.strictSame(await leftOut({ format: 'safetensors' }), told);
  t.strictSame(await leftOut({ format: 'pickle' }), []);
  const { params: found, state, rest } = right(await readCheckpoint(path)());
  t.strictSame(
    [Object.keys(found), Object.keys(state), [...rest]],
    [['a', 'b', 'empty'], ['none'], [['step', 7]]],
  );
});

t.test('state has no place beside names with dots', async (t) => {
  const format = { format: 'safetensors', separator: '.' } as const;
  const complaint = async (tree: Record<string, Record<string, HostArray>>, state = {}) =>
    told(await writeCheckpoint(join(t.testdir(), 'x'), { params: tree, state }, format)());
  t.match(await complaint({}, { m: { w } }), /at state: found a tree of its own/);
  t.match(await complaint({ 'a/b': { w } }), /the module name "a\/b"/);
  t.match(await complaint({ a: { 'w.v': w } }), /the leaf name "w\.v", expected a name without "\."/);
});

t.test('writing stops when it is told to, and leaves what was there', async (t) => {
  for (const format of formats) {
    const folder = t.testdir({ model: 'before' });
    const controller = new AbortController();
    const options = { signal: controller.signal, onProgress: () => controller.abort() };
    const path = join(folder, 'model');
    t.match(
      told(await writeCheckpoint(path, { params }, format, options)()),
      /model: interrupted; nothing was written$/,
    );
    t.strictSame(readdirSync(folder), ['model']);
    t.equal(readFileSync(path, 'utf8'), 'before');
  }
});

t.test('an array that cannot be had leaves what was there', async (t) => {
  const failing = {
    shape: [1],
    dtype: 'float32',
    get data(): Float32Array {
      throw new Error('the array is gone');
    },
  } as const;
  for (const format of formats) {
    const folder = t.testdir({ model: 'before' });
    const task = writeCheckpoint(join(folder, 'model'), { params: { ...params, z: { failing } } }, format);
    await t.rejects(task(), { message: 'the array is gone' });
    t.strictSame(readdirSync(folder), ['model']);
  }
});

t.test('an array that does not have what its shape says is not written', async (t) => {
  for (const format of formats) {
    const folder = t.testdir();
    const wrong: HostArray = { shape: [3], dtype: 'float32', data: Float32Array.of(1, 2) };
    const task = writeCheckpoint(join(folder, 'model'), { params: { m: { w, wrong } } }, format);
    await t.rejects(task(), { message: 'an array, float32 of shape [3], needs 12 bytes and has 8' });
    t.strictSame(readdirSync(folder), []);
  }
});

t.test('a folder or a place that is not there is told before anything is written', async (t) => {
  for (const format of formats) {
    const folder = t.testdir({ file: '' });
    mkdirSync(join(folder, 'model'));
    const complaint = async (path: string) =>
      told(await writeCheckpoint(join(folder, path), { params }, format)());
    if (format.format !== 'safetensors' || format.shardSize === undefined)
      t.match(await complaint('model'), /model: found a directory, expected a place for a file$/);
    t.match(
      await complaint('none/model'),
      /none\/model.*: found no such file or directory, expected a place for a file$/,
    );
    t.match(
      await complaint('file/model'),
      /a part of the path that is not a directory, expected a place for a file$/,
    );
    t.match(await complaint('n'.repeat(300)), /a name that is too long, expected a place for a file$/);
    t.strictSame(readdirSync(folder).sort(), ['file', 'model']);
  }
});

/** A program that writes a megabyte, run where no file may be longer than 100 blocks. */
const program = `
import { writeCheckpoint } from ${JSON.stringify(pathToFileURL(join(root, 'dist/lib/checkpoint/index.js')))};
const w = { shape: [262144], dtype: 'float32', data: new Float32Array(262144) };
for (const format of ${JSON.stringify(formats)}) {
  const result = await writeCheckpoint('model', { params: { m: { w, b: w } } }, format)();
  console.log(result._tag, result.left?.problem);
}
`;

t.test(
  'a disk that takes no more leaves what was there',
  { skip: process.platform === 'win32' && 'no ulimit' },
  async (t) => {
    const folder = t.testdir({ model: 'before' });
    const limited = `trap '' XFSZ; ulimit -f 100; exec env -u NODE_OPTIONS "$0" --input-type=module -e "$1"`;
    const { stdout } = spawnSync('sh', ['-c', limited, process.execPath, program], {
      cwd: folder,
      encoding: 'utf8',
    });
    t.equal(stdout, 'Left a file larger than is allowed\n'.repeat(formats.length));
    t.strictSame(readdirSync(folder), ['model']);
    t.equal(readFileSync(join(folder, 'model'), 'utf8'), 'before');
  },
);

t.test('a file can be written over itself', async (t) => {
  const path = join(t.testdir(), 'model');
  right(await writeCheckpoint(path, { params }, { format: 'pickle' })());
  for (const format of formats.slice(0, 3)) {
    right(await writeCheckpoint(path, right(await openCheckpoint(path)()), format)());
    const read = right(await readCheckpoint(path)());
    t.strictSame([read.format, read.params.b.w.data], [format.format, w.data]);
  }
});

t.test('a large file is written and reported part by part', async (t) => {
  const path = join(t.testdir(), 'model');
  const large = float32([5e6], new Float32Array(5e6));
  const progress: (readonly [number, number])[] = [];
  const onProgress = (...reported: readonly [number, number]) => progress.push(reported);
  const { bytes } = right(
    await writeCheckpoint(path, { params: { m: { large } } }, { format: 'safetensors' }, { onProgress })(),
  );
  t.strictSame(progress, [
    [88, 20e6],
    [88 + 2 ** 24, 20e6],
    [bytes, 20e6],
  ]);
});

t.test('a set of shards is replaced as one, and a shard of another write is told', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'x.safetensors');
  const format = { format: 'safetensors', shardSize: 8000 } as const;
  const first = right(await writeCheckpoint(path, { params }, format)());
  const old = readFileSync(first.files[0]);
  const other = { ...params, b: { w: float32([1000], new Float32Array(1000).fill(2)) } };
  const second = right(await writeCheckpoint(path, { params: other }, format)());
  const index = join(folder, 'x.safetensors.index.json');
  t.strictSame(second.files.at(-1), index);
  t.match(second.files[0], /x-[0-9a-f]{8}-00001-of-00002\.safetensors$/);
  t.strictSame(
    readdirSync(folder)
      .map((name) => join(folder, name))
      .sort(),
    [...second.files].sort(),
    'and the old shards are gone',
  );
  t.equal(right(await readCheckpoint(index)()).params.b.w.data[0], 2);
  writeFileSync(second.files[0], old);
  t.match(
    told(await readCheckpoint(index)()),
    /is of another write than the index; copy or write the whole set again/,
  );
});
