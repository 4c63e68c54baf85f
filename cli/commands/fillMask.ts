/** Missing bytes of a text. */
import type { Command } from 'commander';
import { type InputError, showInputError } from '../../lib/data/inputError.js';
import type { FilledText } from '../../presets/language/fillMask.js';
import { runOrFail } from '../failure.js';
import { type RunOptions, runOptions, withWeights } from '../engine.js';
import { loadModel } from '../load.js';
import { examples, modelOptions } from '../options.js';
import { print } from '../print.js';

/** `renga fill-mask TEXT`: missing bytes of a text. */
export const fillMask = (program: Command): void => {
  const command = program
    .command('fill-mask')
    .argument('<text>', 'a text with a _ for each missing byte')
    .description('fill in missing bytes of a text')
    .option('--preset <name>', 'language or words', 'words');
  runOptions(modelOptions(command))
    .option('--blank <character>', 'what stands for a missing byte', '_')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'fill-mask "a sm_ll plant"',
        'fill-mask "an incomplete sen_____" --preset language --checkpoint language_perceiver_io_bytes.pickle',
      ),
    )
    .action(async (text: string, options: RunOptions & { preset: string; blank: string; json?: boolean }) => {
      const model = await loadModel(options.preset, options, ['language', 'words']);
      const { text: whole, spans } = await withWeights(model, options, (weights) =>
        runOrFail<InputError, FilledText>(showInputError, model.run(weights, { text, blank: options.blank })),
      );
      print(options.json, { text: whole, spans }, () => whole);
    });
};
