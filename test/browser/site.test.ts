/**
 * The whole site, as `npm run site` writes it: all pages are there, every way inside of it leads somewhere, no page has
 * scripts or styles in it, and every public export has its place in the API reference. Pages are opened in a browser.
 */
import { pathToFileURL } from 'node:url';
import { join, posix } from 'node:path';
import t, { type Test } from 'tap';
import { writeFolder } from '../../cli/docs/folder.js';
import { presets } from '../../presets/index.js';
import { networks } from '../presets/networks.js';
import { entryPoints } from '../../site/api/reference.js';
import { buildSite } from '../../site/build.js';
import { guide } from '../../site/pages.js';
import { openBrowser } from './browser.js';
import { checkModelPage, checkOtherLooks } from './checkModelPage.js';
import { type Asserts, checkPage } from './checkPage.js';
import { type OpenPage, openPage } from './page.js';
import { serve } from './serve.js';
import { outputOf, renga } from '../cli/run.js';
import { forecasterFile } from '../forecasterFile.js';
import { root } from '../project.js';
import { twoAtATime } from '../twoAtATime.js';

const files = await buildSite();
const textOf = (path: string): string => Buffer.from(files.get(path) ?? '').toString();
const pages = [...files.keys()].filter((path) => path.endsWith('.html'));

t.test('every page is there', async (t) => {
  const models = Object.keys(presets).map((name) => `models/${name}.html`);
  const written = guide.map(({ path }) => path);
  for (const path of [
    'index.html',
    'models/index.html',
    'api/index.html',
    'try/index.html',
    'try/train.html',
    ...models,
    ...written,
  ])
    t.ok(files.has(path), path);
});

const decoded = (text: string): string =>
  text
    .replace(/&amp;/g, '&')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'");

const attributes = (page: string, name: string): readonly string[] =>
  [...page.matchAll(new RegExp(`<[a-z][^>]*\\s${name}="([^"]*)"`, 'gi'))].map(([, value]) => decoded(value));

t.test('every way inside of it leads somewhere, anchors too', async (t) => {
  const anchors = new Map(pages.map((path) => [path, new Set(attributes(textOf(path), 'id'))]));
  const dead: string[] = [];
  let followed = 0;
  for (const path of pages)
    for (const address of [...attributes(textOf(path), 'href'), ...attributes(textOf(path), 'src')]) {
      if (/^[a-z]+:/i.test(address)) continue;
      const [to, anchor] = address.split('#').map(decodeURIComponent);
      const target = to === '' ? path : posix.normalize(posix.join(posix.dirname(path), to));
      const isThere =
        files.has(target) && (!anchor || !anchors.has(target) || anchors.get(target)?.has(anchor));
      if (!isThere) dead.push(`${path}: ${address}`);
      followed++;
    }
  t.ok(followed > 1000);
  t.same(dead, []);
});

t.test('every id is there once', async (t) => {
  const ours = pages.filter((path) => !path.startsWith('api/')); // the names of members are ids there
  const twice = ours.filter((path) => {
    const ids = attributes(textOf(path), 'id');
    return new Set(ids).size < ids.length;
  });
  t.same(twice, []);
});

t.test('no page has scripts or styles in it, and each has a policy', async (t) => {
  const found = pages.filter((path) => {
    const page = textOf(path).replace(/<pre[^]*?<\/pre>/g, '');
    const hasInline = /<script(?![^>]*\ssrc=)[^>]*>|<style[\s>]|<[a-z][^>]*\s(style|on[a-z]+)="/i.test(page);
    return hasInline || !page.includes('http-equiv="Content-Security-Policy"');
  });
  t.same(found, []);
});

t.test('every public export is in the API reference', async (t) => {
  t.ok(entryPoints.size >= 10);
  const missing: string[] = [];
  for (const [name, source] of entryPoints) {
    const exported = (await import(
      pathToFileURL(join(root, 'dist', source.replace(/\.ts$/, '.js'))).href
    )) as object;
    const page = textOf(`api/modules/${name.replaceAll('/', '_')}.html`).replaceAll('<wbr/>', '');
    const isShown = (each: string): boolean => new RegExp(`<a [^>]*>(renga/)?${each}</a>`).test(page);
    missing.push(
      ...Object.keys(exported)
        .filter((each) => !isShown(each))
        .map((each) => `${name}: ${each}`),
    );
  }
  t.same(missing, []);
});

const folder = join(t.testdir({}), 'site');
await writeFolder(folder, files);
const browser = await openBrowser();
t.teardown(() => browser.close());

const assertsOf = (t: Test): Asserts => ({
  same: (...asked) => t.same(...(asked as [unknown, unknown, string])),
  ok: (...asked) => t.ok(...asked),
});

/** The kinds of elements whose accessibility was checked: pages share nearly all of them. */
const checked = new Set<string>();

/** Opens a page as a file, does something with it, and closes it. */
const withPage = async (path: string, use: (opened: OpenPage) => Promise<void>): Promise<void> => {
  const opened = await openPage(browser, pathToFileURL(path).href);
  await use(opened);
  await opened.close();
};

t.test('pages open without errors, fit and are accessible', async (t) => {
  const paths = ['index.html', 'models/index.html', ...guide.map(({ path }) => path)];
  await twoAtATime(paths, (path) =>
    withPage(join(folder, path), (opened) =>
      checkPage(assertsOf(t), opened, `site-${path.replace(/\.html$/, '').replaceAll('/', '-')}`, checked),
    ),
  );
  for (const path of ['api/index.html', 'api/modules/renga.html', 'api/functions/renga.transform.html'])
    await withPage(join(folder, path), async ({ page, takeProblems }) => {
      t.same(takeProblems(), [], path);
      t.ok(await page.locator('h1').first().isVisible(), `${path} shows something`);
    });
});

t.test('so do those of models; each text of their drawings has its place, at every level', async (t) => {
  await twoAtATime(
    networks.map(([name]) => name),
    (name) =>
      withPage(join(folder, `models/${name}.html`), (opened) =>
        checkModelPage(assertsOf(t), opened, `model-${name}`, checked),
      ),
  );
  await withPage(join(folder, 'models/multimodal.html'), (opened) =>
    checkOtherLooks(assertsOf(t), opened, 'model-multimodal'),
  );
});

t.test("so does that of a model of one's own", async (t) => {
  const own = t.testdir({ 'forecaster.ts': forecasterFile() });
  outputOf(renga(own, 'docs', '--model', 'forecaster.ts', '--out', 'out'));
  await withPage(join(own, 'out/index.html'), (opened) =>
    checkModelPage(assertsOf(t), opened, 'model-forecaster', checked),
  );
});

t.test('the page that runs does so in the site, under a strict policy', async (t) => {
  const served = await serve(folder);
  const { page, takeProblems, close } = await openPage(browser, `${served.url}/try/`);
  t.teardown(async () => {
    await close();
    await served.close();
  });
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
  await page.getByRole('button', { name: 'a held-out 7', exact: true }).click();
  t.match(await page.locator('#digit').textContent(), /A 7, /);
  await page.locator('#sentence').fill('a violent storm at s_a');
  t.equal(await page.locator('#filled').textContent(), 'Filled in: a violent storm at sea.');
  t.same(takeProblems(), []);
});
