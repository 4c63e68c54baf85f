/**
 * The table of presets in README.md, made of the presets themselves, as they were built into dist. With `--check` it
 * writes nothing and fails where the README has another table.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import * as exported from '../dist/presets/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = join(root, 'README.md');
const [begin, end] = ['<!-- presets:begin -->', '<!-- presets:end -->'];

/** The name under which a module exports a preset. */
const exportOf = (preset) => Object.keys(exported).find((name) => exported[name] === preset);

const countParameters = (preset) =>
  Object.values(preset().outline.params)
    .flatMap((leaves) => Object.values(leaves))
    .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);

const checkpointOf = ({ checkpoint }) => {
  if (checkpoint === undefined) return 'none published';
  const { href, protocol } = checkpoint.url;
  return protocol === 'file:' ? 'in the package' : `[published](${href})`;
};

/** The first paper of the sources; `renga describe` and the model's page have all of them. */
const sourceOf = ({ sources }) => {
  const [, id] = /arXiv:(\d+\.\d+)/.exec(sources.join('; '));
  return `[${id}](https://arxiv.org/abs/${id})`;
};

const row = ([name, preset]) => [
  `\`${name}\``,
  `\`${exportOf(preset)}\``,
  countParameters(preset).toLocaleString('en-US'),
  preset.card.doc,
  sourceOf(preset.card),
  checkpointOf(preset.card),
];

const table = () =>
  [
    ['preset', 'in code', 'parameters', 'what it does', 'paper', 'weights'],
    ['---', '---', '--:', '---', '---', '---'],
    ...Object.entries(exported.presets).map(row),
  ]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');

const text = readFileSync(readme, 'utf8');
const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
if (from < begin.length || to < from) throw new Error(`README.md has no ${begin} and ${end}`);
const options = { ...(await prettier.resolveConfig(readme)), filepath: readme };
const renewed = await prettier.format(`${text.slice(0, from)}\n\n${table()}\n\n${text.slice(to)}`, options);

if (!process.argv.includes('--check')) writeFileSync(readme, renewed);
else if (renewed !== text) {
  console.error(
    'the table of presets in README.md is not that of the presets: npm run build && npm run docs renews it',
  );
  process.exitCode = 1;
}
