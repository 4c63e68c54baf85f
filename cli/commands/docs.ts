/** `renga docs`: documentation of presets and of a user's own models. */
import { type Command, Option } from 'commander';
import type { Format } from '../../lib/docs/index.js';
import { marker } from '../docs/marker.js';
import type { DocsOptions } from '../docs/writeDocs.js';
import { examples } from '../options.js';

const formatNames: readonly Format[] = ['html', 'markdown', 'json', 'model-card'];

const help = `
A file for --model exports a model of yours, in TypeScript or JavaScript:

  export const model = {
    card: { name: 'forecaster', doc: 'Readings to 4 forecasts.' },
    network: forecaster,                     // a layer
    inputs: [{ shape: [1, 50, 3] }],         // for a batch of one
  };

or one that preset({ … }) made. --out is written whole or not at all. A folder
that is there is replaced if it is empty or holds only what this command wrote,
which ${marker} lists.
`;

/** Adds `renga docs --out DIR`. */
export const docs = (program: Command): void => {
  program
    .command('docs')
    .argument('[presets...]', 'names of presets, as renga list shows them; default: all')
    .description(
      'write the documentation of presets, or of a model of yours: pages, Markdown, JSON, model cards',
    )
    .requiredOption('--out <folder>', 'the folder to write')
    .option('--model <file>', 'document the model that a .ts or .js file exports')
    .addOption(new Option('--format <format>', 'write this format').choices(formatNames).default('html'))
    .option('--config <file>', 'change the published config of one preset by a file of JSON')
    .option('--json', 'print what was written as JSON')
    .addHelpText(
      'after',
      help +
        examples(
          'docs --out site',
          'docs language flow --out docs --format markdown',
          'docs --model forecaster.ts --out site',
          'docs imagenet-fourier --out card --format model-card',
        ),
    )
    .action(async (names: readonly string[], options: DocsOptions) => {
      const { writeDocs } = await import('../docs/writeDocs.js');
      await writeDocs(names, options);
    });
};
