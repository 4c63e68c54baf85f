/** `renga train`: a smaller model of digits learns, its files are whole, and a run goes on where it stopped. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseNpz } from '../../lib/checkpoint/index.js';
import { toFloat32 } from '../../lib/data/array.js';
import { trainingDigits } from '../../presets/digits/recipe/training.js';
import { heldOutDigits } from '../../presets/digits/verify.js';
import { complaintOf, outputOf, renga } from './run.js';

const smaller = { encoder: { numLatents: 12, numBlocks: 1, numSelfAttendsPerBlock: 1 } };

interface Line {
  readonly kind: string;
  readonly step: number;
  readonly from?: string;
  readonly raw?: { readonly accuracy: number };
  readonly metrics?: { readonly loss: number };
}

const linesOf = (text: string): Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

const last = (lines: readonly Line[], kind: string): Line =>
  lines.filter((line) => line.kind === kind).at(-1) as Line;

t.test('fifty steps teach a smaller model far more than chance', async (t) => {
  const folder = t.testdir();
  writeFileSync(join(folder, 'config.json'), JSON.stringify(smaller));
  const how = ['train', 'digits', '--config', 'config.json', '--threads', '2'];
  const lines = linesOf(outputOf(renga(folder, ...how, '--steps', '50', '--out', 'run', '--json')));
  t.ok((last(lines, 'evaluated').raw as { accuracy: number }).accuracy > 0.25, 'chance is 0.1');
  t.equal(last(lines, 'ended').step, 50);
  const log = linesOf(readFileSync(join(folder, 'run', 'log.jsonl'), 'utf8'));
  t.same(log, lines, 'the log has what was printed');
  t.same(
    readdirSync(join(folder, 'run')).sort(),
    ['log.jsonl', 'step-00000045.safetensors', 'step-00000050.safetensors'],
    'the last two checkpoints and the log',
  );

  const again = renga(folder, ...how, '--steps', '50', '--out', 'run');
  t.match(complaintOf(again), /there is a checkpoint already, step-00000050/);
  const resumed = linesOf(
    outputOf(renga(folder, ...how, '--steps', '50', '--out', 'run', '--resume', '--json')),
  );
  t.same(
    resumed.map(({ kind, from }) => [kind, from]),
    [
      ['started', 'step-00000050.safetensors'],
      ['ended', undefined],
    ],
    'nothing is left to do',
  );
});

t.test('a dry run tells sizes and time, and writes nothing', async (t) => {
  const folder = t.testdir();
  const text = outputOf(renga(folder, 'train', 'digits', '--batch', '16', '--steps', '100', '--dry-run'));
  t.match(text, 'recipe: batchSize: 128 → 16');
  t.match(text, 'recipe: numSteps: 2500 → 100');
  t.match(text, '53,827 parameters train');
  t.match(text, /\d+ ms a step on \d+ threads, the mean of 10; 100 steps of 16 take/);
  t.same(readdirSync(folder), []);
});

t.test('what cannot be trained is said in one message', async (t) => {
  const complaint = (...args: string[]) => complaintOf(renga(t.testdir(), 'train', ...args));
  t.match(complaint('flow'), 'expected digits');
  t.match(complaint('digits', '--steps', '0'), "--steps is '0', expected a whole number from 1");
  t.match(complaint('digits', '--batch', '2000'), 'expected at most the 1437 pictures to train on');
});

t.test('no picture to train on is held out', async (t) => {
  const read = (url: URL) => {
    const parsed = parseNpz(readFileSync(url));
    if (parsed._tag === 'Left') throw new Error('not an npz');
    const { images, labels } = Object.fromEntries(parsed.right);
    const pixels = toFloat32(images);
    const keys = Array.from({ length: labels.shape[0] }, (_, i) => pixels.slice(64 * i, 64 * (i + 1)).join());
    return { keys, shape: images.shape, most: pixels.reduce((a, b) => Math.max(a, b)) };
  };
  const [training, heldOut] = [read(trainingDigits), read(heldOutDigits)];
  t.same(training.shape, [1437, 8, 8, 1]);
  t.equal(training.most, 1);
  const held = new Set(heldOut.keys);
  t.equal(training.keys.filter((each) => held.has(each)).length, 0);
});
