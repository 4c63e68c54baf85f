/** `renga docs`: pages, Markdown, JSON and cards of presets and of people's own models, whole or not at all. */
import t, { type Test } from 'tap';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelDocument } from '../../lib/docs/index.js';
import { forecasterFile } from '../forecasterFile.js';
import { linkDependencies, linkPackage } from '../project.js';
import { complaintOf, outputOf, renga, rengaInTurn } from './run.js';

const marker = '.renga-docs.json';

const filesIn = (folder: string): readonly string[] =>
  (readdirSync(folder, { recursive: true }) as string[]).filter((path) => /\.\w+$/.test(path)).sort();

const documentIn = (folder: string, name: string): ModelDocument =>
  JSON.parse(readFileSync(join(folder, 'out', `${name}.json`), 'utf8')) as ModelDocument;

/** A model of two layers, in TypeScript, with a module of its own beside it. */
const model = {
  'layer.ts': `
    import { linear } from 'renga/modules';
    export const widths: readonly number[] = [5, 3];
    export const [first, second] = widths.map((width) => linear(width));
  `,
  'model.ts': `
    import { chain, type Layer } from 'renga';
    import type * as tf from '@tensorflow/tfjs-core';
    import { first, second } from './layer.js';
    const network: Layer<[tf.Tensor], tf.Tensor> = chain(first, second);
    export const model = { card: { name: 'two' }, network, inputs: [{ shape: [1, 4] }] };
  `,
};

const project = (t: Test, files: Readonly<Record<string, string>>): string => {
  const folder = t.testdir(files);
  linkDependencies(folder);
  linkPackage(folder);
  return folder;
};

// The site's test builds the pages of all presets.
t.test('each preset has its page, and one page compares them', async (t) => {
  const folder = t.testdir({});
  const names = ['language', 'language-plus', 'digits'];
  const said = outputOf(renga(folder, 'docs', ...names, '--out', 'out'));
  t.ok(said.startsWith(`out: ${names.join(', ')}; ${names.length + 3} files, `), said);
  t.match(said, / \d+\.\d MB\n$/);
  t.same(
    filesIn(join(folder, 'out')),
    [...[marker, 'index.html', 'site.js', 'style.css'], ...names.map((name) => `models/${name}.html`)].sort(),
  );
  const index = readFileSync(join(folder, 'out/index.html'), 'utf8');
  for (const name of names) t.ok(index.includes(`href="models/${name}.html"`), name);
  const page = readFileSync(join(folder, 'out/models/language.html'), 'utf8');
  for (const words of ['201,108,230', 'id="differences"', 'id="growth"', '113B'])
    t.ok(page.includes(words), words);
});

t.test('presets that are named, in the format that is named', async (t) => {
  const folder = t.testdir({});
  const said = JSON.parse(
    outputOf(renga(folder, 'docs', 'digits', 'words', '--out', 'out', '--format', 'markdown', '--json')),
  );
  t.match(said, { out: 'out', format: 'markdown', models: ['digits', 'words'], bytes: Number });
  t.same(filesIn(join(folder, 'out')), [marker, ...said.files].sort());
});

t.test('a config changes the model, and what is known of the published one is not said of it', async (t) => {
  const folder = t.testdir({ 'config.json': '{ "numClasses": 7 }' });
  outputOf(
    renga(folder, 'docs', 'imagenet-fourier', '--config', 'config.json', '--out', 'out', '--format', 'json'),
  );
  const document = documentIn(folder, 'imagenet-fourier');
  t.same(document.outputs[0].shape, ['batch', 7]);
  t.equal(document.about, undefined);
  t.equal(document.checkpoint, undefined);
  t.equal(
    complaintOf(renga(folder, 'docs', '--config', 'config.json', '--out', 'other')),
    '--config is for one preset: name it',
  );
});

t.test('a model of one’s own, in TypeScript that imports TypeScript', async (t) => {
  const folder = project(t, model);
  outputOf(renga(folder, 'docs', '--model', 'model.ts', '--out', 'out', '--format', 'json'));
  const document = documentIn(folder, 'two');
  t.equal(document.parameters, 4 * 5 + 5 + 5 * 3 + 3);
  t.same(
    document.leaves.map(({ module, leaf }) => `${module}/${leaf}`),
    ['linear/w', 'linear/b', 'linear_1/w', 'linear_1/b'],
  );
  outputOf(renga(folder, 'docs', '--model', 'model.ts', '--out', 'site'));
  t.ok(existsSync(join(folder, 'site/index.html')));
});

t.test('the forecaster of the README, in a folder that has no packages', async (t) => {
  const folder = t.testdir({ 'forecaster.ts': forecasterFile() });
  const { status, stderr } = renga(
    folder,
    'docs',
    '--model',
    'forecaster.ts',
    '--out',
    'out',
    '--format',
    'json',
  );
  t.equal(status, 0, stderr);
  const document = documentIn(folder, 'forecaster');
  t.same(
    document.inputs.map(({ name }) => name),
    ['times', 'values', 'present'],
  );
  t.same(document.outputs[0].shape, [1, 4]);
  t.ok(document.widths.length > 0 && document.views.length > 1);
});

t.test('a preset of one’s own, and a config for it', async (t) => {
  const folder = project(t, {
    'model.ts': "export { digits as model } from 'renga/presets';",
    'config.json': '{ "numClasses": 3 }',
    'wrong.json': '{ "numClasses": "many" }',
  });
  outputOf(
    renga(
      folder,
      ...['docs', '--model', 'model.ts', '--config', 'config.json', '--out', 'out', '--format', 'json'],
    ),
  );
  t.same(documentIn(folder, 'digits').outputs[0].shape, ['batch', 3]);
  t.ok(documentIn(folder, 'digits').fields.length > 5, 'its codec says what fields mean');
  t.match(
    complaintOf(renga(folder, 'docs', '--model', 'model.ts', '--config', 'wrong.json', '--out', 'out')),
    /^the config does not fit model of model\.ts:\n {2}numClasses/,
  );
});

