/** `renga fill-mask`: missing bytes of a text. */
import type { Command } from 'commander';
import { showInputError } from '../../lib/data/inputError.js';
import { presetNames } from '../../presets/registry.js';
import { runOrFail } from '../failure.js';
import { type RunOptions, runOptions, withRunner } from '../engine.js';
import { loadModel } from '../load.js';
import { examples, modelOptions } from '../options.js';
import { print } from '../print.js';

const languageModels = presetNames('fill-mask');

/** Adds `renga fill-mask TEXT`. */
export const fillMask = (program: Command): void => {
  const command = program
    .command('fill-mask')
    .argument('<text>', 'a text with a _ for each missing byte')
    .description('fill in missing bytes of a text')
    .option('--preset <name>', languageModels.join(', '), 'words');
  runOptions(modelOptions(command))
    .option('--blank <character>', 'read this character as a missing byte', '_')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'fill-mask "a sm_ll plant"',
        'fill-mask "an incomplete sen_____" --preset language --checkpoint language_perceiver_io_bytes.pickle',
      ),
    )
    .action(async (text: string, options: RunOptions & { preset: string; blank: string; json?: boolean }) => {
      const model = await loadModel(options.preset, options, languageModels);
      const blanks = { text, blank: options.blank };
      const { text: whole, spans } = await withRunner(model, options, (runner) =>
        runOrFail(showInputError, model.run(runner.weights, blanks, { runner })),
      );
      print(options.json, { text: whole, spans }, () => whole);
    });
};
