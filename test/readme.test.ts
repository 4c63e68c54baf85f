/**
 * README.md keeps its word: its snippets compile against the built package and run, what they print is what their
 * comments say, the commands that it names are there, and its table of presets is that of the presets.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { node, outputOf } from './child.js';
import { renga } from './cli/run.js';
import { linkDependencies, linkPackage, manifest, root } from './project.js';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The blocks of a language, each with the last heading before it. */
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(
    ({ 1: text, index }) => ({
      text,
      heading: [...readme.slice(0, index).matchAll(/^#+ (.*)$/gm)].at(-1)?.[1],
    }),
  );

const snippets = blocks('ts').map(({ text, heading }, i) => ({
  name: `snippet ${i + 1}, of '${heading}',`,
  file: `snippet${i + 1}`,
  text,
}));

const options: ts.CompilerOptions = {
  strict: true,
  noUnusedLocals: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
};

/** Compiles files as a user's project does; what the compiler says of them and of the package, a line each. */
const compile = (paths: string[]): string[] => {
  const program = ts.createProgram(paths, options);
  program.emit();
  const ours = program.getSourceFiles().filter(({ fileName }) => !fileName.includes('/node_modules/'));
  return [
    ...program.getGlobalDiagnostics(),
    ...ours.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]),
  ].map(
    ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  );
};

/** Prints what is logged as JSON, a line each. */
const recorder = 'console.log = (value) => process.stdout.write(JSON.stringify(value) + "\\n");';

const project = t.testdir({ 'package.json': '{ "type": "module" }', 'record.js': recorder });
linkDependencies(project);
linkPackage(project);
const pathOf = (file: string) => join(project, file);
for (const { file, text } of snippets) writeFileSync(pathOf(`${file}.ts`), text);

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

/** What a snippet logs, in order, when it runs in an empty project. */
const run = (file: string): string[] =>
  outputOf(node(project, '--import', './record.js', `${file}.js`))
    .trim()
    .split('\n');

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
    const printed = run(file);
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

/** A line of a shell, taken apart: words, or texts in quotes. */
const words = (line: string): string[] =>
  [...line.replace(/ +#.*$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word);

const commands = blocks('sh').flatMap(({ text }) => text.trim().split('\n').map(words));

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
