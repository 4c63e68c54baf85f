/** The pages of promises name the tests that hold them; each of these is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { root } from '../project.js';

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
