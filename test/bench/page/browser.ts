/**
 * Engines in pages of a headless Chromium, each in a process of its own, asked as engines in Node are.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { type Contestant, expectAnswer } from '../contestant.js';
import { type EngineSpec, inChromium } from '../engines/index.js';
import { peers } from '../folders.js';
import type { Answer } from '../protocol.js';
import { servePages } from './server.js';

/** What is used of playwright-core, which is installed with the peers. */
interface Page {
  goto(url: string): Promise<unknown>;
  waitForFunction(expression: string, argument?: undefined, options?: { timeout: number }): Promise<unknown>;
  evaluate<R>(expression: string): Promise<R>;
  on(event: 'pageerror', listener: (error: Error) => void): void;
  on(event: 'crash', listener: () => void): void;
}
interface Context {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}
interface Browser {
  newContext(): Promise<Context>;
  version(): string;
  close(): Promise<void>;
}
interface Playwright {
  readonly chromium: {
    launch(options: { executablePath: string; args: readonly string[] }): Promise<Browser>;
  };
}

/** A program's path, looked for where the shell looks. @throws Error when it is nowhere */
const programAt = (name: string): string => {
  const places = [name, ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name))];
  const found = places.find((path) => existsSync(path));
  if (!found) throw new Error(`there is no browser '${name}'`);
  return found;
};

export interface Pages {
  readonly version: string;
  /** Opens a page with an engine. */
  readonly open: (spec: EngineSpec, threads: number) => Promise<Contestant>;
  readonly close: () => Promise<void>;
}

/** A page's life as a promise that only ever fails. */
const endOf = (page: Page): Promise<never> =>
  new Promise((_, reject) => {
    page.on('pageerror', (error) => reject(new Error(`its page failed: ${error.message}`)));
    page.on('crash', () => reject(new Error('its page crashed')));
  });

/** @param name  Chromium's program */
export const openBrowser = async (name: string): Promise<Pages> => {
  const { chromium } = createRequire(join(peers, 'package.json'))('playwright-core') as Playwright;
  const { url, server } = await servePages();
  const browser = await chromium.launch({
    executablePath: programAt(name),
    args: ['--no-sandbox', '--enable-blink-features=ForceEagerMeasureMemory'],
  });
  return {
    version: browser.version(),
    open: async (spec, threads) => {
      const context = await browser.newContext();
      const page = await context.newPage();
      const end = endOf(page);
      end.catch(() => undefined);
      const opened = page
        .goto(`${url}/page/${spec.name}`)
        .then(() => page.waitForFunction('globalThis.bench !== undefined', undefined, { timeout: 60_000 }));
      return {
        name: inChromium(spec.name),
        threads,
        ask: async (request, expected) => {
          await Promise.race([opened, end]);
          const answer = page.evaluate<Answer>(`bench(${JSON.stringify(request)})`);
          return expectAnswer(await Promise.race([answer, end]), expected);
        },
        end: () => void context.close().catch(() => undefined),
      };
    },
    close: async () => {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
