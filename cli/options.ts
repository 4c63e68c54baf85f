/**
 * Options that several commands share, and the examples at the end of a command's help.
 */
import { type Command, Option } from 'commander';

/** Adds the options that choose a model's config and parameters. */
export const modelOptions = (command: Command): Command =>
  command
    .option(
      '--checkpoint <file>',
      'load parameters from a file, from published (fetched once) or from hf:owner/name; digits and words have their own',
    )
    .option('--offline', 'fetch nothing: use the files of the cache')
    .addOption(new Option('--seed <n>', 'make untrained parameters by seed instead').conflicts('checkpoint'))
    .option(
      '--config <file>',
      'change the published config by a file of JSON, or by a config.json of Hugging Face',
    );

/** Examples for the end of a command's help. */
export const examples = (...commands: readonly string[]): string =>
  [
    '',
    commands.length > 1 ? 'Examples:' : 'Example:',
    ...commands.map((line) => `  $ npx renga ${line}`),
  ].join('\n');
