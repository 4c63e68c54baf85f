import type { Command } from 'commander';
import { type InputError, showInputError } from '../../presets/preset.js';
import type { FilledText } from '../../presets/language/fillMask.js';
import { runOrFail } from '../failure.js';
import { loadModel, loadWeights, type ModelOptions, startEngine } from '../load.js';
import { print } from '../print.js';

/** `renga fill-mask TEXT`: missing bytes of a text. */
export const fillMask = (program: Command): void => {
  program
    .command('fill-mask')
    .argument('<text>', 'a text with a _ for each missing byte')
    .description('fill in missing bytes of a text')
    .option('--preset <name>', 'language or words', 'words')
    .option('--checkpoint <file>', 'its parameters; those that come with the package if not given')
    .option('--seed <n>', 'untrained parameters by seed instead')
    .option('--config <file>', 'JSON with what differs from the published config')
    .option('--blank <character>', 'what stands for a missing byte', '_')
    .option('--json', 'print JSON')
    .action(
      async (text: string, options: ModelOptions & { preset: string; blank: string; json?: boolean }) => {
        const model = await loadModel(options.preset, options, ['language', 'words']);
        await startEngine();
        const weights = await loadWeights(model, options);
        const filled = await runOrFail<InputError, FilledText>(
          showInputError,
          model.run(weights, { text, blank: options.blank }),
        );
        print(options.json, filled, () => filled.text);
      },
    );
};
