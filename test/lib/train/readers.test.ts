/** Readers of people's files: classes by folder and by table, damaged files, and tables of text. */
import { symlinkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { type InputError, showInputError, showInputErrors } from '../../../lib/data/inputError.js';
import { pictureOf } from '../../../lib/media/picture.js';
import { readPicture, writePicture } from '../../../lib/media/readPicture.js';
import {
  classFolders,
  classTable,
  type LabelledFiles,
  parseTable,
  readable,
} from '../../../lib/train/index.js';

const rightOf = <A>(result: E.Either<readonly InputError[], A>): A => {
  if (E.isLeft(result)) throw new Error(result.left.map(showInputError).join('\n'));
  return result.right;
};
const complaint = (result: E.Either<readonly InputError[], unknown>): string =>
  E.isLeft(result) ? result.left.map(showInputError).join('\n') : 'no complaint';

const named = (folder: string, { classes, files }: LabelledFiles) =>
  files.map(({ path, label }) => `${classes[label]}: ${path.slice(folder.length + 1)}`);

const fill = async (folder: string): Promise<void> => {
  for (const [name, shade] of [
    ['dark/a.png', 0],
    ['dark/b.png', 9],
    ['light/c.png', 250],
  ] as const) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    await writePicture(
      join(folder, name),
      pictureOf(2, 2, () => [shade, shade, shade]),
    )();
  }
  writeFileSync(join(folder, 'light', 'broken.png'), 'no picture');
  writeFileSync(join(folder, 'light', '.hidden'), '');
};

t.test('folders are classes; damaged files are named, and skipped or stop', async (t) => {
  const folder = t.testdir();
  await fill(folder);
  for (const name of ['dark/Thumbs.db', 'light/desktop.ini', 'light/.DS_Store', '__MACOSX/dark/._a.png']) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), 'of the system');
  }
  const found = rightOf(await classFolders(folder)());
  t.same(found.classes, ['dark', 'light'], 'what systems leave in folders is no class, and no file');
  t.same(named(folder, found), [
    'dark: dark/a.png',
    'dark: dark/b.png',
    'light: light/broken.png',
    'light: light/c.png',
  ]);
  const counts: number[] = [];
  const onProgress = (done: number) => void counts.push(done);
  const kept = rightOf(await readable(found, readPicture, { onDamaged: 'skip', onProgress })());
  t.same(named(folder, kept), ['dark: dark/a.png', 'dark: dark/b.png', 'light: light/c.png']);
  t.match(kept.damaged.map(showInputError), [/broken\.png: found/]);
  t.same(counts, [1, 2, 3, 4]);
  t.match(
    complaint(await readable(found, readPicture, { onDamaged: 'stop' })()),
    /^the files: found 1 file that cannot be read.*--on-damaged skip[^]*broken\.png: found/,
  );
  const alone = { ...found, files: found.files.filter(({ path }) => !path.endsWith('c.png')) };
  t.match(
    complaint(await readable(alone, readPicture, { onDamaged: 'skip' })()),
    /the class 'light': found no file that can be read/,
  );
  t.match(
    complaint(await classFolders(join(folder, 'dark'))()),
    /found 0 folders in it, expected a folder for each/,
  );
  t.match(
    complaint(await classFolders(join(folder, 'none'))()),
    /none: found no such file or directory, expected a folder/,
  );
  mkdirSync(join(folder, 'empty'));
  t.match(complaint(await classFolders(folder)()), /empty: found no file/);
  symlinkSync(join(folder, 'nowhere'), join(folder, 'lost'));
  t.match(complaint(await classFolders(folder)()), /lost: found a link to nothing, .* remove or mend it/);
});

t.test('a table names files and classes, from its own folder on', async (t) => {
  const folder = t.testdir({
    'a.csv': 'file,label,note\r\n"x, y.png",cat,"he said ""no"""\r\nz.png,dog,\r\n',
    'a.tsv': 'label\tfile\ncat\tx.png\ndog\ty.png\n',
    'one.csv': 'file,label\na.png,cat\n',
  });
  const table = rightOf(await classTable(join(folder, 'a.csv'))());
  t.same(named(folder, table), ['cat: x, y.png', 'dog: z.png']);
  t.same(named(folder, rightOf(await classTable(join(folder, 'a.tsv'))())), ['cat: x.png', 'dog: y.png']);
  t.match(
    complaint(await classTable(join(folder, 'one.csv'))()),
    /found 1 label, expected at least 2 different ones/,
  );
  t.match(complaint(await classTable(join(folder, 'no.csv'))()), /no\.csv: found/);
});