t.test('what is wrong with a file is said with its place', async (t) => {
  const of = "card: { name: 'm' }, network: linear(2), inputs: [{ shape: [1, 3] }]";
  const folder = project(t, {
    'syntax.ts': 'const a: number = 1;\nconst b = ;\n',
    'enum.ts': '\nenum A { b }\nexport const model = A;',
    'broken.js': 'const a = 1;\nconst b = ;\n',
    'throws.ts': "throw new Error('no sensors here');",
    'imports.ts': "import { a } from './nowhere.js'; export const model = a;",
    'without.ts': 'export const network = 1, other = 2;',
    'number.ts': 'export const model = 3;',
    'parts.ts': 'export const model = { card: {}, inputs: 4 };',
    'name.ts': `import { linear } from 'renga/modules'; export const model = { ${of.replace("'m'", "'../m'")} };`,
    'text.md': '# Text',
    'untraceable.ts': `
      import { chain } from 'renga';
      import { linear, selfAttend } from 'renga/modules';
      const network = chain(linear(5), selfAttend({ numHeads: 2 }));
      export const model = { card: { name: 'odd' }, network, inputs: [{ shape: [1, 3, 4] }] };`,
  });
  const inTurn = rengaInTurn(t, folder, {}, 'modules');
  const complaint = async (file: string) =>
    complaintOf(await inTurn('docs', '--model', file, '--out', 'out'));
  t.equal(
    await complaint('nowhere.ts'),
    'nowhere.ts: found no such file or directory, expected a .ts or .js file with a model',
  );
  t.equal(await complaint('.'), '. is a directory, expected a .ts or .js file');
  t.equal(await complaint('text.md'), 'text.md: expected a .ts, .mts, .js or .mjs file');
  t.match(await complaint('syntax.ts'), /^syntax\.ts does not run: .*syntax\.ts:2:11: Expression expected/);
  t.match(await complaint('enum.ts'), /^enum\.ts does not run: .*enum\.ts:2:1: .*enum is not supported/);
  t.match(await complaint('broken.js'), /^broken\.js does not run: .*broken\.js:2:11: Expression expected/);
  t.equal(await complaint('throws.ts'), 'throws.ts does not run: no sensors here');
  t.match(await complaint('imports.ts'), /^imports\.ts does not run: Cannot find module '.*nowhere\.js'/);
  t.equal(await complaint('without.ts'), "without.ts exports no 'model'; it exports network, other");
  t.equal(await complaint('number.ts'), 'number.ts: model is a number, expected { card, network, inputs }');
  t.match(
    await complaint('parts.ts'),
    /model\.network is undefined, .*\n {2}model\.inputs is a number, .*\n {2}model\.card\.name is undefined/,
  );
  t.match(await complaint('name.ts'), /^a model's name is "\.\.\/m", expected letters/);
  t.match(await complaint('untraceable.ts'), /^odd cannot be documented: attention: /);
  t.notOk(existsSync(join(folder, 'out')), 'nothing was written');
});

t.test('a folder is replaced if it holds only what was written, and left as it is otherwise', async (t) => {
  const folder = t.testdir({ mine: { 'notes.txt': 'mine' }, file: '', empty: {} });
  const inTurn = rengaInTurn(t, folder);
  const docs = (...args: string[]) => inTurn('docs', '--format', 'json', ...args);
  t.equal(
    complaintOf(await docs('digits', '--out', 'mine')),
    'mine is not empty, expected a new folder or one that renga docs wrote',
  );
  t.same(filesIn(join(folder, 'mine')), ['notes.txt']);
  t.equal(
    complaintOf(await docs('digits', '--out', 'file')),
    'file is a file, expected a place for a folder',
  );
  t.equal(
    complaintOf(await docs('digits', '--out', '.')),
    '. is the folder that you are in, expected one of its own',
  );
  outputOf(await docs('digits', '--out', 'empty'));
  t.same(filesIn(join(folder, 'empty')), [marker, 'digits.json']);
  outputOf(await docs('words', '--out', 'empty'));
  t.same(filesIn(join(folder, 'empty')), [marker, 'words.json'], 'what was written before is gone');
  writeFileSync(join(folder, 'empty/mine.txt'), '');
  t.match(
    complaintOf(await docs('digits', '--out', 'empty')),
    /^empty holds mine\.txt, which renga docs did not write/,
  );
  t.same(filesIn(join(folder, 'empty')), [marker, 'mine.txt', 'words.json']);
  t.same(readdirSync(folder).sort(), ['empty', 'file', 'mine'], 'nothing half-written is left');
});

t.test('where writing fails, nothing is left', async (t) => {
  const folder = t.testdir({ file: '' });
  t.match(complaintOf(renga(folder, 'docs', 'digits', '--out', 'file/out')), /^file\/out: /);
  t.same(readdirSync(folder), ['file']);
  mkdirSync(join(folder, 'deep'));
  outputOf(renga(folder, 'docs', 'digits', '--format', 'json', '--out', 'deep/er/out'));
  t.same(filesIn(join(folder, 'deep/er/out')), [marker, 'digits.json']);
});

t.test('presets that there are not, and both at once', async (t) => {
  const folder = t.testdir({});
  t.match(complaintOf(renga(folder, 'docs', 'digit', '--out', 'out')), /^no preset 'digit'; there are /);
  t.equal(
    complaintOf(renga(folder, 'docs', 'digits', '--model', 'a.ts', '--out', 'out')),
    '--model documents a file of yours, and digits is a preset: choose one',
  );
});
