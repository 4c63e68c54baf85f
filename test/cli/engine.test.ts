/** `--engine` and `--threads`: what computes for the commands that run a model. */
import { join } from 'node:path';
import t from 'tap';
import { writePicture } from '../../lib/media/readPicture.js';
import { pictureOf } from '../../lib/media/picture.js';
import { complaintOf, outputOf, renga } from './run.js';

interface Classified {
  readonly classes: readonly { readonly label: string; readonly probability: number }[];
}

const engines = [[], ['--engine', 'onnxruntime'], ['--engine', 'wasm'], ['--engine', 'cpu']];

t.test('every engine sees the same digit, and what is not said is one of them', async (t) => {
  const folder = t.testdir();
  const one = pictureOf(8, 8, (x, y) => (x >= 3 && x < 5 && y >= 1 ? [255, 255, 255] : [0, 0, 0]));
  await writePicture(join(folder, 'one.png'), one)();
  const command = ['classify', 'one.png', '--preset', 'digits', '--threads', '1', '--json'];
  const found = engines.map((flags): Classified => JSON.parse(outputOf(renga(folder, ...command, ...flags))));
  for (const [i, { classes }] of found.entries()) {
    t.equal(classes[0].label, '1', engines[i].join(' '));
    t.ok(Math.abs(classes[0].probability - found[0].classes[0].probability) < 1e-4);
  }
});

t.test('a text is filled in alike', async (t) => {
  const texts = engines
    .slice(1, 3)
    .map((flags) => outputOf(renga('.', 'fill-mask', 'a sm_ll plant', ...flags)));
  t.equal(texts[0], texts[1]);
});

t.test('what is no engine, and no number of threads, is refused', async (t) => {
  const refused = (...flags: readonly string[]) => complaintOf(renga('.', 'fill-mask', 'a _', ...flags));
  t.match(refused('--threads', '0'), /^--threads is '0', expected a whole number from 1$/);
  const { status, stderr } = renga('.', 'fill-mask', 'a _', '--engine', 'abacus');
  t.equal(status, 2);
  t.match(stderr, /abacus.*onnxruntime, wasm, cpu/);
});

t.test('doctor says which onnxruntime there is', async (t) => {
  const { backend, onnxruntime } = JSON.parse(outputOf(renga('.', 'doctor', '--json')));
  t.equal(backend, 'wasm');
  t.match(onnxruntime, /^\d+\.\d+\.\d+/);
  t.match(outputOf(renga('.', 'doctor')), /onnxruntime\s+\d+\.\d+\.\d+: commands compute with it/);
});
