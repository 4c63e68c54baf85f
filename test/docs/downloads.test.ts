/** docs/downloads.md keeps its word: its variables and options are there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { outputOf, rengaBeside } from '../cli/run.js';
import { root } from '../project.js';

const document = readFileSync(join(root, 'docs', 'downloads.md'), 'utf8');
const project = t.testdir({});

t.test('its variables are those that the code reads, its options those that the command has', async (t) => {
  const code = readFileSync(join(root, 'lib', 'download', 'settings.ts'), 'utf8');
  const read = [...code.matchAll(/environment\.(\w+)/g)].map(([, name]) => name);
  const told = [...document.matchAll(/`((?:RENGA|HF|XDG)_\w+)`/g)].map(([, name]) => name);
  t.same([...new Set(told)].sort(), [...new Set(read)].sort());
  const help = outputOf(await rengaBeside(project, {}, 'download', '--help'));
  const options = [...document.matchAll(/`(--[a-z]+)`/g)].map(([, name]) => name);
  t.same(
    [...new Set(options)].filter((name) => !help.includes(name)),
    [],
  );
});
