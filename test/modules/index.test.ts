/** The exports of `renga/modules`. */
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { Config } from '../../lib/data/config.js';
import * as modules from '../../modules/index.js';

const files = readdirSync('modules')
  .filter((file) => file.endsWith('.ts') && !['index.ts', 'block.ts'].includes(file))
  .map((file) => file.replace(/\.ts$/, ''))
  .sort();

/** Main exports that are not called as their file is. */
const otherNames: Readonly<Record<string, string>> = {
  conv: 'conv2d',
  convTranspose: 'conv2dTranspose',
  depthwiseConv: 'depthwiseConv2d',
  patches: 'extractPatches',
  paramsTrees: 'emaParamsTree',
  pool: 'maxPool',
  recurrent: 'unroll',
  position: 'declarePosition',
  window: 'placeWindows',
};

t.test('every file of modules is exported, in the order of names', async (t) => {
  const lines = readFileSync('modules/index.ts', 'utf8').matchAll(/^export .* from '\.\/(\w+)\.js';$/gm);
  t.same([...new Set([...lines].map(([, file]) => file))], files);
});

t.test("every file's main export is there: the one that the file is named for", async (t) => {
  const onlyTypes = ['decoder', 'norm', 'processor', 'tokenizer'];
  const missing = files
    .filter((file) => !onlyTypes.includes(file))
    .map((file) => otherNames[file] ?? file)
    .filter((name) => !(name in modules));
  t.same(missing, []);
});

t.test('names that mean nothing without their file stay inside', async (t) => {
  for (const name of ['encode', 'decode', 'vocabSize', 'source']) t.notOk(name in modules, name);
});

t.test('a layer that is called without its config, as JavaScript may, says what is missing', async (t) => {
  let found = 0;
  // The config of this one is its second argument, and optional.
  for (const file of files.filter((each) => each !== 'multimodalPreprocessor')) {
    const exported = (await import(`../../modules/${file}.js`)) as Record<string, unknown>;
    if (!Object.values(exported).some((each) => each instanceof Config)) continue;
    try {
      (exported[otherNames[file] ?? file] as () => unknown)();
    } catch (error) {
      found += 1;
      t.match(error, { name: 'ConfigError', message: /found nothing, expected/ }, file);
    }
  }
  t.ok(found > 20);
});
