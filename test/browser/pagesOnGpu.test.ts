/**
 * The pages that run, in a browser whose WebGPU is in software: they take WebAssembly until WebGPU is asked for, and give
 * the same answer on both.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import { buildTry } from '../../site/try/build.js';
import { softwareAdapters } from '../gpu/page.js';
import { openBrowser } from './browser.js';
import { openPage } from './page.js';
import { serve } from './serve.js';

const waiting = { polling: 50 };

const folder = mkdtempSync(join(tmpdir(), 'renga-gpu-'));
await buildTry(folder);
const browser = await openBrowser(softwareAdapters);
t.teardown(() => browser.close());
const { url, close } = await serve(folder);
t.teardown(close);

/** Resolves when the digits model has answered. */
const loaded = (page: Page) =>
  page.waitForFunction(
    () => document.getElementById('digits')?.getAttribute('aria-busy') === 'false',
    undefined,
    waiting,
  );

/** The reason for one thread, as the page says it. */
const notIsolated = ', since the page is not cross-origin isolated';

const text = (page: Page, id: string) => page.locator(`#${id}`).textContent();

/** Resolves when the text of an element fits a pattern. */
const becomes = (page: Page, id: string, { source }: RegExp) =>
  page.waitForFunction(
    ([id, source]) => new RegExp(source).test(document.getElementById(id)?.textContent ?? ''),
    [id, source],
    waiting,
  );

/** The answer to a picture, with the number of maps of attention. */
const answer = async (page: Page) => {
  await page.getByRole('button', { name: 'a held-out 7', exact: true }).click();
  await becomes(page, 'digit', /A 7, /);
  return { digit: await text(page, 'digit'), looks: await page.locator('#latents label').count() };
};

t.test('an adapter in software is not chosen; asked for, it gives the same answer', async (t) => {
  const { page, takeProblems } = await openPage(browser, `${url}/`);
  await loaded(page);
  t.equal(await text(page, 'runs-on'), 'Runs on: WebAssembly, 1 thread. Run it on WebGPU');
  const before = await answer(page);
  await page.getByRole('link', { name: 'Run it on WebGPU' }).click();
  await becomes(page, 'runs-on', /WebGPU \(/);
  await loaded(page);
  t.match(await text(page, 'runs-on'), /^Runs on: WebGPU \(.*swiftshader.*\)\. Run it on WebAssembly$/i);
  t.same(await answer(page), before);
  t.same(takeProblems(), []);
});

t.test(
  'the page that trains takes WebAssembly there, measures nothing, and can be asked for WebGPU',
  async (t) => {
    const { page, takeProblems } = await openPage(browser, `${url}/train.html`);
    await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'), undefined, waiting);
    t.equal(await text(page, 'runs-on'), `Runs on: WebAssembly, 1 thread${notIsolated}. Run it on WebGPU`);
    await page.getByRole('link', { name: 'Run it on WebGPU' }).click();
    await becomes(page, 'runs-on', /WebGPU \(.*[Ss]wift[Ss]hader.*\)\. Run it on WebAssembly$/);
    t.same(takeProblems(), []);
  },
);

t.test('where WebGPU cannot run, the page says why and runs in WebAssembly', async (t) => {
  const without = await openBrowser(['--disable-gpu']);
  t.teardown(() => without.close());
  const { page } = await openPage(without, `${url}/?backend=webgpu`);
  await loaded(page);
  t.match(
    await text(page, 'runs-on'),
    /^Runs on: WebAssembly, 1 thread \(engine: backend 'webgpu' cannot run: /,
  );
  t.same((await answer(page)).digit?.slice(0, 4), 'A 7,');
});
