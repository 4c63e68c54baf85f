/** The command `npm run goldens -- DIR [--only modules,presets] [--backend webgpu] [--verbose]`. */
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { type Backend, engine } from '../../lib/engine/index.js';
import { openGpuPage } from '../gpu/page.js';
import { type RunOptions, runGoldens, type Totals } from './run.js';

interface Flags {
  readonly only?: string;
  readonly backend: Backend;
  readonly verbose?: boolean;
}

const print = (line: string): void => console.log(line);

type Options = Omit<RunOptions, 'print'>;

const here = async (backend: Backend, directory: string, options: Options): Promise<Totals> => {
  await engine({ backend });
  return runGoldens(directory, { ...options, print });
};

/** The name that stands among folders for the comparison of all layers with the processor. */
const allLayers = 'layers';

/**
 * Runs them in a page of Chromium, and compares every layer and its gradient with the processor's.
 * @throws Error where the backend does not start there
 */
const inPage = async (backend: Backend, directory: string, options: Options): Promise<Totals> => {
  const page = await openGpuPage(print);
  try {
    const started = await page.call('start', backend);
    if (typeof started === 'string') throw new Error(started);
    print(`${backend} in Chromium, by ${started.adapter}`);
    const { only } = options;
    const folders = only?.filter((name) => name !== allLayers);
    const totals =
      folders?.length === 0
        ? { passed: 0, failed: 0, notRun: 0 }
        : await page.call('goldens', resolve(directory), { ...options, only: folders });
    if (only?.includes(allLayers) === false) return totals;
    const { count, failed } = await page.call('layers', backend);
    failed.forEach((line) => print(`failed ${allLayers}/${line}`));
    return {
      ...totals,
      passed: totals.passed + count - failed.length,
      failed: totals.failed + failed.length,
    };
  } finally {
    await page.close();
  }
};

const main = async (directory: string, { only, backend, verbose }: Flags): Promise<void> => {
  const options = { only: only?.split(',').filter((name) => name !== ''), isVerbose: verbose };
  const run = backend === 'webgpu' || backend === 'webgl' ? inPage : here;
  const { passed, failed, notRun } = await run(backend, directory, options);
  print(`${passed} passed, ${failed} failed${notRun > 0 ? `, ${notRun} not run` : ''}`);
  if (failed > 0) process.exitCode = 1;
};

await new Command('goldens')
  .description('compares this library with what the original computes')
  .argument('<directory>', 'a directory laid out as the goldens are, or one of its folders')
  .option(
    '--only <folders>',
    'folders to run, separated by commas; layers, in a page, for every layer beside the processor',
  )
  .addOption(
    new Option('--backend <backend>', 'the backend that computes; webgpu and webgl in a page of Chromium')
      .choices(['wasm', 'cpu', 'webgpu', 'webgl'])
      .default('wasm'),
  )
  .option('--verbose', 'a line for every case')
  .action((directory: string, flags: Flags) =>
    main(directory, flags).catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    }),
  )
  .parseAsync();