t.test('a line without a label is named by its file', async (t) => {
  const folder = t.testdir({ 'labels.csv': 'file,label\na.png,cat\nb.png,\nc.png,dog\n' });
  t.match(await classTable(join(folder, 'labels.csv'))(), {
    left: [{ where: /the line of 'b.png'$/, found: 'an empty label' }],
  });
});

t.test(
  'blanks around names and labels are left out; a file of two lines and backslashes are refused',
  async (t) => {
    const folder = t.testdir({
      'blank.csv': 'file, label\na.png , cat\nb.png, "dog, small" \n',
      'twice.csv': 'file,label\na.png,cat\n./a.png,dog\nb.png,dog\nb.png,dog\n',
      'windows.csv': 'file,label\nc\\a.png,cat\nc\\b.png,dog\n',
    });
    const of = (name: string) => classTable(join(folder, name))();
    t.same(named(folder, rightOf(await of('blank.csv'))), ['cat: a.png', 'dog, small: b.png']);
    const twice = complaint(await of('twice.csv')).split('\n');
    t.match(
      twice[0],
      /the line of 'a\.png': found 2 lines of the same file, of the label 'cat' and 'dog', expected one/,
    );
    t.match(twice[1], /the line of 'b\.png': found 2 lines of the same file, of the label 'dog'/);
    if (process.platform !== 'win32')
      t.match(
        complaint(await of('windows.csv')),
        /found backslashes between folders, as in 'c\\a\.png', expected slashes/,
      );
    t.equal(
      complaint(parseTable('t', 'a,b,b\n1,2,3', ',', ['a', 'b'])),
      "t: found 2 columns 'b', expected one",
    );
    const many = Array.from({ length: 12 }, (_, i): InputError => ({
      kind: 'input',
      where: `${i}`,
      found: 'a',
      expected: 'b',
    }));
    t.match(showInputErrors(many), /^9: found a, expected b\nand 2 more$/m, 'ten of many are shown');
  },
);

t.test('every line of a table that does not fit is named', async (t) => {
  t.same(rightOf(parseTable('t', '\uFEFFa,b\n1,"2\n3"\n\n4,5', ',', ['b'])).rows, [
    { a: '1', b: '2\n3' },
    { a: '4', b: '5' },
  ]);
  t.match(
    complaint(parseTable('t', 'a,b\n1\n2,3\n4,5,6', ',', ['c'])),
    "t: found the columns a, b, expected a column 'c' named in the first line\n" +
      't, line 2: found 1 field, expected 2\nt, line 4: found 3 fields, expected 2',
  );
  t.match(complaint(parseTable('t', 'a\n"b', ',', ['a'])), 't, line 2: found a quote that is never closed');
  t.match(complaint(parseTable('t', '', ',', ['a'])), 't: found no line');
});

t.test('readers that are given something else say what they take', async (t) => {
  const loose = { classFolders, readable } as unknown as Record<string, (...args: unknown[]) => unknown>;
  const files = { classes: [], files: [] };
  t.throws(
    () => loose.classFolders(),
    /classFolders: the path is of type undefined, expected a text, such as classFolders/,
  );
  const given =
    (...args: unknown[]) =>
    () =>
      loose.readable(...args);
  const options = { onDamaged: 'skip' };
  t.throws(
    given(undefined, readPicture, options),
    /readable: the files are of type undefined; expected \{ classes/,
  );
  t.throws(given(classFolders('pics'), readPicture, options), /the files are a function: call it, and wait/);
  t.throws(given(E.right(files), readPicture, options), /the files are an Either: give its `right`/);
  t.throws(given(['a.png'], readPicture, options), /the files are a list; expected/);
  t.throws(
    given(files, undefined, options),
    /readable: the reader is of type undefined, expected one of a path/,
  );
  t.throws(
    given(files, readPicture),
    /readable: the options are of type undefined, expected \{ onDamaged: 'skip' \}/,
  );
});
