/** The tables of folders in docs/design.md and CONTRIBUTING.md list the folders that exist and the linter's rules. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import t from 'tap';
import { root } from '../project.js';

interface Rule {
  readonly from: { readonly path?: string };
  readonly to: { readonly pathNot?: string };
}

const { forbidden } = createRequire(import.meta.url)(join(root, '.dependency-cruiser.cjs')) as {
  readonly forbidden: readonly Rule[];
};

const ruled = /^\^((?:lib\/)?\w+)\/$/;

/** By folder, the folders that it may import; `lib` with an exception becomes `lib except …`. */
const allowed = new Map(
  forbidden.flatMap(({ from, to }) => {
    const [, folder] = ruled.exec(from.path ?? '') ?? [];
    if (folder === undefined || to.pathNot === undefined) return [];
    const listed = to.pathNot.replace(/^\^\(|\)$/g, '').split('|');
    const told = listed.map((name) => name.replace(/^lib\/\(\?!(\w+)\)$/, '`lib` except `lib/$1`'));
    return [[folder, told.filter((name) => name !== folder)] as const];
  }),
);

const rows = (file: string): string[][] =>
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .filter((line) => /^\| `(lib\/)?\w+` /.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );

const folders = [
  ...readdirSync(join(root, 'lib'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `lib/${name}`),
  ...['modules', 'presets', 'cli', 'site', 'bench'],
].sort();

for (const file of ['docs/design.md', 'CONTRIBUTING.md']) {
  t.test(`${file} lists every folder once`, async (t) => {
    t.same(
      rows(file)
        .map(([folder]) => folder.replaceAll('`', ''))
        .sort(),
      folders,
    );
  });
}

t.test('every folder has a rule of the linter, and docs/design.md tells it', async (t) => {
  t.same([...allowed.keys()].sort(), folders);
  for (const [folder, , imports] of rows('docs/design.md')) {
    const name = folder.replaceAll('`', '');
    const told =
      imports === 'nothing' ? [] : imports.split(', ').map((part) => part.replace(/^`([^`]*)`$/, '$1'));
    t.same(told, allowed.get(name), name);
  }
});

t.test('lib has no loose file but its index', async (t) => {
  const files = readdirSync(join(root, 'lib'), { withFileTypes: true }).filter((entry) => entry.isFile());
  t.same(
    files.map(({ name }) => name),
    ['index.ts'],
  );
});

t.test('every path that docs/design.md and CONTRIBUTING.md name exists', async (t) => {
  for (const file of ['docs/design.md', 'CONTRIBUTING.md']) {
    const text = readFileSync(join(root, file), 'utf8');
    const named = [...text.matchAll(/`((?:lib|modules|presets|cli|site|bench|test)\/[\w./]+)`/g)];
    for (const [, path] of named)
      t.ok(path.includes('yours') || existsSync(join(root, path)), `${file}: ${path}`);
  }
});
