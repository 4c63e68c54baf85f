/** The command `npm run bench`. */
import { Command } from 'commander';
import { engines } from './engines/index.js';
import { makeReady } from './install.js';
import { measure } from './measure.js';
import { works } from './works/index.js';

interface Flags {
  readonly only?: string;
  readonly engines?: string;
}

const main = async (flags: Flags): Promise<void> => {
  const chosen = works.filter(({ name }) => !flags.only || new RegExp(flags.only).test(name));
  const names = flags.engines?.split(',');
  const compared = engines.filter(({ name }) => !names || names.includes(name));
  await makeReady(compared);
  for (const work of chosen) {
    const { rows, refusals } = await measure(work, compared, { rounds: 3, turn: 0.1, budget: 60 }, (what) =>
      console.error(what),
    );
    console.log(rows, refusals);
  }
};

await new Command('bench')
  .option('--only <regex>')
  .option('--engines <names>')
  .action((flags: Flags) =>
    main(flags).catch((error: unknown) => {
      console.error(error instanceof Error ? error.stack : error);
      process.exitCode = 1;
    }),
  )
  .parseAsync();
