/** Checkpoints in files: progress, what goes wrong with files, and that nothing half-written is left. */
import * as E from 'fp-ts/lib/Either.js';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { HostArray } from '../../../lib/data/array.js';
import { float32 } from '../../../lib/data/array.js';
import type { CheckpointError } from '../../../lib/checkpoint/index.js';
import { parseNpz, readCheckpoint, showCheckpointError, writeNpz } from '../../../lib/checkpoint/index.js';
import type { Tree } from '../../../lib/data/tree.js';

const right = <A>(result: E.Either<CheckpointError, A>): A => {
  if (E.isLeft(result)) throw new Error(showCheckpointError(result.left));
  return result.right;
};

const told = <A>(result: E.Either<CheckpointError, A>): string =>
  E.isLeft(result) ? showCheckpointError(result.left) : 'right';

const goldens = join(process.cwd(), 'test/goldens');

const sizes = (tree: Tree<HostArray>) =>
  Object.values(tree).flatMap((leaves) => Object.values(leaves).map(({ data }) => data.length));

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

t.test('the trained models have the parameters that were trained', async (t) => {
  const digits = right(await readCheckpoint(join(goldens, 'trained/digits.pystate'))());
  t.equal(sum(sizes(digits.params)), 53_827);
  t.strictSame(digits.state, {});
  const words = right(await readCheckpoint(join(goldens, 'trained/words.pickle'))());
  t.equal(sum(sizes(words.params)), 953_734);
});

t.test('progress goes up to the size of the file', async (t) => {
  const path = join(t.testdir(), 'large.npz');
  const array = float32([5e6], new Float32Array(5e6));
  const written: (readonly [number, number])[] = [];
  const onWrite = (...progress: readonly [number, number]) => written.push(progress);
  right(await writeNpz(path, { params: { m: { w: array } } }, { onProgress: onWrite })());
  t.ok((written.at(-1)?.[0] ?? 0) >= 20e6 && written.at(-1)?.[1] === 20e6);
  const read: (readonly [number, number])[] = [];
  right(await readCheckpoint(path, { onProgress: (...progress) => read.push(progress) })());
  const { length } = readFileSync(path);
  t.strictSame(read, [
    [1 << 24, length],
    [length, length],
  ]);
});

t.test('what is written is read back, under its name and alone', async (t) => {
  const folder = t.testdir({ 'model.npz': 'before' });
  const path = join(folder, 'model.npz');
  const { params, state } = right(await readCheckpoint(join(goldens, 'pickles/params-and-state.pickle'))());
  for (const deflate of [false, true]) {
    right(await writeNpz(path, { params, state }, { deflate })());
    t.strictSame(readdirSync(folder), ['model.npz']);
    const back = right(await readCheckpoint(path)());
    t.strictSame(
      [Object.keys(back.params), Object.keys(back.state)],
      [Object.keys(params), Object.keys(state)],
    );
    for (const [module, leaves] of Object.entries(params)) {
      for (const [leaf, { data }] of Object.entries(leaves))
        t.strictSame(back.params[module][leaf].data, data);
    }
  }
});

t.test('parameters alone need no prefix', async (t) => {
  const path = join(t.testdir(), 'model.npz');
  right(await writeNpz(path, { params: { m: { w: float32([1], [1]) } } })());
  t.strictSame([...right(parseNpz(new Uint8Array(readFileSync(path)))).keys()], ['m/w']);
});

t.test('a file that cannot be written leaves what was there', async (t) => {
  const folder = t.testdir({ 'model.npz': 'before' });
  const path = join(folder, 'model.npz');
  const failing = {
    shape: [1],
    dtype: 'float32',
    get data(): Float32Array {
      throw new Error('the array is gone');
    },
  } as const;
  const params = { m: { first: float32([1], [1]), failing } };
  await t.rejects(writeNpz(path, { params })(), { message: 'the array is gone' });
  t.strictSame(readdirSync(folder), ['model.npz']);
  t.equal(readFileSync(path, 'utf8'), 'before');
  t.match(
    told(await writeNpz(join(folder, 'none/model.npz'), { params: {} })()),
    /none\/model\.npz: found no such file/,
  );
  t.match(
    told(await writeNpz(path, { params: { m: { 'a/b': float32([1], [1]) } } })()),
    /the leaf name "a\/b"/,
  );
  mkdirSync(join(folder, 'folder.npz'));
  t.match(
    told(await writeNpz(join(folder, 'folder.npz'), { params: {} })()),
    /folder\.npz: found a directory, expected a place for a file/,
  );
  t.strictSame(readdirSync(folder).sort(), ['folder.npz', 'model.npz']);
});

t.test('files that cannot be read say why', async (t) => {
  const folder = t.testdir({ 'empty.pickle': '', 'text.pickle': 'hello', 'cut.npz': 'PK\x03\x04' });
  t.equal(
    told(await readCheckpoint(join(folder, 'none.pickle'))()),
    `${join(folder, 'none.pickle')}: found no such file or directory, expected a file that can be read`,
  );
  t.match(
    told(await readCheckpoint(folder)()),
    /: found a directory, expected a checkpoint, such as cut\.npz, empty\.pickle, text\.pickle in it$/,
  );
  t.match(
    told(await readCheckpoint(join(folder, 'text.pickle', 'x'))()),
    /a part of the path that is not a directory/,
  );
  t.equal(told(await readCheckpoint(join(folder, 'empty.pickle'))()), 'at byte 0: an empty file');
  t.equal(
    told(await readCheckpoint(join(folder, 'text.pickle'))()),
    `${join(folder, 'text.pickle')}: text, "hello"; it is no checkpoint; look for a file of weights beside it; ` +
      'checkpoints are read in pickle, .npy, .npz, safetensors, files of torch.save, msgpack of Flax and folders of Orbax',
  );
  t.match(told(await readCheckpoint(join(folder, 'cut.npz'))()), /not a whole zip archive/);
  t.match(told(await readCheckpoint('bad\0name')()), /bad\\u0000name: .*null bytes/);
});

t.test('the name of a file says nothing about its format', async (t) => {
  const folder = t.testdir();
  const bytes = readFileSync(join(goldens, 'pickles/expected.npz'));
  writeFileSync(join(folder, 'odd.pickle'), bytes);
  t.equal(right(await readCheckpoint(join(folder, 'odd.pickle'))()).format, 'npz');
});
