/** docs/names.md keeps its word: its tables are the code's, and a file with other names is converted as it says. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { formatNpz, treeToNpz } from '../../lib/checkpoint/index.js';
import { key } from '../../lib/random/index.js';
import { digits } from '../../presets/index.js';
import { families } from '../../presets/huggingFace/families.js';
import { renga } from '../cli/run.js';
import { root } from '../project.js';

const document = readFileSync(join(root, 'docs', 'names.md'), 'utf8');
const project = t.testdir({});

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
