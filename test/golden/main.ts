/** The command `npm run goldens -- DIR [--only modules,presets] [--verbose]`. */
import { Command } from 'commander';
import { engine } from '../../lib/engine/index.js';
import { runGoldens } from './run.js';

interface Flags {
  readonly only?: string;
  readonly verbose?: boolean;
}

const main = async (directory: string, { only, verbose }: Flags): Promise<void> => {
  await engine();
  const names = only?.split(',').filter((name) => name !== '');
  const print = (line: string) => console.log(line);
  const { passed, failed, notRun } = await runGoldens(directory, { only: names, isVerbose: verbose, print });
  print(`${passed} passed, ${failed} failed${notRun > 0 ? `, ${notRun} not run` : ''}`);
  if (failed > 0) process.exitCode = 1;
};

await new Command('goldens')
  .description('compares this library with what the original computes')
  .argument('<directory>', 'a directory laid out as the goldens are, or one of its folders')
  .option('--only <folders>', 'folders to run, separated by commas')
  .option('--verbose', 'a line for every case')
  .action((directory: string, flags: Flags) =>
    main(directory, flags).catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    }),
  )
  .parseAsync();
