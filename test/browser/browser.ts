/** The browser of the tests: Chromium as the system has it, without a window. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/**
 * Chromium's program: what CHROMIUM names, or what is found where the shell looks, or in one of `others`.
 * @throws Error that says how it is installed
 */
export const findChromium = (environment: NodeJS.ProcessEnv = process.env, others = ['/usr/bin']): string => {
  const asked = environment.CHROMIUM;
  if (asked) {
    if (isProgram(asked)) return asked;
    throw new Error(`CHROMIUM is ${asked}, where there is no program`);
  }
  const folders = [...(environment.PATH ?? '').split(delimiter), ...others];
  const found = names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((path) => isProgram(path));
  if (found) return found;
  throw new Error(
    'the pages are tested in Chromium, which is not here: `apt-get install chromium` installs it, and CHROMIUM says where it is if it is elsewhere',
  );
};

/**
 * Starts it; the sandbox needs rights that containers have not, and the pages are our own.
 * @param switches  more switches of Chromium's
 */
export const openBrowser = (switches: readonly string[] = []): Promise<Browser> =>
  chromium.launch({ executablePath: findChromium(), timeout: 0, args: ['--no-sandbox', ...switches] });
