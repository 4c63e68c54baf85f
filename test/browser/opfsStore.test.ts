/** The store of a page's own files, in a worker of a browser: as other stores, and whole whenever the tab is closed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import t from 'tap';
import { manifest, root } from '../project.js';
import { keeps, logsOf, programs } from '../snippets.js';
import { findings } from '../lib/train/useStore.js';
import { openBrowser } from './browser.js';
import { openPage } from './page.js';
import { serve } from './serve.js';
import type { Task } from './storeWorker.js';

const folder = t.testdir({});
writeFileSync(
  join(folder, 'index.html'),
  '<!doctype html><title>A page</title><link rel="icon" href="data:,">',
);
await build({
  entryPoints: [fileURLToPath(new URL('./storeWorker.js', import.meta.url))],
  outfile: join(folder, 'storeWorker.js'),
  bundle: true,
  format: 'esm',
  platform: 'browser',
  logLevel: 'warning',
});

/** The program of the guide's section about browsers; what it logs goes to the page. */
const guide = readFileSync(join(root, 'docs', 'guide', 'train.md'), 'utf8');
const program = programs(guide).find((text) => text.includes('opfsStore'))!;
const packageFile = (name: string) => join(root, 'dist', manifest.exports[name].replace('./dist/', ''));
await build({
  stdin: { contents: program, loader: 'ts', resolveDir: root },
  outfile: join(folder, 'program.js'),
  alias: Object.fromEntries(
    ['renga/modules', 'renga/random', 'renga/train', 'renga'].map((name) => [
      name,
      packageFile(name.replace('renga', '.')),
    ]),
  ),
  banner: { js: 'console.log = (...values) => postMessage(values.map(String).join(" "));' },
  bundle: true,
  format: 'esm',
  platform: 'browser',
  logLevel: 'warning',
});
const browser = await openBrowser();
const served = await serve(folder);
const { page, close } = await openPage(browser, `${served.url}/`);
t.teardown(async () => {
  await close();
  await browser.close();
  await served.close();
});

/**
 * Gives a worker of its own a task.
 * @param isEnded  ends the worker as soon as it says that it writes
 * @returns the result, `undefined` where the worker was ended; rejects where the task fails
 */
const ask = (task: readonly [Task, ...number[]], isEnded = false): Promise<unknown> =>
  page.evaluate(
    ([task, isEnded]) =>
      new Promise((resolve, reject) => {
        const worker = new Worker('storeWorker.js', { type: 'module' });
        worker.onmessage = ({ data }) => {
          if (data === 'writes' && !isEnded) return;
          worker.terminate();
          if (data.error === undefined) resolve(data.result);
          else reject(new Error(data.error));
        };
        worker.postMessage(task);
      }),
    [task, isEnded] as const,
  );

t.test('it keeps files by name as other stores do', async (t) => {
  t.same(await ask(['use']), findings);
});

const [small, large] = [2 ** 20, 2 ** 26];

t.test('a file is whole whenever the worker that replaces it is ended', async (t) => {
  await ask(['write', small, 1]);
  await ask(['write', large, 2], true);
  const found = (await ask(['read'])) as { names: string[]; length: number; values: number[] };
  t.same(found.names, ['weights']);
  t.same(found.values, [found.length === small ? 1 : 2]);
  t.ok([small, large].includes(found.length), `${found.length} bytes`);
  await ask(['write', small, 3]);
  t.same(
    await ask(['read']),
    { names: ['weights'], length: small, values: [3] },
    'what was left is in no way',
  );
});

t.test('a thread that may not write says so', async (t) => {
  const reason = await page.evaluate(async (url) => {
    const own = globalThis as unknown as { postMessage: (message: unknown) => void };
    const told = new Promise((resolve) => (own.postMessage = resolve));
    await import(url);
    dispatchEvent(new MessageEvent('message', { data: ['reason'] }));
    return told;
  }, `${served.url}/storeWorker.js`);
  t.same(reason, { result: "a worker writes a page's files, and this is none" });
});

t.test("the guide's program keeps a run in a browser, and goes on with it", async (t) => {
  const promises = logsOf(program).map(({ promise }) => promise!);
  const said = await page.evaluate(
    (count) =>
      new Promise<readonly string[]>((resolve, reject) => {
        const texts: string[] = [];
        const worker = new Worker('program.js', { type: 'module' });
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.onmessage = ({ data }) => {
          texts.push(data);
          if (texts.length === count) resolve(texts);
        };
      }),
    promises.length,
  );
  said.forEach((text, i) => t.ok(keeps(text, promises[i]), `${text}: ${promises[i]}`));
});
