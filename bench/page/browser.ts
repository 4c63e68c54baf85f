/**
 * Engines in pages of a headless Chromium, each in a process of its own, asked as engines in Node are.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { type Contestant, expectAnswer } from '../contestant.js';
import { type EngineSpec, inChromium } from '../engines/index.js';
import { peers } from '../folders.js';
import { peakBytes, residentBytes } from '../memory.js';
import type { Answer } from '../protocol.js';
import { servePages } from './server.js';

/** The used part of playwright-core, which is installed with the peers. */
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
/** Chromium's own protocol. */
interface Protocol {
  send(method: 'SystemInfo.getProcessInfo'): Promise<{
    readonly processInfo: readonly { readonly type: string; readonly id: number }[];
  }>;
}
interface Browser {
  newContext(): Promise<Context>;
  newBrowserCDPSession(): Promise<Protocol>;
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

const renderersOf = async (protocol: Protocol): Promise<readonly number[]> => {
  const { processInfo } = await protocol.send('SystemInfo.getProcessInfo');
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
};

/** A page's answers, with the memory of its process. */
const withMemory = (answer: Answer, renderer: number | undefined, idleBytes: number | null): Answer => {
  if (answer.kind === 'prepared') return { ...answer, idleBytes };
  if (answer.kind !== 'measured' || renderer === undefined) return answer;
  return { ...answer, peakBytes: peakBytes(renderer) };
};

/** Opens a page in a process of its own; which one it is follows from those that there were before. */
const openPage = async (browser: Browser, protocol: Protocol, url: string) => {
  const before = await renderersOf(protocol);
  const context = await browser.newContext();
  const page = await context.newPage();
  const end = endOf(page);
  end.catch(() => undefined);
  const opened = page
    .goto(url)
    .then(() => page.waitForFunction('globalThis.bench !== undefined', undefined, { timeout: 60_000 }));
  await Promise.race([opened, end]);
  const renderer = (await renderersOf(protocol)).find((id) => !before.includes(id));
  return { context, page, end, renderer };
};

const contestantIn = (
  { context, page, end, renderer }: Awaited<ReturnType<typeof openPage>>,
  spec: EngineSpec,
  threads: number,
): Contestant => {
  const idleBytes = renderer === undefined ? null : residentBytes(renderer);
  return {
    name: inChromium(spec.name),
    threads,
    ask: async (request, expected) => {
      const asked = page.evaluate<Answer>(`bench(${JSON.stringify(request)})`);
      const answer = await Promise.race([asked, end]);
      return expectAnswer(withMemory(answer, renderer, idleBytes), expected);
    },
    end: () => void context.close().catch(() => undefined),
  };
};

/** @param name  Chromium's program */
export const openBrowser = async (name: string): Promise<Pages> => {
  const { chromium } = createRequire(join(peers, 'package.json'))('playwright-core') as Playwright;
  const { url, server } = await servePages();
  const browser = await chromium.launch({
    executablePath: programAt(name),
    // No process in reserve: a page's is the one that comes with it.
    args: ['--no-sandbox', '--disable-features=SpareRendererForSitePerProcess'],
  });
  const protocol = await browser.newBrowserCDPSession();
  return {
    version: browser.version(),
    open: async (spec, threads) =>
      contestantIn(await openPage(browser, protocol, `${url}/page/${spec.name}`), spec, threads),
    close: async () => {
      await browser.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
