/** docs/names.md keeps its word: its snippets compile and run, its commands are taken, its tables are the code's. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import t from 'tap';
import { formatNpz, treeToNpz } from '../../lib/checkpoint/index.js';
import { key } from '../../lib/random/index.js';
import { digits } from '../../presets/index.js';
import { families } from '../../presets/huggingFace/families.js';
import { renga } from '../cli/run.js';
import { root } from '../project.js';
import { blocks, commandsOf, compile, fillProject, logged } from '../snippets.js';

const document = readFileSync(join(root, 'docs', 'names.md'), 'utf8');
const snippets = blocks(document, 'ts').map(({ text, heading = '' }, i) => ({
  file: `snippet${i}`,
  text,
  heading,
}));

const project = t.testdir({});
fillProject(project, Object.fromEntries(snippets.map(({ file, text }) => [`${file}.ts`, text])));

t.test('every snippet compiles, strictly', async (t) => {
  t.equal(snippets.length, 3);
  t.same(compile(snippets.map(({ file }) => join(project, `${file}.ts`))), []);
});

/** What snippets print where the files that they name are not there. */
const printed: Readonly<Record<string, RegExp>> = {
  "A folder of Hugging Face's": /^"language-perceiver: has no weights: model\.safetensors/,
  'Names, both ways': /"problem":"no such file or directory".*"problem":"no such file or directory"/,
  'Names of your own':
    /^"my_net\/~\/trainable_position_encoding\/pos_embs +-> perceiver_encoder\/~\/trainable_position_encoding\/pos_embs"\n"Right"$/,
};

for (const { file, heading } of snippets) {
  t.test(`the snippet of '${heading}' runs`, async (t) => {
    t.match(logged(project, `${file}.js`).join('\n'), printed[heading]);
  });
}

t.test('every command is taken as it stands, as far as its files are there', async (t) => {
  const called = commandsOf(document).map(([, , ...args]) => args);
  t.equal(called.length, 4);
  for (const args of called) {
    const { status, stderr } = renga(project, ...args);
    t.ok(
      status === 0 || /^renga: \S+: no such file or directory/.test(stderr),
      `${args.join(' ')}: ${stderr}`,
    );
  }
});

t.test('its table of classes is that of the code', async (t) => {
  const rows = [...document.matchAll(/^\| `(Perceiver\w+)` +\| `([\w-]+)` +\|$/gm)].map(
    ([, name, preset]) => [name, preset],
  );
  t.same(
    rows,
    Object.entries(families).map(([name, { preset }]) => [name, preset.card.name]),
  );
});

t.test("a file with names of one's own is shown and converted as the document says", async (t) => {
  const { params } = digits().init(key(0));
  const own = Object.fromEntries(
    Object.entries(params).map(([module, leaves]) => [module.replace('perceiver_encoder', 'my_net'), leaves]),
  );
  const file = E.map(formatNpz)(treeToNpz(own));
  if (E.isLeft(file)) throw new Error('no file');
  writeFileSync(join(project, 'mine.npz'), file.right);
  const rule = ['--rename', 'my_net/{rest...}=perceiver_encoder/{rest...}'];
  const dry = renga(project, 'convert', 'mine.npz', 'renamed.npz', ...rule, '--dry-run');
  t.match(dry.stdout, /^my_net\/~\/trainable_position_encoding\/pos_embs +-> perceiver_encoder\/~\//);
  t.equal(renga(project, 'inspect', 'renamed.npz').status, 1, 'nothing was written');
  t.equal(renga(project, 'convert', 'mine.npz', 'renamed.npz', ...rule).status, 0);
  t.match(renga(project, 'inspect', 'renamed.npz').stdout, 'perceiver_encoder/~/cross_attention');
});
