/** The page that runs, in a browser: loaded under a strict policy, drawn on, typed in, by mouse and by keyboard. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { buildTry } from '../../site/try/build.js';
import type { Examples } from '../../site/try/files.js';
import type { Stroke } from '../../site/try/strokes.js';
import { seriousViolations } from './axe.js';
import { openBrowser } from './browser.js';
import { checkPage } from './checkPage.js';
import { openPage, takeScreenshot } from './page.js';
import { serve } from './serve.js';
import { glyphs } from '../site/try/glyphs.js';

const mostBytes = 4e6;

const folder = mkdtempSync(join(tmpdir(), 'renga-try-'));
await buildTry(folder);
const { digits } = JSON.parse(readFileSync(join(folder, 'examples.json'), 'utf8')) as Examples;
const browser = await openBrowser();
t.teardown(() => browser.close());

const isReady = (page: Page) => page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));

/** Opens the page, served anew. */
const open = async (t: Test, options: { isIsolated?: boolean; colorScheme?: 'dark' } = {}) => {
  const { isIsolated, ...context } = options;
  const served = await serve(folder, { isIsolated });
  const opened = await openPage(browser, `${served.url}/`, context);
  t.teardown(async () => {
    await opened.close();
    await served.close();
  });
  await isReady(opened.page);
  return { ...opened, served };
};

const verdict = async (page: Page): Promise<number> => {
  await isReady(page);
  const text = (await page.locator('#digit').textContent()) ?? '';
  return Number(/(?:A|Perhaps a) (\d),/.exec(text)?.[1] ?? NaN);
};

/** Draws with the mouse what is given in a square of side 1. */
const draw = async (page: Page, strokes: readonly Stroke[]): Promise<void> => {
  await page.locator('#clear').click();
  const {
    x: left,
    y: top,
    width,
  } = await page.locator('#pad').evaluate((pad) => {
    const { x, y, width } = pad.getBoundingClientRect();
    return { x, y, width };
  });
  for (const [first, ...rest] of strokes) {
    await page.mouse.move(left + first.x * width, top + first.y * width);
    await page.mouse.down();
    for (const { x, y } of rest) await page.mouse.move(left + x * width, top + y * width);
    await page.mouse.up();
  }
};

/** A picture [8, 8] drawn row by row: a stroke for each run of pixels that are more than half ink. */
const scanned = (sixteenths: readonly number[]): readonly Stroke[] =>
  Array.from({ length: 8 }, (_, row) => {
    const ink = sixteenths.slice(row * 8, (row + 1) * 8).map((value) => (value >= 8 ? '#' : ' '));
    return [...ink.join('').matchAll(/#+/g)].map(({ index, 0: run }) =>
      [index, index + run.length - 1].map((column) => ({ x: (column + 0.5) / 8, y: (row + 0.5) / 8 })),
    );
  }).flat();

t.test('it loads under a strict policy, within four megabytes, and is well made', async (t) => {
  const { served, ...opened } = await open(t);
  const bytes = served.takeCompressedBytes();
  t.ok(bytes > 1e6 && bytes < mostBytes, `${bytes} bytes`);
  t.match(await opened.page.locator('#try-status').textContent(), /^Ready\./);
  t.match(await opened.page.locator('#runs-on').textContent(), /^Runs on: WebAssembly, 1 thread\./);
  t.equal(await opened.page.locator('#try-serve').count(), 0);
  await checkPage(t, opened, 'try');
});

t.test('it is as accessible in the dark', async (t) => {
  const { page } = await open(t, { colorScheme: 'dark' });
  t.same(await seriousViolations(page), []);
  await takeScreenshot(page, 'try-dark');
});

t.test('it runs where memory could be shared, and makes no threads that the policy forbids', async (t) => {
  const { page, takeProblems } = await open(t, { isIsolated: true });
  t.equal(await page.evaluate(() => crossOriginIsolated), true);
  t.match(await page.locator('#runs-on').textContent(), /^Runs on: WebAssembly, 1 thread\./);
  t.same(takeProblems(), []);
});

t.test('digits are taken for what they are', async (t) => {
  const { page, takeProblems } = await open(t);

  await t.test('on buttons', async (t) => {
    for (const { label } of digits) {
      await page.getByRole('button', { name: `a held-out ${label}`, exact: true }).click();
      t.equal(await verdict(page), label);
      const values = await page.locator('#bars .value').allTextContents();
      t.equal(values.length, 10);
    }
  });

  await t.test('drawn as a pen draws them', async (t) => {
    for (const [digit, strokes] of glyphs.entries()) {
      await draw(page, strokes);
      t.equal(await verdict(page), digit);
    }
    await takeScreenshot(page, 'try-drawn');
  });

  await t.test('drawn as held-out people drew them, most of them', async (t) => {
    const found = [];
    for (const { sixteenths } of digits) {
      await draw(page, scanned(sixteenths));
      found.push(await verdict(page));
    }
    const right = found.filter((digit, i) => digit === digits[i].label).length;
    t.ok(right >= 8, `${right} of 10: ${found.join(' ')}`);
  });

  t.same(takeProblems(), []);
});

t.test('a drawing can be undone and cleared', async (t) => {
  const { page } = await open(t);
  const example = await page.locator('#bars').textContent();
  await page.locator('#undo').click();
  t.equal(await page.locator('#bars').textContent(), example, 'an example has no strokes to take away');
  await draw(page, glyphs[4]);
  const whole = await page.locator('#bars').textContent();
  await page.locator('#undo').click();
  t.not(await page.locator('#bars').textContent(), whole);
  await page.locator('#undo').click();
  t.equal(await page.locator('#digit').textContent(), 'Nothing is drawn yet.');
});

t.test('where it looks is shown for all latents, for one, or not', async (t) => {
  const { page } = await open(t);
  const looks = () =>
    page
      .locator('#grid .pixel')
      .evaluateAll((pixels) =>
        pixels.map((pixel) => (pixel as HTMLElement).style.getPropertyValue('--look')),
      );
  const all = await looks();
  t.equal(all.length, 64);
  t.ok(all.includes('1.0000') && all.includes('0.0000'), 'from the least to the most');
  t.equal(await page.getByRole('radio').count(), 25);
  await page.getByRole('radio', { name: 'latent 16', exact: true }).check();
  t.notSame(await looks(), all);
  await page.getByRole('checkbox').uncheck();
  t.same(await looks(), Array(64).fill('0.0000'));
});

t.test('a digit can be set by keyboard alone', async (t) => {
  const { page } = await open(t);
  await page.locator('#clear').press('Enter');
  await page.keyboard.press('Tab');
  t.equal(await page.evaluate(() => document.activeElement?.getAttribute('role')), 'gridcell');
  const { sixteenths } = digits[0];
  for (const [i, value] of sixteenths.entries()) {
    if (i > 0 && i % 8 === 0) {
      await page.keyboard.press('ArrowDown');
      for (let column = 0; column < 7; column++) await page.keyboard.press('ArrowLeft');
    } else if (i > 0) await page.keyboard.press('ArrowRight');
    for (let shade = 0; shade < Math.round(value / 4); shade++) await page.keyboard.press('+');
  }
  t.equal(await verdict(page), 0);
  t.match(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), /row 8, column 8/);
});

