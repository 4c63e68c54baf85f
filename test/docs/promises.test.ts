/** Pages keep what they promise: tests that they name are there, and forty lines are forty. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { root } from '../project.js';
import { blocks } from '../snippets.js';

const testFiles = readdirSync(join(root, 'test'), { recursive: true }).map((path) =>
  String(path).replaceAll('\\', '/'),
);

for (const page of ['security', 'formats', 'downloads']) {
  t.test(`docs/${page}.md names tests that exist`, async (t) => {
    const text = readFileSync(join(root, 'docs', `${page}.md`), 'utf8');
    const named = [...text.matchAll(/`([\w./]+\.test\.ts)`/g)].map(([, path]) => path);
    t.ok(named.length > 4, 'promises have tests');
    for (const path of named)
      t.ok(existsSync(join(root, path)) || testFiles.some((file) => file.endsWith(`/${path}`)), path);
  });
}

t.test('the guide takes a Perceiver from composing to its export in forty lines', async (t) => {
  const text = readFileSync(join(root, 'docs', 'guide', 'train.md'), 'utf8');
  const block = blocks(text, 'ts').find((each) => each.text.startsWith('// Compose\n'));
  const lines = (block?.text ?? '').split('\n').filter((line) => /^\s*(?!\/\/)\S/.test(line));
  t.ok(lines.length > 20 && lines.length <= 40, `${lines.length} lines`);
  for (const line of lines) t.notMatch(line.replace(/\/\/.*$/, ''), /;\s*\S/, 'one statement a line');
});
