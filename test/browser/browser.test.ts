/** The checks of pages find the faults they are for; a missing browser is reported. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import { seriousViolations } from './axe.js';
import { findChromium, openBrowser } from './browser.js';
import { overflowing, overlappingLabels } from './layout.js';
import { openPage } from './page.js';
import { serve } from './serve.js';

const browser = await openBrowser();
t.teardown(() => browser.close());

const document = (body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title><link rel="icon" href="data:,"></head><body><main><h1>A page</h1>${body}</main></body></html>`;

/** A page of that HTML. */
const show = async (html: string): Promise<Page> => {
  const page = await browser.newPage({ viewport: { width: 400, height: 800 } });
  page.setDefaultTimeout(0);
  await page.setContent(html);
  return page;
};

t.test('without a browser, it says how one is installed', async (t) => {
  t.throws(() => findChromium({ CHROMIUM: '/nowhere/chromium' }), {
    message: /CHROMIUM is \/nowhere\/chromium/,
  });
  t.ok(findChromium());
  t.throws(() => findChromium({ PATH: '/nowhere' }, []), { message: /`apt-get install chromium`/ });
});

t.test('text that does not fit its box is found, and none other', async (t) => {
  const word = 'w'.repeat(40);
  const box = (style: string): string => `<div id="box" style="width: 100px; ${style}">${word}</div>`;
  const [found] = await overflowing(await show(document(box('overflow: hidden'))));
  t.match(found, /^<div id="box"> w+: \d+ pixels in 100$/);
  t.same(await overflowing(await show(document(box('overflow-x: auto')))), [], 'what scrolls');
  t.same(
    await overflowing(await show(document(box('overflow-wrap: anywhere')))),
    [],
    'what is broken into lines',
  );
  const wide = await overflowing(await show(document('<div style="width: 600px">wide</div>')));
  t.match(wide[0], /^the document: 6\d\d pixels in a window of 400$/);
});

t.test('labels that lie over each other are found, and no others', async (t) => {
  const svg = (y: number): string =>
    `<svg width="200" height="100" role="img" aria-label="labels"><text x="10" y="20">first</text><text x="20" y="${y}">second</text></svg>`;
  t.same(await overlappingLabels(await show(document(svg(25)))), ["'first' and 'second'"]);
  t.same(await overlappingLabels(await show(document(svg(60)))), []);
  t.same(await overlappingLabels(await show(document(svg(60).repeat(2)))), [], 'of two pictures');
});

t.test('serious violations of accessibility rules are found, and no others', async (t) => {
  const [found] = await seriousViolations(await show(document('<button></button>')));
  t.match(found, /^button-name: .*<button><\/button>/);
  t.same(await seriousViolations(await show(document('<button>Go</button>'))), []);
});

t.test('errors, missing files and what a policy forbids are told of', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'renga-pages-'));
  const page = (name: string, body: string) => writeFileSync(join(folder, name), document(body));
  page('index.html', '<script src="well.js"></script>');
  page('missing.html', '<img src="missing.png" alt="">');
  page('inline.html', '<script>document.title = "run"</script>');
  page('throws.html', '<script src="throws.js"></script>');
  writeFileSync(join(folder, 'well.js'), 'document.body.dataset.ran = "yes"');
  writeFileSync(join(folder, 'throws.js'), 'throw new Error("thrown")');
  const served = await serve(folder);
  t.teardown(served.close);
  const problemsOf = async (name: string): Promise<string> => {
    const { takeProblems, close } = await openPage(browser, `${served.url}/${name}`);
    await close();
    return takeProblems().join('\n');
  };
  t.equal(await problemsOf(''), '');
  t.match(await problemsOf('missing.html'), /response: .*missing\.png 404/);
  t.match(await problemsOf('inline.html'), /Content Security Policy/);
  t.match(await problemsOf('throws.html'), /not caught: thrown/);
  t.match(await problemsOf('nowhere.html'), /response: .*nowhere\.html 404/);
});
