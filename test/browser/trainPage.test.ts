/**
 * The page where one trains, in a browser: trained, hidden, reloaded, paused; the weights are those of a run that was not
 * interrupted, to the bit, and go to Node.
 */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import t, { type Test } from 'tap';
import { buildTry } from '../../site/try/build.js';
import { outputOf, renga } from '../cli/run.js';
import { glyphs } from '../site/try/glyphs.js';
import { seriousViolations } from './axe.js';
import type { Stroke } from '../../site/try/strokes.js';
import { openBrowser } from './browser.js';
import { checkPage } from './checkPage.js';
import { openHideable } from './hideable.js';
import { openPage, takeScreenshot } from './page.js';
import { serve, type ServeOptions, strictPolicy } from './serve.js';

const numSteps = 40;

const folder = mkdtempSync(join(tmpdir(), 'renga-train-'));
await buildTry(folder);

/** The same page, whose worker asks the server for leave after each step, and waits for the answer. */
const held = mkdtempSync(join(tmpdir(), 'renga-held-'));
cpSync(folder, held, { recursive: true });
writeFileSync(
  join(held, 'worker.js'),
  `const tell = postMessage;
globalThis.postMessage = (news) => {
  tell(news);
  if (news.event?.kind !== 'step') return;
  const question = new XMLHttpRequest();
  question.open('GET', '/step/' + news.event.step, false);
  question.send();
};
${readFileSync(join(folder, 'worker.js'), 'utf8')}`,
);

/** A gate for such a worker: steps up to a number pass, later ones wait until that number is larger. */
const startGate = () => {
  let last = 0;
  let changed = (): void => undefined;
  let change = new Promise<void>((resolve) => (changed = resolve));
  return {
    before: async (path: string): Promise<void> => {
      const step = Number(/^\/step\/(\d+)$/.exec(path)?.[1] ?? 0);
      while (step > last) await change;
    },
    upTo: (step: number): void => {
      last = step;
      changed();
      change = new Promise((resolve) => (changed = resolve));
    },
  };
};
const browser = await openBrowser();
t.teardown(() => browser.close());

/** All that a page may do whose worker has threads. */
const policyOfThreads = `${strictPolicy.replace("connect-src 'self'", "connect-src 'self' blob:")}; worker-src 'self' blob:`;
const isolated: ServeOptions = { isIsolated: true, policy: policyOfThreads };

const isLoaded = 'document.querySelector(\'[aria-busy="true"]\') === null';
const status = "document.getElementById('try-status').textContent";
const numberIn = (id: string) => `parseInt(document.getElementById('${id}').textContent)`;

const waiting = { polling: 50 };

const loaded = (page: Page) =>
  page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'), undefined, waiting);

/** Resolves when the text of an element fits a pattern. */
const text = (page: Page, id: string, { source }: RegExp) =>
  page.waitForFunction(
    ([id, source]) => new RegExp(source).test(document.getElementById(id)?.textContent ?? ''),
    [id, source],
    waiting,
  );

/** Opens the page, served anew, with a worker that waits where something comes before its steps. */
const open = async (t: Test, options: ServeOptions = {}, colorScheme?: 'dark') => {
  const { url, close } = await serve(options.before ? held : folder, options);
  const opened = await openPage(browser, `${url}/train.html`, { colorScheme });
  t.teardown(async () => {
    await opened.close();
    await close();
  });
  await loaded(opened.page);
  return { ...opened, url: `${url}/train.html` };
};

const download = async (page: Page): Promise<Buffer> => {
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('#download').click()]);
  return readFileSync(await file.path());
};

/** Draws with the mouse what is given in a square of side 1. */
const draw = async (page: Page, strokes: readonly Stroke[]): Promise<void> => {
  await page.locator('#pad').scrollIntoViewIfNeeded();
  const { x: left, y: top, width } = (await page.locator('#pad').boundingBox())!;
  for (const [first, ...rest] of strokes) {
    await page.mouse.move(left + first.x * width, top + first.y * width);
    await page.mouse.down();
    for (const { x, y } of rest) await page.mouse.move(left + x * width, top + y * width);
    await page.mouse.up();
  }
};

