/** The engine in pages: with threads where memory may be shared, with one where a policy forbids what they take. */
import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import t from 'tap';
import type { EngineInfo } from '../../../lib/engine/index.js';
import { openBrowser } from '../../browser/browser.js';
import { openPage } from '../../browser/page.js';
import { serve, type ServeOptions, strictPolicy } from '../../browser/serve.js';
import { root } from '../../project.js';

const entry = fileURLToPath(new URL('../../../lib/engine/index.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'renga-engine-'));
cpSync(join(root, 'node_modules', '@tensorflow', 'tfjs-backend-wasm', 'dist'), join(folder, 'tfjs'), {
  recursive: true,
  filter: (path) => !/\.(js|ts|map)$/.test(path),
});
await build({
  stdin: {
    contents: `import { engine } from ${JSON.stringify(entry)};
      globalThis.start = (threads) => engine({ threads, wasmPath: 'tfjs' });`,
    resolveDir: root,
  },
  bundle: true,
  format: 'esm',
  outfile: join(folder, 'engine.js'),
});
writeFileSync(
  join(folder, 'index.html'),
  '<!doctype html><title>engine</title><link rel="icon" href="data:,"><script type="module" src="engine.js"></script>',
);
const browser = await openBrowser();
t.teardown(() => browser.close());

/** Starts an engine in a page and gives its description of itself. */
const start = async (t: Pick<typeof import('tap').t, 'teardown'>, threads: number, options: ServeOptions) => {
  const served = await serve(folder, options);
  const { page, takeProblems, close } = await openPage(browser, `${served.url}/`);
  t.teardown(async () => {
    await close();
    await served.close();
  });
  await page.waitForFunction('globalThis.start !== undefined');
  const info = await page.evaluate<EngineInfo>(`start(${threads})`);
  return { info, problems: takeProblems() };
};

t.test('threads share its heap in a page that is isolated', async (t) => {
  const policy = strictPolicy.replace("connect-src 'self'", "connect-src 'self' blob:; worker-src blob:");
  const { info, problems } = await start(t, 2, { policy, isIsolated: true });
  t.match(info, { backend: 'wasm', threads: 2 });
  t.same(problems, []);
});

t.test('it is one thread, and says why, where the policy forbids blob:', async (t) => {
  const { info } = await start(t, 2, { isIsolated: true });
  t.match(info, {
    backend: 'wasm',
    threads: 1,
    oneThread: /content security policy lets nothing be fetched from blob:/,
  });
});

t.test('one thread asks for nothing that a strict policy forbids, isolated or not', async (t) => {
  for (const isIsolated of [true, false]) {
    const { info, problems } = await start(t, 1, { isIsolated });
    t.match(info, { backend: 'wasm', threads: 1 });
    t.same(problems, []);
  }
});

t.test('it is one thread, and says why, in a page that is not isolated', async (t) => {
  const { info, problems } = await start(t, 2, {});
  t.match(info, { backend: 'wasm', threads: 1, oneThread: /not cross-origin isolated/ });
  t.same(problems, []);
});
