/** `renga evaluate`: figures beside the published ones, rows that are kept and gone on with, wrong use. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { toFloat32 } from '../../lib/data/array.js';
import { parseNpz } from '../../lib/checkpoint/index.js';
import { pictureOf } from '../../lib/media/picture.js';
import { formatPng } from '../../lib/media/png.js';
import { heldOutDigits } from '../../presets/digits/verify.js';
import { complaintOf, renga, rengaInTurn } from './run.js';

const count = 20;

/** The first held-out digits as pictures in folders by class, and how many of them the original has right. */
const digits = (folder: string): number => {
  const parsed = parseNpz(readFileSync(heldOutDigits));
  if (parsed._tag === 'Left') throw new Error('the held-out digits cannot be read');
  const [images, logits] = ['images', 'logits'].map((name) => toFloat32(parsed.right.get(name)!));
  const labels = Array.from(parsed.right.get('labels')!.data, Number);
  let right = 0;
  for (let i = 0; i < count; i++) {
    const place = join(folder, 'data', String(labels[i]));
    mkdirSync(place, { recursive: true });
    const picture = pictureOf(8, 8, (x, y) => {
      const grey = Math.round(255 * images[64 * i + 8 * y + x]);
      return [grey, grey, grey];
    });
    writeFileSync(join(place, `${i}.png`), formatPng(picture));
    const own = [...logits.subarray(10 * i, 10 * i + 10)];
    if (own.indexOf(Math.max(...own)) === labels[i]) right++;
  }
  for (let digit = 0; digit < 10; digit++)
    mkdirSync(join(folder, 'data', String(digit)), { recursive: true });
  return right;
};

t.test('accuracy of the digits in the package on pictures; a damaged file is told', async (t) => {
  const folder = t.testdir({});
  const right = digits(folder);
  writeFileSync(join(folder, 'data', '3', 'damaged.png'), 'no picture');
  const run = (...more: string[]) =>
    renga(folder, 'evaluate', 'digits', '--data', 'data', '--rows', 'rows.jsonl', '--json', ...more);
  t.match(JSON.parse(run('--limit', '3').stdout), { pictures: 3, failed: 0 });
  const rows = readFileSync(join(folder, 'rows.jsonl'), 'utf8').split('\n').slice(0, -1);
  t.match(JSON.parse(rows[0]), { of: { preset: 'digits' } });
  t.match(JSON.parse(rows[1]), { name: /^0\/\d+\.png$/, scores: { label: 0, rank: Number } });
  // The run was stopped while it wrote a line.
  writeFileSync(join(folder, 'rows.jsonl'), `${rows.join('\n')}\n{"name":"9/`);
  const whole = run('--resume', '--batch', '5');
  t.equal(whole.status, 1);
  t.match(whole.stderr, /^renga: data\/3\/damaged\.png: found /);
  const told = JSON.parse(whole.stdout);
  t.match(told, { preset: 'digits', dataset: 'your pictures', pictures: count, resumed: 3, failed: 1 });
  t.same(
    told.figures,
    [{ what: 'top-1', value: (100 * right) / count, unit: '%' }],
    'published figures are of other pictures',
  );
  t.match(complaintOf(run()), 'rows.jsonl is there: --resume goes on with it');
});

t.test('a preset without a data set is refused', async (t) => {
  const folder = t.testdir({ few: {} });
  const said = complaintOf(renga(folder, 'evaluate', 'starcraft', '--data', 'few'));
  t.match(said, /^the preset is 'starcraft', expected .*\bdigits\b/);
});

t.test('a checkpoint that cannot be read is named, and not the data', async (t) => {
  const folder = t.testdir({ data: { high: {}, low: {} }, 'cut.safetensors': 'cut' });
  const run = rengaInTurn(t, folder);
  const of = async (data: string, checkpoint: string) =>
    complaintOf(await run('evaluate', 'digits', '--data', data, '--checkpoint', checkpoint));
  t.match(await of('data', 'cut.safetensors'), /^cut\.safetensors: /);
  t.match(await of('data', 'none.npz'), /^none\.npz: .*no such file/);
  t.match(await of('none', 'none.npz'), /^none: found no such file or directory, expected the data set/);
});
