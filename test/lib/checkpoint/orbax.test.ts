/** Folders of Orbax: five layouts, chunks, many leaves, steps; and folders that are damaged or of another kind. */
import * as E from 'fp-ts/lib/Either.js';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import t, { type Test } from 'tap';
import {
  type Checkpoint,
  type CheckpointError,
  openCheckpoint,
  parseOrbax,
  readCheckpoint,
  showCheckpointError,
} from '../../../lib/checkpoint/index.js';
import { unzstd } from '../../../lib/checkpoint/orbax/zstd.js';
import { array, toFloat32 } from '../../../lib/data/array.js';
import { orbaxCases } from '../../golden/orbax.js';

const goldens = join(process.cwd(), 'test/goldens/orbax');
const data = join(process.cwd(), 'test/data/orbax');

const right = <A>(result: E.Either<CheckpointError, A>): A => {
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

const told = <A>(result: E.Either<CheckpointError, A>): string =>
  E.isLeft(result) ? showCheckpointError(result.left) : 'read';

t.test('the five layouts, and the steps of a manager, give the tree that Orbax saved', async (t) => {
  for (const { name, run } of orbaxCases(goldens)) {
    const checks = await run();
    t.equal(checks.length, 6, name);
    for (const { array, error, tolerance } of checks) t.ok(error <= tolerance, `${name}: ${array}`);
  }
});

const filesIn = (folder: string): ReadonlyMap<string, Uint8Array> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
      const path = join(folder, name);
      const key = relative(folder, path).split('\\').join('/');
      return statSync(path).isFile() ? [[key, new Uint8Array(readFileSync(path))] as const] : [];
    }),
  );

t.test('a page reads the same from bytes', async (t) => {
  for (const name of ['standard', 'zarr', 'manager']) {
    const { params, rest } = right(parseOrbax(filesIn(join(goldens, name))));
    const whole = right(await readCheckpoint(join(goldens, name))());
    t.strictSame(params['embed'].embeddings.data, whole.params['embed'].embeddings.data);
    t.strictSame([...rest.keys()], ['step']);
  }
  t.match(told(parseOrbax(filesIn(join(goldens, 'manager')), { step: 3 })), /no step 3; there are 0, 7/);
});

const isChunked = (t: Test, { params, rest, notes }: Checkpoint) => {
  const { w, b } = params['a/~/linear'];
  t.strictSame([w.shape, [...w.data]], [[10, 7], Array.from({ length: 70 }, (_, i) => i)]);
  t.strictSame([...b.data], [0, 1, 2, 3, 4, 5, 6]);
  t.strictSame([...rest.keys()], ['bf', 'list', 'text']);
  t.equal(rest.get('text'), 'hello');
  t.match(rest.get('bf'), { dtype: 'bfloat16', shape: [5] });
  t.strictSame(notes, ['none is None, and is left out', 'text is a string and no array']);
};

t.test('arrays of many chunks are put together, in files, in stores and in shards', async (t) => {
  for (const name of ['chunked', 'chunked-zarr', 'chunked-zarr3'])
    await t.test(name, async (t) => isChunked(t, right(await openCheckpoint(join(data, name))())));
});

t.test('a store of many leaves has nodes above its leaves', async (t) => {
  const { params } = right(await openCheckpoint(join(data, 'many'))());
  t.equal(Object.keys(params).length, 1500);
  t.ok(Object.entries(params).every(([name, { w }]) => w.data[0] === Number(name.slice(1))));
});

t.test('a chunk that is not there is zeros', async (t) => {
  const folder = t.testdir();
  cpSync(join(data, 'chunked-zarr'), folder, { recursive: true });
  rmSync(join(folder, 'params.a', '~', 'linear.w', '0.0'));
  const { w } = right(await openCheckpoint(folder)()).params['a/~/linear'];
  t.strictSame([...w.data].slice(0, 9), [0, 1, 2, 3, 4, 5, 6, 0, 8]);
});

t.test('arrays are read when their data is asked for, and a change is noticed', async (t) => {
  const folder = t.testdir();
  cpSync(join(goldens, 'zarr'), folder, { recursive: true });
  const { params } = right(await openCheckpoint(folder)());
  writeFileSync(join(folder, 'params.embed.embeddings', '0.0'), 'changed');
  t.throws(() => params.embed.embeddings.data, /0\.0: was changed after it was opened/);
  t.equal(params['perceiver_encoder/~/linear'].b.data.length, 4);
});

/** A golden with some of its files replaced. */
const changed = (
  name: string,
  changes: Readonly<Record<string, (before: Uint8Array) => Uint8Array | undefined>>,
) => {
  const files = new Map(filesIn(join(goldens, name)));
  for (const [file, change] of Object.entries(changes)) {
    const after = change(files.get(file) ?? new Uint8Array());
    if (after) files.set(file, after);
    else files.delete(file);
  }
  const result = parseOrbax(files);
  if (E.isLeft(result)) return showCheckpointError(result.left);
  try {
    for (const leaves of Object.values(result.right.params))
      for (const leaf of Object.values(leaves)) void leaf.data;
    return 'read';
  } catch (error) {
    return (error as Error).message;
  }
};

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (change: (text: string) => string) => (before: Uint8Array) =>
  bytes(change(new TextDecoder().decode(before)));
