/**
 * Pages keep their word, README.md and all in docs/: their snippets compile against the built package, strictly, and run;
 * what they print is what their comments say; the commands that they name are taken.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { node } from '../child.js';
import { rengaInTurn } from '../cli/run.js';
import { manifest, root } from '../project.js';
import { commandsOf, compile, fillProject, keeps, logsOf, programs, run } from '../snippets.js';

const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file))
    .sort(),
].map((page) => ({ page, text: readFileSync(join(root, page), 'utf8') }));

const snippets = pages.flatMap(({ page, text }) =>
  programs(text).map((program, i) => ({
    page,
    file: `${page.replace(/\.md$/, '')}-${i + 1}`.replaceAll('\\', '/'),
    program,
  })),
);

/** The snippet that fits a checkpoint, without that. */
const { program: fitting } = snippets.find(({ program }) => program.includes('adopt(model)'))!;
const unchecked = fitting.replace(/^ *TE\.chainEitherK\(.*adopt\(model\).*\n/m, '');

const project = t.testdir({});
const sources = { ...Object.fromEntries(snippets.map(({ file, program }) => [file, program])), unchecked };
fillProject(project, Object.fromEntries(Object.entries(sources).map(([file, text]) => [`${file}.ts`, text])));
const said = compile(Object.keys(sources).map((file) => join(project, `${file}.ts`)));
const isOfUnchecked = (line: string): boolean => line.includes('unchecked.ts');

t.test('every snippet compiles, strictly, against declarations that need no others', async (t) => {
  t.ok(snippets.length > 10);
  t.same(
    said.filter((line) => !isOfUnchecked(line)),
    [],
  );
});

t.test('parameters that were not adopted do not compile', async (t) => {
  t.not(unchecked, fitting);
  t.match(said.filter(isOfUnchecked).join('\n'), "'Params");
});

/** Tells if a snippet's output is about a file that is absent and not promised. */
const isOfMissing = (text: string): boolean => /no such file or directory|has no weights/.test(text);

t.test('every snippet runs and prints what its comments say', async (t) => {
  const runs = await run(
    project,
    snippets.map(({ file }) => `${file}.js`),
  );
  for (const [i, { page, program }] of snippets.entries()) {
    const { error, logged, tensors } = runs[i];
    const logs = new Map(logsOf(program).map((log) => [log.line, log]));
    t.equal(error, undefined, `${page} runs`);
    if (page.endsWith('train.md')) t.equal(tensors, 0, `${page} leaves no tensors`);
    t.ok(logged.length > 0 || logs.size === 0, `${page}: what is logged is seen`);
    for (const { line, text } of logged) {
      if (isOfMissing(text)) continue;
      const { promise } = logs.get(line) ?? {};
      const isKept = promise !== undefined && keeps(text, promise);
      t.ok(isKept, `${page}:${line} prints\n${text}\nand says\n${promise}`);
    }
    const seen = new Set(logged.map(({ line }) => line));
    for (const { line, isCertain } of logs.values())
      if (isCertain) t.ok(seen.has(line), `${page}:${line} is reached`);
  }
});

const commands = pages.flatMap(({ page, text }) => commandsOf(text).map((words) => ({ page, words })));

t.test('every npm script that they name is there', async (t) => {
  const named = commands.filter(({ words: [program] }) => program === 'npm');
  t.ok(named.length > 5);
  for (const { page, words } of named) {
    const [, first, second] = words;
    const script = first === 'run' ? second : first;
    if (first !== 'install') t.type(manifest.scripts[script], 'string', `${page}: ${words.join(' ')}`);
  }
});

/** Tells if a command's error is excused by an absent file or network. */
const isExcused = (stderr: string): boolean =>
  /^renga: \S+: found no such file/.test(stderr) ||
  /^renga: https:\S+ is not in the cache, and offline mode keeps from fetching it/.test(stderr);

/** Flags by which long commands are taken in seconds; the demo has a test of its own. */
const shortened: Readonly<Record<string, readonly string[]>> = {
  demo: ['--help'],
  verify: ['--help'],
  train: ['--dry-run'],
  finetune: ['--dry-run'],
  docs: ['--format', 'json'],
};

t.test('every command that they name is taken as it stands, as far as its files are there', async (t) => {
  const called = commands.filter(({ words: [program] }) => program === 'npx');
  t.ok(called.length > 15);
  const env = { RENGA_OFFLINE: '1', RENGA_CACHE: join(project, 'cache') };
  const renga = rengaInTurn(t, project, env, 'modules');
  for (const { page, words } of called) {
    const [, program, ...args] = words;
    t.equal(program, 'renga', page);
    const { status, stderr } = await renga(...args, ...(shortened[args[0]] ?? []));
    t.ok(status === 0 || isExcused(stderr), `${page}: renga ${args.join(' ')}: ${stderr}`);
  }
});

t.test("README's table of presets is that of the presets", async (t) => {
  const { status, stderr } = node(root, join('scripts', 'presetsTable.mjs'), '--check');
  t.equal(status, 0, stderr);
});
