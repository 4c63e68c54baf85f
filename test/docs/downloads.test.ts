/** docs/downloads.md keeps its word: its snippet compiles and runs, its commands and variables are there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { outputOf, rengaBeside } from '../cli/run.js';
import { root } from '../project.js';
import { blocks, commandsOf, compile, fillProject, logged } from '../snippets.js';

const document = readFileSync(join(root, 'docs', 'downloads.md'), 'utf8');
const [{ text }] = blocks(document, 'ts');

const project = t.testdir({});
fillProject(project, { 'snippet.ts': text });

t.test('its snippet compiles, strictly, and runs', async (t) => {
  t.same(compile([join(project, 'snippet.ts')]), []);
  t.same(logged(project, 'snippet.js'), ['"Right"']);
});

t.test('its commands are taken as they stand, as far as there is a network', async (t) => {
  const called = commandsOf(document).map(([, , ...args]) => args);
  t.equal(called.length, 4);
  const env = { RENGA_OFFLINE: '1', RENGA_CACHE: join(project, 'cache') };
  for (const args of called) {
    const { stderr } = await rengaBeside(project, env, ...args);
    t.match(stderr, /^renga: https:\S+ is not in the cache, and offline mode keeps from fetching it/);
  }
});

t.test('its variables are those that the code reads, its options those that the command has', async (t) => {
  const code = readFileSync(join(root, 'lib', 'download', 'settings.ts'), 'utf8');
  const read = [...code.matchAll(/environment\.(\w+)/g)].map(([, name]) => name);
  const told = [...document.matchAll(/`((?:RENGA|HF)_\w+)`/g)].map(([, name]) => name);
  t.same([...new Set(told)].sort(), [...new Set(read)].sort());
  const help = outputOf(await rengaBeside(project, {}, 'download', '--help'));
  const options = [...document.matchAll(/`(--[a-z]+)`/g)].map(([, name]) => name);
  t.same(
    [...new Set(options)].filter((name) => !help.includes(name)),
    [],
  );
});
