/**
 * The package as people get it: the packed tarball in an empty project, in Node, and bundled for a page.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { build, type BuildOptions, transformSync } from 'esbuild';
import ts from 'typescript';
import { node, outputOf } from './child.js';
import { link, linkDependencies, manifest, root } from './project.js';

const project = t.testdir({ 'package.json': '{ "type": "module" }', node_modules: { renga: {} }, npm: {} });
const installed = join(project, 'node_modules', 'renga');

/** Packs what was built and unpacks it where npm would; what it depends on comes from here, without a network. */
const install = (): string[] => {
  const args = ['pack', '--ignore-scripts', '--offline', '--json', '--pack-destination', project];
  const shell = process.platform === 'win32';
  const env = { ...process.env, npm_config_cache: join(project, 'npm') };
  const [{ filename, files }] = JSON.parse(
    execFileSync('npm', args, {
      cwd: root,
      env,
      shell,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as [{ filename: string; files: { path: string }[] }];
  linkDependencies(project);
  execFileSync('tar', ['-xzf', filename, '-C', installed, '--strip-components', '1'], { cwd: project });
  return files.map(({ path }) => path);
};

const files = install();

const printed = (...args: string[]): string => outputOf(node(project, ...args));

t.test('it holds what it needs, and nothing else', async (t) => {
  const odd = files.filter((path) => !/^dist\/(lib|modules|presets|cli)\/.*\.(js|d\.ts)$/.test(path));
  t.same(odd.sort(), [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'bin/renga.js',
    'dist/presets/digitTones/digit-tones.pystate',
    'dist/presets/digits/digits-test.npz',
    'dist/presets/digits/digits-train.npz',
    'dist/presets/digits/digits.pystate',
    'dist/presets/flow/flow.json',
    'dist/presets/imagenet/imagenet-conv.json',
    'dist/presets/imagenet/imagenet-fourier.json',
    'dist/presets/imagenet/imagenet-learned.json',
    'dist/presets/language/language.json',
    'dist/presets/motion/TEXTURES.txt',
    'dist/presets/motion/motion.pystate',
    'dist/presets/motion/textures-test.npz',
    'dist/presets/motion/textures-train.npz',
    'dist/presets/multimodal/multimodal.json',
    'dist/presets/words/WORDNET-LICENSE.txt',
    'dist/presets/words/words-test.npz',
    'dist/presets/words/words.pickle',
    'package.json',
  ]);
  t.same(
    files.filter((path) => /\btests?\b/.test(path)),
    [
      'dist/presets/digits/digits-test.npz',
      'dist/presets/motion/textures-test.npz',
      'dist/presets/words/words-test.npz',
    ],
  );
});

t.test('it names no place of the machine that it was made on', async (t) => {
  const places = [root.replace(/[\\/]$/, ''), homedir()].filter((place) => place.length > 1);
  const names = (path: string) => {
    const text = readFileSync(join(installed, path), 'latin1');
    return places.some((place) => text.includes(place));
  };
  t.same(files.filter(names), []);
});

/** Some names of every entry. */
const entries: Readonly<Record<string, readonly string[]>> = {
  '.': ['adopt', 'chain', 'engine', 'key', 'module', 'place', 'repeat', 'residual', 'transform', 'tree'],
  './modules': ['attention', 'encoder', 'fourierFeatures', 'layerNorm', 'linear', 'mlp', 'selfAttend'],
  './presets': ['digits', 'flow', 'imagenetConv', 'language', 'multimodal', 'presets', 'starcraft', 'words'],
  './checkpoint': [
    'openCheckpoint',
    'parseCheckpoint',
    'readCheckpoint',
    'showCheckpointError',
    'writeCheckpoint',
  ],
  './docs': ['documentModel', 'formats', 'modelCard', 'modelPage', 'site'],
  './download': ['download', 'downloadRepository', 'showDownloadError'],
  './graph': ['summary', 'summaryMarkdown', 'summaryText', 'trace'],
  './onnx': ['exportOnnx', 'onnxBytes', 'writeOnnx'],
  './stablehlo': ['exportJax', 'layerFunction', 'stablehloText', 'writeJax'],
  './run': ['compile', 'compileRunner', 'compileStep', 'engineRunner', 'onnxruntime'],
  './media': ['parsePicture', 'readPicture', 'readSound', 'resample'],
  './train': ['batches', 'chain', 'lamb', 'train', 'trainStep', 'weighted'],
  './random': ['key', 'normal', 'split', 'truncatedNormal', 'uniform'],
  './tree': ['difference', 'flatten', 'map', 'partition'],
  './initializers': ['truncatedNormal', 'varianceScaling', 'zeros'],
};

t.test('every entry imports, with its names and its declarations', async (t) => {
  const modules = Object.keys(manifest.exports).filter((entry) => entry !== './package.json');
  t.same(modules.sort(), Object.keys(entries).sort());
  for (const [entry, names] of Object.entries(entries)) {
    const name = entry.replace('.', 'renga');
    const program = `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(name)}))))`;
    const exported = JSON.parse(printed('--input-type=module', '-e', program)) as string[];
    t.same(
      names.filter((name) => !exported.includes(name)),
      [],
      name,
    );
    t.ok(existsSync(join(installed, manifest.exports[entry].replace(/\.js$/, '.d.ts'))), `${name} is typed`);
  }
});

t.test('the command line runs from it', async (t) => {
  const program = join(installed, 'bin', 'renga.js');
  const rows = JSON.parse(printed(program, 'list', '--json')) as { name: string; parameters: number }[];
  t.match(rows[0], { name: 'language', parameters: 201_108_230 });
  t.match(printed(program, 'fill-mask', 'a sm_ll plant'), /^a small plant\n/);
  t.equal(printed(program, '--version'), `${manifest.version}\n`);
});

t.test('before it is built, the program says what to do', async (t) => {
  const folder = t.testdir({ bin: {}, 'package.json': '{ "type": "module" }' });
  copyFileSync(join(installed, 'bin', 'renga.js'), join(folder, 'bin', 'renga.js'));
  t.match(node(folder, join('bin', 'renga.js'), 'list'), {
    status: 1,
    stdout: '',
    stderr: 'renga: the program is not built yet; npm run build builds it\n',
  });
});

t.test(
  'installed as pnpm installs, with the packages that the README names, its first program runs',
  async (t) => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const [, named = ''] = /`pnpm add renga (.*?)`/.exec(readme) ?? [];
    const [, first = ''] = /```ts\n(.*?)```/s.exec(readme) ?? [];
    const folder = t.testdir({ 'package.json': '{ "type": "module" }', store: { node_modules: {} } });
    linkDependencies(join(folder, 'store'));
    cpSync(installed, join(folder, 'store', 'node_modules', 'renga'), { recursive: true });
    for (const name of ['renga', ...named.split(' ').map((word) => word.replace(/(?<=.)@.*/, ''))])
      link(folder, name, join(folder, 'store', 'node_modules', name));
    t.equal(named.split(' ')[0], `@tensorflow/tfjs-core@${manifest.dependencies['@tensorflow/tfjs-core']}`);
    writeFileSync(join(folder, 'first.js'), transformSync(first, { loader: 'ts' }).code);
    t.match(outputOf(node(folder, 'first.js')), /'layer_norm'[^]*\[ 2, 16, 64 \]\n\[ 'gated/);
  },
);

t.test('the declarations are whole where libraries are checked', async (t) => {
  const [program, entry] = [join(project, 'types.ts'), Object.keys(entries)];
  writeFileSync(
    program,
    entry.map((name, i) => `export * as m${i} from '${name.replace('.', 'renga')}';`).join('\n'),
  );
  const { module, target } = { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022 };
  const compiled = ts.createProgram([program], { module, target, strict: true, noEmit: true, types: [] });
  const own = compiled.getSourceFiles().filter(({ fileName }) => !/node_modules\/(?!renga\/)/.test(fileName));
  const ours = own.filter(({ fileName }) => fileName.startsWith(project.replaceAll('\\', '/')));
  t.ok(ours.length > 100);
  const problems = ours.flatMap((file) => [...compiled.getSemanticDiagnostics(file)]);
  t.same(
    problems.map(
      ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    ),
    [],
  );
});

/** The page's program: a layer of its own, a preset, a checkpoint that cannot be read. */
const program = `
import * as tf from '@tensorflow/tfjs-core';
import { chain, engine, key, residual, transform } from 'renga';
import { layerNorm, mlp, selfAttend } from 'renga/modules';
import { digits } from 'renga/presets';
import { exportOnnx, onnxBytes } from 'renga/onnx';
import { parseCheckpoint, readCheckpoint } from 'renga/checkpoint';

const { backend } = await engine({ backend: 'cpu' });
const tower = chain(residual(chain(layerNorm(), selfAttend({ numHeads: 2 }))), mlp({}));
const x = tf.reshape(tf.range(0, 24), [1, 3, 8]);
const model = transform(tower);
const y = model.apply(model.init(key(42), x), {}, x);
const sizes = { numLatents: 4, numLatentChannels: 8, numBlocks: 1, numSelfAttendsPerBlock: 1 };
const small = digits({ encoder: sizes, decoder: { position: { kind: 'trainable', numChannels: 8 } } });
const picture = { width: 8, height: 8, data: Array.from({ length: 64 }, (_, i) => i / 64) };
const classified = await small.run(small.init(key(0)), picture)();
const onnx = onnxBytes(exportOnnx(tower, { params: model.init(key(42), x) }, [{ shape: ['batch', 3, 8] }]));
console.log(JSON.stringify({
  backend,
  onnx: onnx.reduce((sum, byte) => (31 * sum + byte) | 0, onnx.length),
  y: [...y.dataSync()],
  probabilities: [...classified.right.probabilities],
  parsed: parseCheckpoint(new Uint8Array([0x80, 4, 0x4e, 0x2e])),
  read: (await readCheckpoint('a.npz')())._tag,
  shipped: String(digits().card.checkpoint.url),
}));
`;
/** The same imports where nothing may be awaited. */
const script = `
const modules = Object.keys(digits().outline.params).length;
engine({ backend: 'cpu' }).then(({ backend }) => console.log(JSON.stringify({ backend, modules })));
`;

writeFileSync(join(project, 'program.js'), program);
writeFileSync(join(project, 'script.js'), program.replace(/const \{ backend \}[^]*/, script));

/** Runs a bundle in a world without Node: what a worker of a page has, and nothing more. */
const page = `
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const { console, performance, TextEncoder, TextDecoder, URL, setTimeout, clearTimeout } = globalThis;
const world = vm.createContext({ console, performance, TextEncoder, TextDecoder, URL, setTimeout, clearTimeout });
vm.runInContext('globalThis.self = globalThis; globalThis.WorkerGlobalScope = class {};', world);
const source = readFileSync(process.argv[2], 'utf8');
if (process.argv[2].endsWith('.cjs')) vm.runInContext(source, world);
else {
  const initializeImportMeta = (meta) => { meta.url = 'https://example.org/app/bundle.js'; };
  const bundle = new vm.SourceTextModule(source, { context: world, initializeImportMeta });
  await bundle.link((name) => { throw new Error('the bundle imports ' + name); });
  await bundle.evaluate();
}
`;
writeFileSync(join(project, 'page.js'), page);

const runInPage = (bundle: string) =>
  JSON.parse(printed('--experimental-vm-modules', '--no-warnings', 'page.js', bundle));

const bundled: BuildOptions = {
  absWorkingDir: project,
  entryPoints: ['program.js'],
  bundle: true,
  platform: 'browser',
  logLevel: 'silent',
};

t.test('a bundle for a page needs nothing of Node, and computes what Node computes', async (t) => {
  const { errors, warnings, metafile } = await build({
    ...bundled,
    format: 'esm',
    outfile: 'bundle.js',
    metafile: true,
  });
  t.same(
    [...errors, ...warnings].map(({ text }) => text),
    [],
  );
  t.same(
    Object.values(metafile!.outputs).flatMap(({ imports }) => imports),
    [],
    'it imports nothing',
  );
  const inNode = JSON.parse(printed('program.js'));
  const inPage = runInPage('bundle.js');
  t.match(inPage, { backend: 'cpu', read: 'Left', parsed: { _tag: 'Left', left: { kind: 'tree' } } });
  t.equal(inPage.probabilities.length, 10);
  t.same(inPage.y, inNode.y);
  t.equal(inPage.onnx, inNode.onnx, 'byte for byte');
  t.same(inPage.probabilities, inNode.probabilities);
  t.equal(inPage.shipped, 'https://example.org/app/digits.pystate', 'beside the bundle');
});

t.test('a bundle that is a script loads as well', async (t) => {
  await build({ ...bundled, entryPoints: ['script.js'], format: 'iife', outfile: 'bundle.cjs' });
  t.match(runInPage('bundle.cjs'), { backend: 'cpu', modules: 37 });
});
