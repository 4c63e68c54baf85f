/** `renga plot`: the curves of a run as a picture. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { damagedLines, plotRun } from '../../lib/train/plotRun.js';
import { counted } from '../../lib/data/quantities.js';
import { showInputError } from '../../lib/data/inputError.js';
import { readBytes, writeBytes } from '../../lib/files/bytes.js';
import { Failure, runOrFail } from '../failure.js';
import { examples } from '../options.js';
import { expectEnding } from '../outputs.js';
import { outputPath } from '../paths.js';
import { print } from '../print.js';

interface PlotOptions {
  readonly out?: string;
}

/** Adds `renga plot RUN`. */
export const plot = (program: Command): void => {
  program
    .command('plot')
    .argument('<run>', "a run's folder, or its log.jsonl")
    .description('draw loss, evaluations and learning rate of a run as SVG')
    .option('--out <file>', 'write the picture to this file; default: curves.svg beside the log')
    .addHelpText('after', examples('plot runs/digits', 'plot runs/digits --out digits.svg'))
    .action(async (run: string, options: PlotOptions) => {
      if (options.out !== undefined) expectEnding('--out', options.out, '.svg');
      const isFolder = await stat(run).then(
        (found) => found.isDirectory(),
        () => true,
      );
      const log = isFolder ? join(run, 'log.jsonl') : run;
      const text = new TextDecoder().decode(await runOrFail(showInputError, readBytes(log)));
      const svg = plotRun(text);
      if (svg === undefined)
        throw new Failure(
          `${log}: found ${text.trim() === '' ? 'an empty file' : 'no step and no evaluation'}, expected lines of a run's events`,
        );
      const damaged = damagedLines(text);
      if (damaged.length > 0)
        console.error(
          `renga: ${log}: left out ${counted(damaged.length, 'damaged line')}, the first at line ${damaged[0]}`,
        );
      const path = outputPath(options.out ?? join(log, '..', 'curves.svg'));
      const bytes = new TextEncoder().encode(svg);
      await runOrFail(showInputError, writeBytes(path, bytes));
      print(false, undefined, () => path);
    });
};
