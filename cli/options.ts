/**
 * What several commands take alike, and how their help shows examples.
 */
import { type Command, Option } from 'commander';

/** Whether a model's parameters are a file's or made by seed, and what differs from the published config. */
export const modelOptions = (command: Command): Command =>
  command
    .option(
      '--checkpoint <file>',
      'its parameters, in any format that convert reads; published, fetched once; hf:owner/name; digits and words have theirs',
    )
    .option('--offline', 'fetch nothing: take what is in the cache')
    .addOption(new Option('--seed <n>', 'untrained parameters by seed instead').conflicts('checkpoint'))
    .option(
      '--config <file>',
      'JSON with what differs from the published config, or a Hugging Face config.json',
    );

/** The end of a command's help. */
export const examples = (...commands: readonly string[]): string =>
  [
    '',
    commands.length > 1 ? 'Examples:' : 'Example:',
    ...commands.map((line) => `  $ npx renga ${line}`),
  ].join('\n');
