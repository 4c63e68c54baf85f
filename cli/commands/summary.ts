/** `renga summary`: the cost of a model, module by module. */
import type { Command } from 'commander';
import { type Summary, summary, summaryMarkdown, summaryText } from '../../lib/graph/index.js';
import type { AnyModel } from '../../presets/preset.js';
import { loadModel, type ModelOptions } from '../load.js';
import { terminalWidth } from '../print.js';
import { withProgress } from '../progress.js';
import { examples } from '../options.js';

interface SummaryOptions extends ModelOptions {
  readonly json?: boolean;
  readonly markdown?: boolean;
}

const shown = (summarized: Summary, { json, markdown }: SummaryOptions): string =>
  json
    ? JSON.stringify(summarized, null, 2)
    : markdown
      ? summaryMarkdown(summarized)
      : summaryText(summarized, terminalWidth());

/** Adds `renga summary PRESET`. */
export const summarize = (program: Command): void => {
  program
    .command('summary')
    .argument('<preset>', 'name of a preset, as renga list shows it')
    .description('show shapes, parameters, cost and memory of every module of a preset')
    .option('--config <file>', 'change the published config by a file of JSON')
    .option('--checkpoint <file>', 'take the config of these weights, as renga train and finetune write them')
    .option('--json', 'print JSON')
    .option('--markdown', 'print Markdown')
    .addHelpText('after', examples('summary imagenet-conv'))
    .action(async (name: string, options: SummaryOptions) => {
      const { network, inputs }: AnyModel = await loadModel(name, options);
      const summarized = await withProgress(`counting ${name}`, () => summary(network, inputs));
      console.log(shown(summarized, options));
    });
};
