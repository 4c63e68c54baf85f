/** The engine goes through a bundler, for pages and for Node. */
import t from 'tap';
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const entry = fileURLToPath(new URL('../../../lib/engine/index.js', import.meta.url));
const program = `import { engine } from ${JSON.stringify(entry)};
  engine({ wasmPath: 'node_modules/@tensorflow/tfjs-backend-wasm/dist' })
    .then((wasm) => engine({ backend: 'cpu' }).then((cpu) => console.log(JSON.stringify([wasm, cpu]))));`;
const options = {
  stdin: { contents: program, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
  bundle: true,
  logLevel: 'silent',
} as const;

t.test('for a page, without a warning', async (t) => {
  const { errors, warnings, outputFiles } = await build({
    ...options,
    platform: 'browser',
    format: 'esm',
    write: false,
  });
  t.same(
    [...errors, ...warnings].map(({ text }) => text),
    [],
  );
  t.notMatch(outputFiles[0].text, /from ?"(node:|fs|path)/);
});

t.test('for Node, where the bundle runs', async (t) => {
  const outfile = join(mkdtempSync(join(tmpdir(), 'renga-')), 'bundle.cjs');
  await build({ ...options, platform: 'node', format: 'cjs', outfile });
  const infos = JSON.parse(execFileSync(process.execPath, [outfile], { encoding: 'utf8' }));
  t.match(infos, [
    { backend: 'wasm', reason: undefined },
    { backend: 'cpu', reason: undefined },
  ]);
});
