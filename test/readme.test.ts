/**
 * README.md keeps its word: its snippets compile against the built package and run, what they print is what their
 * comments say, the commands that it names are there, and its table of presets is that of the presets.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { node } from './child.js';
import { renga } from './cli/run.js';
import { manifest, root } from './project.js';
import { blocks, commandsOf, compile, fillProject, logged } from './snippets.js';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

const snippets = blocks(readme, 'ts').map(({ text, heading }, i) => ({
  name: `snippet ${i + 1}, of '${heading}',`,
  file: `snippet${i + 1}`,
  text,
}));

const project = t.testdir({});
const pathOf = (file: string) => join(project, file);
fillProject(project, Object.fromEntries(snippets.map(({ file, text }) => [`${file}.ts`, text])));

/** Names and numbers without the marks of lists and texts. */
const plain = (text: string): string =>
  text
    .replace(/["[\]]/g, '')
    .replaceAll(',', ', ')
    .replace(/, +/g, ', ');

/** What a comment says is printed; `…` stands for anything. */
const patternOf = (comment: string): RegExp => {
  const parts = plain(comment)
    .split('…')
    .map((part) => part.trim().replace(/[.*+?^${}()|\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
};

/** Comments behind what is logged, in order. */
const promises = (text: string): string[] =>
  [...text.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment);

/** The snippet that fits a checkpoint, without that. */
const { text: fitting } = snippets.find(({ text }) => text.includes('fit(model)'))!;
const unchecked = fitting.replace(/^ *TE\.chainEitherK\(.*fit\(model\).*\n/m, '');
writeFileSync(pathOf('unchecked.ts'), unchecked);

const said = compile([...snippets.map(({ file }) => file), 'unchecked'].map((file) => pathOf(`${file}.ts`)));

t.test('every snippet compiles, strictly, against declarations that need no others', async (t) => {
  t.ok(snippets.length >= 4);
  t.same(
    said.filter((line) => !line.includes('unchecked.ts')),
    [],
  );
});

t.test('parameters that were not fitted do not compile', async (t) => {
  t.not(unchecked, fitting);
  t.match(said.filter((line) => line.includes('unchecked.ts')).join('\n'), "'Params");
});

for (const { name, file, text } of snippets) {
  t.test(`${name} prints what its comments say`, async (t) => {
    const printed = logged(project, `${file}.js`);
    t.equal(printed.length, text.match(/console\.log\(/g)?.length);
    if (text.includes('perceiver_io_bytes.pickle')) {
      t.same(printed, ['"language_perceiver_io_bytes.pickle: no such file or directory"'], 'it is not here');
      return;
    }
    const promised = promises(text);
    t.equal(promised.length, printed.length, 'every line printed is announced');
    promised.forEach((comment, i) => t.match(plain(printed[i]), patternOf(comment)));
  });
}

const commands = commandsOf(readme);

t.test('every npm script that it names is there', async (t) => {
  const scripts = commands.filter(([program]) => program === 'npm').map(([, script]) => script);
  t.same(scripts, ['start', 'test']);
  for (const script of scripts) t.type(manifest.scripts[script], 'string', script);
});

t.test('every command that it names is taken as it stands, as far as its files are there', async (t) => {
  const called = commands.filter(([program]) => program === 'npx').map(([, , ...args]) => args);
  t.ok(called.length >= 8);
  for (const args of called) {
    // A verification takes minutes; help takes the same command.
    const { status, stderr } = renga(project, ...args, ...(args[0] === 'verify' ? ['--help'] : []));
    const isMissing = /^renga: \S+: (found )?no such file or directory/.test(stderr);
    t.ok(status === 0 || isMissing, `renga ${args.join(' ')}: ${stderr}`);
  }
});

t.test('its table of presets is that of the presets', async (t) => {
  const { status, stderr } = node(root, join('scripts', 'presetsTable.mjs'), '--check');
  t.equal(status, 0, stderr);
});
