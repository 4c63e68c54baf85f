/** Many inputs of one command: folders, patterns, the standard input, a damaged file among them, memory. */
import { linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { pictureOf } from '../../lib/media/picture.js';
import { writePicture } from '../../lib/media/readPicture.js';
import { complaintOf, outputOf, renga, rengaGiven, rengaUnder } from './run.js';

const classify = (folder: string, ...args: readonly string[]) =>
  renga(folder, 'classify', ...args, '--preset', 'digits');

const small = pictureOf(8, 8, (x) => (x === 4 ? [255, 255, 255] : [0, 0, 0]));

const write = (path: string, picture = small): Promise<unknown> => writePicture(path, picture)();

t.test('one damaged picture of twenty: nineteen lines, one error with its name, status 1', async (t) => {
  const folder = t.testdir({ photos: { 'notes.txt': 'not a picture', '.hidden.png': 'nor this' } });
  for (let i = 1; i <= 20; i++) await write(join(folder, 'photos', `p${i}.png`));
  const path = join(folder, 'photos', 'p7.png');
  writeFileSync(path, readFileSync(path).subarray(0, 60));
  const { status, stdout, stderr } = classify(folder, 'photos');
  const lines = stdout.trimEnd().split('\n');
  t.equal(lines.length, 19);
  t.ok(lines.every((line) => /^photos\/p\d+\.png {2}\d+\.\d % \d$/.test(line)));
  t.same(
    lines.slice(0, 8).map((line) => line.split('  ')[0]),
    [1, 2, 3, 4, 5, 6, 8, 9].map((i) => `photos/p${i}.png`),
    'in the order of their numbers',
  );
  t.match(stderr, /^renga: photos\/p7\.png: found a PNG file that breaks off after 60 bytes.*\n$/);
  t.equal(status, 1);
});

t.test('patterns find files at any depth', async (t) => {
  const folder = t.testdir();
  const names = ['a1.png', 'a2.png', 'b1.png', 'deep/er/c.png', 'deep/d.png'];
  mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
  for (const name of names) await write(join(folder, name));
  const found = (...args: string[]) =>
    outputOf(classify(folder, ...args, '--json'))
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { image: string }).image);
  t.same(found('a?.png'), ['a1.png', 'a2.png']);
  t.same(found('[!a]*.{png,jpg}', 'deep/*.png'), ['b1.png', 'deep/d.png']);
  t.same(found('**/*.png'), ['a1.png', 'a2.png', 'b1.png', 'deep/d.png', 'deep/er/c.png']);
  t.match(complaintOf(classify(folder, '*.jpg')), /^\*\.jpg: found no such file or directory/);
  mkdirSync(join(folder, 'empty'));
  t.match(complaintOf(classify(folder, 'empty')), /^empty: found a folder without pictures, expected files/);
});

t.test('a picture may come from the standard input', async (t) => {
  const folder = t.testdir();
  await write(join(folder, 'a.png'));
  const bytes = readFileSync(join(folder, 'a.png'));
  const given = outputOf(rengaGiven(bytes, folder, 'classify', '-', '--preset', 'digits'));
  t.equal(given, outputOf(classify(folder, 'a.png')));
  t.match(
    complaintOf(rengaGiven('text', folder, 'classify', '-', '--preset', 'digits')),
    /^the standard input: found a text file/,
  );
});

/** Prints, at the end of the process, the most bytes of buffers that were in use whenever a file was opened. */
const tellMemory = `
import fs from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const { open } = fs.promises;
let most = 0;
fs.promises.open = (...args) => {
  // The first collection frees them, the second waits until they are freed.
  collect();
  collect();
  most = Math.max(most, process.memoryUsage().arrayBuffers);
  return open(...args);
};
process.on('exit', () => console.error(most));
`;

/** A BMP of 24 bits a pixel, all black: quick to read. */
const bmp = (width: number, height: number): Uint8Array => {
  const bytes = Buffer.alloc(54 + 3 * width * height);
  bytes.write('BM');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  return bytes;
};

t.test('memory does not grow with the folder', async (t) => {
  const [width, height] = [1000, 750];
  const folder = t.testdir({ 'memory.mjs': tellMemory, few: {}, many: {} });
  writeFileSync(join(folder, '1.bmp'), bmp(width, height));
  const add = (into: string, count: number) => {
    for (let i = 1; i <= count; i++) linkSync(join(folder, '1.bmp'), join(folder, into, `${i}.bmp`));
  };
  add('few', 3);
  add('many', 9);
  const hook = `--import=${pathToFileURL(join(folder, 'memory.mjs'))}`;
  const memory = (images: string): number =>
    Number(rengaUnder([hook], folder, 'classify', images, '--preset', 'digits').stderr);
  const [few, many] = [memory('few'), memory('many')];
  t.ok(few > 0);
  const held = 6 * 4 * width * height;
  t.ok(many - few < held / 2, `${many - few} bytes more for 6 pictures more, which are ${held} bytes`);
});
