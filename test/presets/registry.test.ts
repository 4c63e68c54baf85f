/** Every preset is a folder of the same files, the registry lists all of them, and nothing is loaded that is not needed. */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { AnyPreset } from '../../presets/preset.js';
import { presetNames, presets } from '../../presets/registry.js';
import { root } from '../project.js';

/** The files of a preset, by their jobs. */
const anatomy = ['network', 'preset', 'run', 'about', 'recipe', 'huggingFace', 'verify'];

/** Folders of what presets share. */
const shared = ['about', 'huggingFace', 'verify'];

const sources = join(root, 'presets');
const isFolder = (path: string): boolean => statSync(path).isDirectory();
const folders = readdirSync(sources).filter(
  (name) => isFolder(join(sources, name)) && !shared.includes(name),
);

t.test(
  'a folder holds a file for each job, a folder of its name for what the job takes, and data',
  async (t) => {
    for (const folder of folders) {
      const names = readdirSync(join(sources, folder));
      const odd = names.filter((name) => {
        if (isFolder(join(sources, folder, name)))
          return !anatomy.includes(name) || !names.includes(`${name}.ts`);
        return name.endsWith('.ts') && !anatomy.includes(name.replace(/\.ts$/, ''));
      });
      t.same(odd, [], folder);
      t.ok(names.includes('preset.ts'), folder);
    }
  },
);

const isPreset = (value: unknown): value is AnyPreset =>
  typeof value === 'function' && 'card' in value && 'decode' in value;

t.test('the registry lists the presets of all folders, by their names', async (t) => {
  const found: Record<string, AnyPreset> = {};
  for (const folder of folders) {
    const exported = Object.values(
      (await import(new URL(`../../presets/${folder}/preset.js`, import.meta.url).href)) as object,
    );
    const own = exported.filter(isPreset);
    t.ok(own.length > 0, folder);
    for (const preset of own) found[preset.card.name] = preset;
  }
  t.same(Object.keys(presets).sort(), Object.keys(found).sort());
  for (const [name, preset] of Object.entries(presets)) t.equal(preset, found[name], name);
});

t.test("a preset has all of its folder's parts, and its small model builds", async (t) => {
  for (const folder of folders) {
    const names = readdirSync(join(sources, folder));
    const url = new URL(`../../presets/${folder}/preset.js`, import.meta.url);
    const own = Object.values((await import(url.href)) as object).filter(isPreset);
    for (const preset of own) {
      const { name } = preset.card;
      t.equal(preset.about !== undefined, names.includes('about.ts'), `${name}: about.ts`);
      const hasClass = names.includes('huggingFace.ts') && preset.card.variantOf === undefined;
      t.equal(preset.huggingFace !== undefined, hasClass, `${name}: huggingFace.ts`);
      if (preset.original) t.ok(names.includes('verify.ts'), `${name}: verify.ts`);
      t.equal(preset(preset.small).name, name);
      const { variantOf } = preset.card;
      const isOwn = variantOf === undefined || own.some(({ card }) => card.name === variantOf);
      t.ok(isOwn, `${name} is a variant of a preset of its folder`);
    }
  }
});

t.test('presets of a task are those of its command', async (t) => {
  t.same(presetNames('fill-mask'), ['language', 'language-plus', 'words']);
  t.same(presetNames('flow'), ['flow', 'flow-light', 'motion']);
  t.same(presetNames(), Object.keys(presets));
});

/** URLs of all modules that an import loads, itself among them. */
const loadedBy = (url: URL): readonly string[] => {
  const hooks = `export const load = (url, context, next) => { console.log(url); return next(url, context); };`;
  const program = `
    import { register } from 'node:module';
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));
    await import(${JSON.stringify(url.href)});
  `;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  return out.split('\n').filter((line) => line.startsWith('file:'));
};

t.test('importing the presets loads no documents, no onnx, no labels and no downloads', async (t) => {
  const loaded = loadedBy(new URL('../../presets/index.js', import.meta.url));
  t.ok(loaded.some((url) => url.endsWith('presets/registry.js')));
  const unneeded =
    /markdown-it|highlight\.js|dagre|d3-|protobuf|lib\/(docs|onnx|download)\/|about|labels|verify/;
  t.same(
    loaded.filter((url) => unneeded.test(url.slice(url.indexOf('dist/')))),
    [],
  );
});
