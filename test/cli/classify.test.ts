/** `renga classify`: pictures in files to what they show. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { writePicture } from '../../lib/media/readPicture.js';
import { toFloat32 } from '../../lib/data/array.js';
import { parseNpz } from '../../lib/checkpoint/index.js';
import { heldOutDigits } from '../../presets/digits/verify.js';
import { pictureOf } from '../../lib/media/picture.js';
import { textClassifier } from '../../presets/index.js';
import { complaintOf, outputOf, renga, rengaInTurn, rengaGiven } from './run.js';

interface Classified {
  readonly image: string;
  readonly classes: readonly { readonly label: string; readonly probability: number }[];
}

const heldOut = () => {
  const parsed = parseNpz(readFileSync(heldOutDigits));
  if (parsed._tag === 'Left') throw new Error('the held-out digits cannot be read');
  const [images, logits] = ['images', 'logits'].map((name) => toFloat32(parsed.right.get(name)!));
  return { images, logits };
};

/** Writes the first held-out digits as pictures of a folder. */
const writeDigits = async (folder: string, images: Float32Array, count: number): Promise<string[]> => {
  const names = Array.from({ length: count }, (_, i) => `digit_${i}.png`);
  for (const [i, name] of names.entries()) {
    const grey = (x: number, y: number) => Math.round(255 * images[64 * i + 8 * y + x]);
    const picture = pictureOf(8, 8, (x, y) => [grey(x, y), grey(x, y), grey(x, y)]);
    t.match(await writePicture(join(folder, name), picture)(), { _tag: 'Right' });
  }
  return names;
};

t.test('digits in files are what the original takes them for', async (t) => {
  const folder = t.testdir();
  const { images, logits } = heldOut();
  const names = await writeDigits(folder, images, 8);
  const found = outputOf(renga(folder, 'classify', '.', '--preset', 'digits', '--top', '2', '--json'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Classified);
  t.same(
    found.map(({ image }) => image),
    names,
  );
  for (const [i, { classes }] of found.entries()) {
    const scores = logits.subarray(10 * i, 10 * (i + 1));
    t.equal(classes.length, 2);
    t.equal(Number(classes[0].label), scores.indexOf(Math.max(...scores)), names[i]);
    t.ok(classes[0].probability >= classes[1].probability);
  }
});

t.test('a picture of another size is brought to that of the model', async (t) => {
  const folder = t.testdir();
  const one = pictureOf(64, 64, (x, y) => (x >= 24 && x < 40 && y >= 8 ? [255, 255, 255] : [0, 0, 0]));
  await writePicture(join(folder, 'one.png'), one)();
  const text = outputOf(renga(folder, 'classify', 'one.png', '--preset', 'digits', '--top', '1'));
  t.match(text, /^ {0,2}\d+\.\d %  1\n$/);
});

const small = {
  imageShape: [8, 8, 3],
  preprocessor: { position: { maxResolution: [8, 8] } },
  encoder: {
    numLatents: 4,
    numLatentChannels: 16,
    numBlocks: 1,
    numSelfAttendsPerBlock: 1,
    numSelfAttendHeads: 2,
  },
};

t.test('an untrained model of another size names the 1000 classes', async (t) => {
  const folder = t.testdir({ 'small.json': JSON.stringify(small) });
  await writePicture(
    join(folder, 'a.png'),
    pictureOf(12, 9, (x, y) => [20 * x, 20 * y, 100]),
  )();
  const args = ['classify', 'a.png', '--preset', 'imagenet-fourier', '--config', 'small.json', '--seed', '1'];
  const text = outputOf(renga(folder, ...args));
  t.match(text, /^( {2}\d\.\d %  [A-Za-z].*\n){5}$/);
});

t.test('texts have classes with names from a file; a tagger names spans of bytes', (t) => {
  const folder = t.testdir({
    'small.json': JSON.stringify({ ...textClassifier.small, numClasses: 3 }),
    'tags.json': JSON.stringify({ ...textClassifier.small, numClasses: 3, answers: 'tokens' }),
    'classes.json': '["good", "bad", "neither"]',
    'wrong.json': '["good"]',
  });
  const args = (...more: string[]) => ['classify', '--preset', 'text-classifier', '--seed', '1', ...more];
  const named = ['--config', 'small.json', '--classes', 'classes.json'];
  const given = rengaGiven('fine\n\nnot so fine\n', folder, ...args('a text', '-', '--json', ...named));
  t.match(given.stderr, /^renga: '': the text: found no bytes/m, 'the rest goes on');
  const lines = given.stdout.trimEnd().split('\n');
  const told = lines.map((line) => JSON.parse(line) as Classified & { readonly text: string });
  t.same(
    told.map(({ text }) => text),
    ['a text', 'fine', 'not so fine'],
  );
  for (const { classes } of told) {
    t.same(classes.map(({ label }) => label).sort(), ['bad', 'good', 'neither']);
    t.ok(Math.abs(classes.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-6);
  }
  t.match(
    outputOf(renga(folder, ...args('a text', '--config', 'tags.json'))),
    /^0-\d class \d\n(\d-\d class \d\n)*$/,
  );
  t.equal(
    complaintOf(renga(folder, ...args('a', '--config', 'small.json', '--classes', 'wrong.json'))),
    'wrong.json: found 1 entry, expected a list of 3 names',
  );
  t.end();
});

t.test('what is not a picture, or not there, is said', async (t) => {
  const folder = t.testdir({ 'a.txt': 'no picture', 'cut.png': '\x89PNG\r\n' });
  const inTurn = rengaInTurn(t, folder);
  const complaint = async (...args: string[]) =>
    complaintOf(await inTurn('classify', ...args, '--preset', 'digits'));
  t.equal(
    await complaint('a.txt'),
    'a.txt: found a text file, expected a picture in PNG, JPEG, GIF, BMP, WebP, AVIF or TIFF',
  );
  t.equal(
    await complaint('b.png'),
    'b.png: found no such file or directory, expected a file that can be read',
  );
  t.match(await complaint('cut.png'), /^cut\.png: found /);
  t.equal(await complaint('a.txt', '--top', '0'), "--top is '0', expected a whole number from 1");
});

t.test('a model without parameters in the package says where there are some', async (t) => {
  const folder = t.testdir();
  await writePicture(
    join(folder, 'a.png'),
    pictureOf(4, 4, () => [0, 0, 0]),
  )();
  t.equal(
    complaintOf(renga(folder, 'classify', 'a.png')),
    'imagenet-conv needs --checkpoint published (fetched once from ' +
      'https://storage.googleapis.com/perceiver_io/imagenet_conv_preprocessing.pystate), FILE, ' +
      'or --seed N for untrained parameters',
  );
});
