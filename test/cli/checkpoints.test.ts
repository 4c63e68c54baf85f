/** `renga inspect` and `renga init`: what checkpoints hold, and new ones by seed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import type { HostArray } from '../../lib/data/array.js';
import { parseCheckpoint } from '../../lib/checkpoint/index.js';
import { engine } from '../../lib/engine/index.js';
import { key } from '../../lib/random/index.js';
import type { Tree } from '../../lib/data/tree.js';
import { difference, showDifference } from '../../lib/data/treeDifference.js';
import { digits, words } from '../../presets/index.js';
import { complaintOf, outputOf, renga, rengaInTurn } from './run.js';

const shipped = fileURLToPath(digits().card.checkpoint?.url as URL);

const paramsIn = (path: string): Tree<HostArray> => {
  const read = parseCheckpoint(readFileSync(path));
  if (read._tag === 'Left') throw new Error(JSON.stringify(read.left));
  return read.right.params;
};

await engine();

t.test('inspect shows the shipped pickle leaf by leaf', async (t) => {
  const text = outputOf(renga('.', 'inspect', shipped));
  t.match(text, /: pickle, 37 modules, 53,827 parameters, 215\.3 kB\n/);
  t.match(
    text,
    /^classification_decoder\/~\/basic_decoder\/output +b +\[10\] +float32 +10\n +w +\[48, 10\] +float32 +480$/m,
  );
});

t.test('inspect gives the same as JSON', async (t) => {
  const found = JSON.parse(outputOf(renga('.', 'inspect', shipped, '--json')));
  t.match(found, { format: 'pickle', modules: 37, parameters: 53_827, bytes: 215_308, state: {}, rest: [] });
  t.same(found.params['classification_decoder/~/basic_decoder/output'], {
    w: { shape: [48, 10], dtype: 'float32' },
    b: { shape: [10], dtype: 'float32' },
  });
});

t.test('inspect names the file that it cannot read, and says why', async (t) => {
  const folder = t.testdir({
    'empty.pickle': '',
    'text.pickle': 'hello',
    'cut.pystate': readFileSync(shipped).subarray(0, 3000),
    'hostile.pickle': "cos\nsystem\n(S'touch made'\ntR.",
  });
  const inTurn = rengaInTurn(t, folder);
  const complaint = async (file: string) => complaintOf(await inTurn('inspect', file));
  t.equal(await complaint('empty.pickle'), 'empty.pickle: at byte 0: an empty file');
  t.match(await complaint('text.pickle'), /^text\.pickle: text, "hello"; it is no checkpoint/);
  t.match(await complaint('cut.pystate'), /^cut\.pystate: at byte \d+: length past the end/);
  t.match(await complaint('hostile.pickle'), /^hostile\.pickle: at byte 0: the pickle asks for os\.system/);
  t.equal(
    await complaint('missing.npz'),
    'missing.npz: found no such file or directory, expected a file that can be read',
  );
  t.equal(
    await complaint('.'),
    '.: found a directory, expected a checkpoint, such as empty.pickle, hostile.pickle, text.pickle in it',
  );
  t.same(
    readdirSync(folder).sort(),
    ['cut.pystate', 'empty.pickle', 'hostile.pickle', 'text.pickle'],
    'nothing was run',
  );
});

t.test('init writes the parameters of a seed', async (t) => {
  const folder = t.testdir();
  const said = outputOf(renga(folder, 'init', 'digits', '--seed', '7', '--out', 'initial.npz'));
  t.equal(said, 'initial.npz: 53,827 parameters of digits, seed 7\n');
  t.equal(
    showDifference(difference(paramsIn(join(folder, 'initial.npz')), digits().init(key(7)).params)),
    '',
  );
});

t.test('init writes the format that the name says', async (t) => {
  const folder = t.testdir();
  const { params } = digits().init(key(7));
  for (const out of ['initial.safetensors', 'initial.pickle']) {
    outputOf(renga(folder, 'init', 'digits', '--seed', '7', '--out', out));
    t.equal(showDifference(difference(paramsIn(join(folder, out)), params)), '', out);
  }
  t.match(
    complaintOf(renga(folder, 'init', 'digits', '--seed', '7', '--out', 'initial.txt')),
    /^initial\.txt: no format is known by the name's ending/,
  );
});

t.test("init --legacy draws JAX's older numbers, and --config changes the model", async (t) => {
  const folder = t.testdir({
    'config.json': '{ "maxLength": 8, "encoder": { "numSelfAttendsPerBlock": 1 } }',
  });
  const args = ['init', 'words', '--seed', '7', '--legacy', '--config', 'config.json', '--out', 'a.npz'];
  t.match(JSON.parse(outputOf(renga(folder, ...args, '--json'))), {
    out: 'a.npz',
    preset: 'words',
    seed: 7,
    mode: 'legacy',
  });
  const model = words({ maxLength: 8, encoder: { numSelfAttendsPerBlock: 1 } });
  const { params } = model.init(key(7, 'legacy'));
  t.equal(showDifference(difference(paramsIn(join(folder, 'a.npz')), params)), '');
  t.not(showDifference(difference(paramsIn(join(folder, 'a.npz')), model.init(key(7)).params)), '');
});

t.test('init leaves nothing behind where it cannot write', async (t) => {
  const folder = t.testdir({ 'a file': '', folder: {} });
  const inTurn = rengaInTurn(t, folder);
  const complaint = async (out: string) =>
    complaintOf(await inTurn('init', 'digits', '--seed', '1', '--out', out));
  const place = 'expected a place for a file';
  t.equal(await complaint('nowhere/a.npz'), `nowhere/a.npz: found no such file or directory, ${place}`);
  t.equal(await complaint('folder'), `folder: found a directory, ${place}`);
  t.equal(
    await complaint('a file/a.npz'),
    `a file/a.npz: found a part of the path that is not a directory, ${place}`,
  );
  t.same(readdirSync(folder).sort(), ['a file', 'folder']);
  t.same(readdirSync(join(folder, 'folder')), []);
});

t.test('init wants a whole number and a file', async (t) => {
  t.equal(
    complaintOf(renga('.', 'init', 'digits', '--seed', '1.5', '--out', 'a.npz')),
    "--seed is '1.5', expected a whole number",
  );
  t.match(complaintOf(renga('.', 'init', 'digits', '--seed', '1')), /^required option '--out <file>'/);
});
