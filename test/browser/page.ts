/** A page that is open in the browser, and all that went wrong in it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { root } from '../project.js';

export interface OpenPage {
  readonly page: Page;
  /** Errors and warnings on the console, errors nobody caught, requests that failed; since the last call. */
  readonly takeProblems: () => readonly string[];
  readonly close: () => Promise<void>;
}

/** Chromium's own remark where a page asks whether there is a graphics processor, and there is none. */
const noAdapter = 'No available adapters.';

/** Opens an address in a context of its own. */
export const openPage = async (
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> => {
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, ...options });
  // A slow machine is no fault: what never comes is ended with the file, by the runner.
  context.setDefaultTimeout(0);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.text() === noAdapter) return;
    if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`not caught: ${error.message}`));
  page.on('requestfailed', (request) =>
    problems.push(`request: ${request.url()} ${request.failure()?.errorText ?? ''}`),
  );
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`response: ${response.url()} ${response.status()}`);
  });
  await page.goto(url);
  return { page, takeProblems: () => problems.splice(0), close: () => context.close() };
};

/** The folder for pictures of pages, for people to look at. */
const screenshots = join(root, 'screenshots');

/** Puts a picture of the whole page there if `SCREENSHOTS` is set in the environment. @param name  without its ending */
export const takeScreenshot = async (page: Page, name: string): Promise<void> => {
  if (!process.env.SCREENSHOTS) return;
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
};
