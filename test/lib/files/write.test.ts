/** Files that appear whole: permissions, links, streams, leftovers, and sets that are replaced as one. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { partialOf } from '../../../lib/files/partial.js';
import { writeFile } from '../../../lib/files/write.js';
import { type FileSet, writeSet } from '../../../lib/files/writeSet.js';
import { root } from '../../project.js';

const isPosix = process.platform !== 'win32';
const bytes = (text: string) => new TextEncoder().encode(text);
const planOf = (path: string, text: string) => ({ path, parts: () => [bytes(text)] });
const read = (path: string) => readFileSync(path, 'utf8');

t.test('the permissions of the old file are kept', { skip: !isPosix && 'no permission bits' }, async (t) => {
  const path = join(t.testdir({ secret: 'old' }), 'secret');
  for (const mode of [0o600, 0o640, 0o755]) {
    chmodSync(path, mode);
    await writeFile(planOf(path, `new ${mode}`), 0);
    t.equal(statSync(path).mode & 0o777, mode);
    t.equal(read(path), `new ${mode}`);
  }
});

t.test('a link is followed, and stays', { skip: !isPosix && 'links need rights' }, async (t) => {
  const folder = t.testdir({ real: { model: 'old' } });
  symlinkSync('real/model', join(folder, 'link'));
  await writeFile(planOf(join(folder, 'link'), 'new'), 0);
  t.ok(lstatSync(join(folder, 'link')).isSymbolicLink());
  t.equal(read(join(folder, 'real/model')), 'new');
  symlinkSync('real/later', join(folder, 'dangling'));
  await writeFile(planOf(join(folder, 'dangling'), 'made'), 0);
  t.equal(readlinkSync(join(folder, 'dangling')), 'real/later');
  t.equal(read(join(folder, 'real/later')), 'made');
  t.strictSame(readdirSync(join(folder, 'real')).sort(), ['later', 'model'], 'nothing else is left');
});

t.test('a stream is written to, and never replaced', { skip: !isPosix && 'no /dev' }, async (t) => {
  const program = `
    import { writeFile } from ${JSON.stringify(pathToFileURL(join(root, 'dist/lib/files/write.js')))};
    const parts = () => [new TextEncoder().encode('to the stream')];
    await writeFile({ path: process.argv[1], parts }, 13).catch((error) => console.error(error.code));
  `;
  const run = (path: string) =>
    spawnSync(process.execPath, ['--input-type=module', '-e', program, path], { encoding: 'utf8', env: {} });
  t.equal(run('/dev/stdout').stdout, 'to the stream');
  t.match(run('/dev/full').stderr, 'ENOSPC');
  t.ok(lstatSync('/dev/full').isCharacterDevice());
  t.ok(lstatSync('/dev/stdout').isSymbolicLink());
  await t.rejects(writeSet(setOf('/dev/null', 'x'), 0), {
    message: /found a stream, expected a place for several files/,
  });
});

t.test('what a process that has ended left is removed, and what another writes is not', async (t) => {
  const folder = t.testdir();
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const mine = await partialOf(join(folder, 'other'));
  const dead = mine.replace(`-${process.pid}-`, `-${pid}-`);
  const elsewhere = dead.replace(/\.[0-9a-f]{8}-/, '.00000000-');
  for (const path of [mine, dead, elsewhere]) writeFileSync(path, '');
  await writeFile(planOf(join(folder, 'model'), 'new'), 0);
  t.strictSame(
    readdirSync(folder)
      .map((name) => join(folder, name))
      .sort(),
    [mine, elsewhere, join(folder, 'model')].sort(),
  );
});

const setOf = (main: string, text: string): FileSet => ({
  main,
  parts: [1, 2].map((i) => ({
    name: (mark) => `part${mark === undefined ? '' : `-${mark}`}.${i}`,
    parts: () => [bytes(`${text} ${i}`)],
  })),
  mainParts: (names) => () => [bytes(JSON.stringify(names))],
  isPart: (name) => /^part(-[0-9a-f]{8})?\.\d$/.test(name),
});

const partsOf = (main: string): readonly string[] =>
  (JSON.parse(read(main)) as readonly string[]).map((name) => read(join(main, '..', name)));

t.test('a set over another gets new names for its parts, and the old parts go', async (t) => {
  const folder = t.testdir({ 'party.1': 'a stranger' });
  const main = join(folder, 'main');
  const first = await writeSet(setOf(main, 'old'), 0);
  t.strictSame(
    first.files,
    ['part.1', 'part.2', 'main'].map((name) => join(folder, name)),
  );
  for (const text of ['new', 'newer']) {
    await writeSet(setOf(main, text), 0);
    t.strictSame(partsOf(main), [`${text} 1`, `${text} 2`]);
    t.equal(readdirSync(folder).length, 4, 'main, two parts, and a stranger');
  }
});

t.test('a set is not mixed with parts that another write left without a main file', async (t) => {
  const folder = t.testdir({ 'part.2': 'stray' });
  const main = join(folder, 'main');
  await writeSet(setOf(main, 'new'), 0);
  t.strictSame(partsOf(main), ['new 1', 'new 2']);
  t.notOk(readdirSync(folder).includes('part.2'));
});

t.test('writes of one set at the same time end with one whole set', async (t) => {
  const main = join(t.testdir(), 'main');
  for (let round = 0; round < 5; round++) {
    await Promise.all(['a', 'b', 'c', 'd'].map((text) => writeSet(setOf(main, text), 0)));
    const [one, two] = partsOf(main);
    t.match(one, /^[a-d] 1$/);
    t.equal(two, one.replace('1', '2'));
  }
  await writeSet(setOf(main, 'last'), 0);
  t.equal(readdirSync(join(main, '..')).length, 3, 'and the next write alone leaves no stray part');
});

t.test('a set that cannot be written leaves the old one and nothing else', async (t) => {
  const folder = t.testdir();
  const main = join(folder, 'main');
  await writeSet(setOf(main, 'old'), 0);
  const before = readdirSync(folder);
  const gone = {
    ...setOf(main, 'new'),
    mainParts: () => () => {
      throw new Error('gone');
    },
  };
  await t.rejects(writeSet(gone, 0), { message: 'gone' });
  t.strictSame(readdirSync(folder), before);
  t.strictSame(partsOf(main), ['old 1', 'old 2']);
  mkdirSync(join(folder, 'folder'));
  await t.rejects(writeSet(setOf(join(folder, 'folder'), 'x'), 0), {
    message: /folder: found a directory, expected a place for a file/,
  });
});