t.test('missing letters are filled in', async (t) => {
  const { page, takeProblems } = await open(t);
  const [filled, cards] = [page.locator('#filled'), page.locator('#blanks > li')];
  t.equal(await filled.textContent(), 'Filled in: a small plant with yellow flowers. 2 of 2 as typed.');

  await page.getByRole('button', { name: /^high-hat/ }).click();
  t.match(
    await filled.textContent(),
    /^Filled in: high-hat cymbal: .* that are operated by a foot pedal\. \d of 6 as typed/,
  );
  t.equal(await cards.count(), 6);
  t.match(await cards.first().textContent(), /^l \d+\s%\s*as typed/);
  t.equal(await cards.first().locator('.bar').count(), 5);
  await takeScreenshot(page, 'try-words');

  await t.test('a letter that is clicked', async (t) => {
    await page.locator('#blank-none').click();
    t.equal(await filled.textContent(), 'No letter is blank yet.');
    await page.locator('#letters .letter').nth(19).click(); // th[a]t
    t.equal(await cards.count(), 1);
    t.match(await page.locator('#letters .is-blank').getAttribute('aria-label'), /: filled in, \d+\s% sure/);
  });

  await t.test('one chosen by keyboard', async (t) => {
    await page.locator('#sentence').fill('a violent storm at sea');
    t.equal(await page.locator('#sentence-count').textContent(), '22 of 64 bytes');
    await page.locator('#letters .letter').first().focus();
    for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    t.match(await filled.textContent(), 'Filled in: a violent storm at sea. 1 of 1 as typed.');
    await page.keyboard.press('Space');
    t.equal(await filled.textContent(), 'No letter is blank yet.', 'focus stayed where it was');
  });

  await t.test('an underscore that is typed', async (t) => {
    await page.locator('#sentence').fill('a violent storm at s_a');
    t.equal(await filled.textContent(), 'Filled in: a violent storm at sea.');
  });

  await t.test('some at random', async (t) => {
    await page.locator('#blank-some').click();
    t.ok((await cards.count()) >= 3);
  });

  t.same(takeProblems(), []);
});

t.test('a text that is too long is told of, and not asked about', async (t) => {
  const { page } = await open(t);
  await page.locator('#sentence').fill(`${'long '.repeat(13)}_`);
  t.equal(await page.locator('#filled').textContent(), '66 bytes: the model takes 64 at most.');
  t.equal(await page.locator('#sentence').getAttribute('aria-invalid'), 'true');
  t.equal(await page.locator('#blanks > li').count(), 0);
});

t.test('what does not come is told of', async (t) => {
  const served = await serve(folder);
  const context = await browser.newContext();
  context.setDefaultTimeout(0);
  const page = await context.newPage();
  t.teardown(async () => {
    await context.close();
    await served.close();
  });
  await page.route('**/digits.pystate', (route) => route.fulfill({ status: 404 }));
  await page.goto(`${served.url}/`);
  await isReady(page);
  t.equal(
    await page.locator('#try-status').textContent(),
    'The models did not start. digits.pystate did not come: the server answers 404',
  );
});

t.test('without a server it says that it needs one', async (t) => {
  const { page, close } = await openPage(browser, pathToFileURL(join(folder, 'index.html')).href);
  t.teardown(close);
  const note = page.locator('#try-serve');
  await note.waitFor({ state: 'visible' });
  t.match(await note.textContent(), 'npx http-server');
  await takeScreenshot(page, 'try-file');
});
