/** What a model costs, module by module. */
import type { Command } from 'commander';
import { type Summary, summary, summaryMarkdown, summaryText } from '../../lib/graph/index.js';
import type { AnyModel } from '../../presets/preset.js';
import { loadModel, type ModelOptions } from '../load.js';
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
      : summaryText(summarized);

/** `renga summary PRESET`: shapes, parameters, cost and memory of every module. */
export const summarize = (program: Command): void => {
  program
    .command('summary')
    .argument('<preset>', 'its name: renga list has them')
    .description("show every module's shapes, parameters and cost, and the memory that a model needs")
    .option('--config <file>', 'JSON with what differs from the published config')
    .option('--json', 'print JSON')
    .option('--markdown', 'print Markdown')
    .addHelpText('after', examples('summary imagenet-conv'))
    .action(async (name: string, options: SummaryOptions) => {
      const { network, inputs }: AnyModel = await loadModel(name, options);
      console.log(shown(summary(network, inputs), options));
    });
};