const flipped = (at: number) => (before: Uint8Array) => {
  const after = new Uint8Array(before);
  after[at < 0 ? after.length + at : at] ^= 0x10;
  return after;
};

t.test('what is damaged, unfinished or of another kind is refused by name', async (t) => {
  const manifest = 'manifest.ocdbt';
  t.match(
    changed('standard', { [manifest]: () => undefined }),
    /no manifest\.ocdbt: a checkpoint that was not finished/,
  );
  t.match(changed('standard', { [manifest]: flipped(-1) }), /manifest\.ocdbt.*checksum/);
  t.match(changed('standard', { [manifest]: flipped(0) }), /not the part of OCDBT/);
  t.match(changed('standard', { [manifest]: () => bytes('short') }), /too few/);
  const node = [...filesIn(join(goldens, 'standard')).keys()].find((name) => name.startsWith('d/')) as string;
  t.match(changed('standard', { [node]: flipped(40) }), /checksum/);
  t.match(changed('standard', { [node]: () => undefined }), /the data file "d\/.*missing/);
  const zarray = 'params.embed.embeddings/.zarray';
  t.match(
    changed('zarr', { [zarray]: text((json) => json.replace('zstd', 'blosc')) }),
    /packed by "blosc"; zstd is read/,
  );
  t.match(
    changed('zarr', { [zarray]: text((json) => json.replace('bfloat16', 'complex64')) }),
    /elements of type "complex64"/,
  );
  t.match(changed('zarr', { [zarray]: text((json) => json.replace('"C"', '"F"')) }), /column-major/);
  t.match(changed('zarr', { [zarray]: text(() => '[1') }), /not JSON/);
  t.match(changed('zarr', { [zarray]: () => undefined }), /no array: neither \.zarray nor zarr\.json/);
  t.match(changed('zarr', { 'params.embed.embeddings/0.0': flipped(40) }), /zstd frame|a chunk of/);
  const huge = text((json) => json.replaceAll('[49,5]', '[49000000,5]'));
  t.match(changed('zarr', { [zarray]: huge }), /arrays of \d+ bytes in a folder of \d+/);
  const json3 = 'params.embed.embeddings/zarr.json';
  t.match(
    changed('zarr3-no-ocdbt', { [json3]: text((json) => json.replace('"crc32c"', '"vlen"')) }),
    /coded by "vlen"/,
  );
  t.match(changed('zarr3-no-ocdbt', { 'params.embed.embeddings/c/0/0': flipped(-1) }), /checksum/);
  t.match(
    changed('zarr3-no-ocdbt', { 'params.embed.embeddings/c/0/0': () => bytes('short') }),
    /without a whole index/,
  );
  t.match(
    changed('standard', { 'array_metadatas/process_1': () => bytes('{}') }),
    /several hosts.*in Python: /,
  );
  t.match(
    changed('standard', { _METADATA: text((json) => json.replaceAll('"params"', '"__proto__"')) }),
    /"__proto__"/,
  );
  t.match(changed('standard', { _METADATA: () => bytes('[]') }), /read/);
});

t.test('a folder that Orbax did not write is a directory', async (t) => {
  const folder = t.testdir();
  t.match(
    told(await openCheckpoint(folder)()),
    /: found a directory, expected a checkpoint: a file, or a folder of Orbax$/,
  );
  mkdirSync(join(folder, '7'));
  t.match(
    told(await openCheckpoint(folder)()),
    /: found a directory, expected a checkpoint: a file, or a folder of Orbax$/,
  );
});

t.test('a zstd frame is unpacked into no more than is expected', async (t) => {
  const refuse = (problem: string): never => {
    throw new Error(problem);
  };
  const empty = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0);
  t.equal(unzstd(empty, 0, refuse).length, 0);
  const huge = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0);
  t.throws(() => unzstd(huge, 1e6, refuse), /a zstd frame of \d+ bytes, expected at most 1000000/);
  const window = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0xf8, 1, 0, 0);
  t.throws(() => unzstd(window, 1e6, refuse), /a window of \d+ bytes/);
  // A block of 100,000 zeros, again and again, without a size.
  const block = [0x02 | (100_000 << 3), (100_000 << 3) >> 8, (100_000 << 3) >> 16, 0].map((n) => n & 255);
  const bomb = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x58, ...Array(100).fill(block).flat(), 1, 0, 0]);
  t.throws(() => unzstd(bomb, 1e6, refuse), /more bytes than expected/);
  t.equal(unzstd(bomb, 1e7, refuse).length, 1e7);
  t.throws(() => unzstd(Uint8Array.of(1, 2, 3), 10, refuse), /not a zstd frame/);
});

t.test('bfloat16 is read as it is', async (t) => {
  const { embeddings } = right(await openCheckpoint(join(goldens, 'zarr3'))()).params.embed;
  t.equal(embeddings.dtype, 'bfloat16');
  t.equal(toFloat32(array(embeddings.shape, 'bfloat16', embeddings.data as Uint16Array)).length, 245);
});