/** Resolves when the page's files hold so many drawings. */
const drawingsKept = (page: Page, count: number) =>
  page.waitForFunction(
    async (count) => {
      try {
        let folder = await navigator.storage.getDirectory();
        for (const name of ['renga', 'digits']) folder = await folder.getDirectoryHandle(name);
        const file = await (await folder.getFileHandle('drawings.json')).getFile();
        return JSON.parse(await file.text()).length === count;
      } catch {
        return false; // not there, or being written
      }
    },
    count,
    waiting,
  );

let whole: Buffer | undefined;

t.test('it trains on threads, draws curves, answers drawings, and hands the weights to Node', async (t) => {
  const { page, takeProblems, close } = await open(t, isolated);
  const threads = Math.min(4, await page.evaluate(() => navigator.hardwareConcurrency));
  t.match(
    await page.locator('#runs-on').textContent(),
    threads > 1 ? `Runs on: WebAssembly, ${threads} threads.` : 'Runs on: WebAssembly, 1 thread',
  );
  t.equal(await page.locator('#weights').isVisible(), false);
  await page.locator('#steps').fill(`${numSteps}`);
  await page.locator('#steps').press('Enter');
  await text(page, 'try-status', new RegExp(`^Done after step ${numSteps}`));
  t.equal(await page.locator('#curves polyline').count(), 3, 'losses, their mean, and accuracy');
  t.equal(await page.locator('#kept-step').textContent(), `${numSteps}`);
  whole = await download(page);

  await draw(page, glyphs[4]);
  await text(page, 'answer', /^Your model: a \d, .*The library's: a 4, /);
  t.equal(await page.locator('#own-bars .is-first').count(), 1);
  const own = Number(await page.locator('#own-bars .is-first .label').textContent());
  const pixels = await page
    .locator('#grid .pixel')
    .evaluateAll((cells) =>
      cells.map((cell) => Number((cell as HTMLElement).style.getPropertyValue('--shade'))),
    );
  await checkPage(t, { page, takeProblems, close }, 'train');

  await t.test('where the command that the page names takes them', async (t) => {
    const folder = t.testdir({});
    const png = new PNG({ width: 8, height: 8 });
    pixels.forEach((shade, i) => png.data.set([...Array(3).fill(Math.round(255 * shade)), 255], 4 * i));
    const [, program, ...args] = ((await page.locator('#home code').textContent()) ?? '').split(' ');
    t.equal(program, 'renga');
    writeFileSync(join(folder, args[1]), PNG.sync.write(png));
    writeFileSync(join(folder, 'digits.safetensors'), whole!);
    t.match(outputOf(renga(folder, ...args)), new RegExp(`^ *[\\d.]+ %  ${own}\\n`));
  });
});

/** The offered file as base64. */
const offered = `fetch(document.getElementById('download').href)
  .then((response) => response.blob())
  .then((blob) => new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(',')[1]);
    reader.readAsDataURL(blob);
  }))`;

t.test(
  'hidden it goes on, and is kept; reloaded and paused, its weights are those of one run, to the bit',
  async (t) => {
    const gate = startGate();
    const { url, close } = await serve(held, { ...isolated, before: gate.before });
    const page = await openHideable(browser, `${url}/train.html`);
    t.teardown(async () => {
      await page.close();
      await close();
    });
    const press = (id: string) => page.evaluate(`void document.getElementById('${id}').click()`);
    await page.until(isLoaded);
    await page.evaluate(`void (document.getElementById('steps').value = '${numSteps}')`);
    await page.evaluate(`document.addEventListener('visibilitychange', () => {
    globalThis.hiddenAt = ${numberIn('step')};
    const told = () => {
      const kept = ${numberIn('kept-step')};
      if (kept >= hiddenAt) globalThis.keptAt ??= kept;
    };
    new MutationObserver(told).observe(document.getElementById('kept-step'), { childList: true });
  })`);
    await press('go');
    await page.until(`${numberIn('step')} >= 1`);
    await page.hide();
    gate.upTo(4);
    await page.until(`globalThis.keptAt !== undefined && ${numberIn('step')} > keptAt`);
    const [hiddenAt, keptAt] = await page.evaluate<[number, number]>('[hiddenAt, keptAt]');
    t.ok(keptAt - hiddenAt <= 3, `hidden at step ${hiddenAt}, kept at step ${keptAt}`);
    await page.reload();
    await page.until(isLoaded);
    const welcome = await page.evaluate<string>(status);
    const [, kept] = /^A run of an earlier visit is kept, at step (\d+) of 40\./.exec(welcome) ?? [];
    if (!kept) throw new Error(`the run is not offered: ${welcome}`);
    t.equal(Number(kept), keptAt);
    gate.upTo(keptAt);
    await press('go');
    await page.until(`${numberIn('step')} > ${kept}`);
    await press('go');
    gate.upTo(numSteps);
    await page.until(`/^Paused after step/.test(${status})`);
    t.equal(await page.evaluate("document.getElementById('go').textContent"), 'Go on');
    await press('go');
    await page.until(`/^Done after step ${numSteps}/.test(${status})`);
    t.equal(await page.evaluate('document.visibilityState'), 'hidden', 'all of this time');
    const bytes = await page.evaluate<string>(offered);
    t.ok(whole?.equals(Buffer.from(bytes, 'base64')), 'the same bytes');
  },
);

t.test("one's own digits are kept, trained on, and removed", async (t) => {
  const { page, takeProblems } = await open(t, {}, 'dark');
  t.match(
    await page.locator('#runs-on').textContent(),
    'WebAssembly, 1 thread, since the page is not cross-origin isolated',
  );
  const own = page.locator('#own-digits button');
  await page.getByRole('button', { name: 'Add it as a 4' }).click();
  t.equal(await page.locator('#answer').textContent(), 'Draw a digit first.');
  for (const digit of [4, 7]) {
    await draw(page, glyphs[digit]);
    await page.getByRole('button', { name: `Add it as a ${digit}` }).click();
  }
  t.equal(await page.locator('#answer').textContent(), 'Added as a 7: 2 of your own.');
  t.equal(await page.locator('input[value="own"]').isChecked(), true);
  await drawingsKept(page, 2);
  await page.reload();
  await loaded(page);
  t.equal(await own.count(), 2);
  t.same(await seriousViolations(page), []);
  await takeScreenshot(page, 'train-dark');
  await page.getByRole('button', { name: 'Remove your 4, number 1' }).press('Enter');
  t.same(await own.evaluateAll((all) => all.map((each) => each.getAttribute('title'))), [
    'Remove your 7, number 1',
  ]);
  t.equal(await page.locator('#own-count').textContent(), '1');
  t.same(takeProblems(), []);
});

t.test('a second tab trains, too, and says that its run is not kept', async (t) => {
  const gate = startGate();
  const { page: first, url } = await open(t, { before: gate.before });
  const page = await first.context().newPage();
  await page.goto(url);
  await loaded(page);
  t.match(
    await page.locator('#kept').textContent(),
    'The run is not kept when the tab is closed: another tab',
  );
  await page.locator('#steps').fill('5');
  await page.locator('#go').click();
  t.equal(await page.locator('#step').textContent(), '–', 'too few steps are refused');
  await page.locator('#steps').fill('1000');
  await page.locator('#go').click();
  await text(page, 'step', /^[1-9]/);
  await page.locator('#go').click();
  gate.upTo(1000);
  await text(page, 'try-status', /^Paused after step/);
  gate.upTo(0);
  await page.locator('#go').click();
  await text(page, 'try-status', /^Training goes on after step/);
  await page.locator('#stop').click();
  gate.upTo(1000);
  await text(page, 'try-status', /^Stopped after step/);
  t.equal(await page.locator('#go').textContent(), 'Start anew');
  t.equal(await page.locator('#kept-step').textContent(), 'not kept');
  t.equal((await download(page)).length, whole?.length);
});

t.test(
  'what does not come is told of; a browser without files of its own trains without keeping',
  async (t) => {
    const { url, close } = await serve(folder);
    const context = await browser.newContext();
    context.setDefaultTimeout(0);
    const page = await context.newPage();
    t.teardown(async () => {
      await context.close();
      await close();
    });
    const worker = readFileSync(join(folder, 'worker.js'), 'utf8');
    const body = `Object.defineProperty(navigator, 'storage', { value: undefined });${worker}`;
    await page.route('**/worker.js', (route) => route.fulfill({ contentType: 'text/javascript', body }));
    await page.goto(`${url}/train.html`);
    await loaded(page);
    t.match(
      await page.locator('#kept').textContent(),
      /is not kept .*: a page has files of its own in a browser with/,
    );
    await page.route('**/digits-train.npz', (route) => route.fulfill({ status: 404 }));
    await page.reload();
    await loaded(page);
    t.match(
      await page.evaluate(status),
      /^The training failed\. digits-train\.npz did not come: .* answers 404$/,
    );
  },
);
