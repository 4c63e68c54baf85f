/**
 * Options that several commands share, and the examples at the end of a command's help.
 */
import { type Command, Option } from 'commander';
import { UsageError } from './failure.js';

/** Adds the options that choose a model's config and parameters. */
export const modelOptions = (command: Command): Command =>
  command
    .option(
      '--checkpoint <file>',
      'load parameters from a file, from published (fetched once) or from hf:owner/name; digits, words, motion and digit-tones have their own',
    )
    .option('--offline', 'fetch nothing: use the files of the cache')
    .addOption(new Option('--seed <n>', 'make untrained parameters by seed instead').conflicts('checkpoint'))
    .option(
      '--config <file>',
      'change the published config by a file of JSON, or by a config.json of Hugging Face',
    );

/** A command line over several lines of at most a width, each but the last with a backslash at its end. */
const foldedAt = (width: number, command: string): string => {
  const lines = [''];
  for (const word of command.split(/ (?=--|<)/)) {
    const last = lines[lines.length - 1];
    const longer = last === '' ? word : `${last} ${word}`;
    if (last === '' || longer.length <= width - 2) lines[lines.length - 1] = longer;
    else lines.push(`      ${word}`);
  }
  return lines.join(' \\\n');
};

/** Examples for the end of a command's help. */
export const examples = (...commands: readonly string[]): string =>
  [
    '',
    commands.length > 1 ? 'Examples:' : 'Example:',
    ...commands.map((line) => foldedAt(80, `  $ npx renga ${line}`)),
  ].join('\n');

/** A whole number from a flag. */
export const wholeNumber = (flag: string, text: string, least = -Infinity): number => {
  const isWhole = /^-?\d{1,15}$/.test(text) && Number(text) >= least;
  if (!isWhole)
    throw new UsageError(
      `${flag} is '${text}', expected a whole number${least > -Infinity ? ` from ${least}` : ''}`,
    );
  return Number(text);
};

/** Adds the option that names the rate of folders of pictures. */
export const folderRateOption = (command: Command): Command =>
  command.option(
    '--fps <n>',
    'take folders of pictures as this number of frames a second; films and GIFs have a rate of their own',
    '25',
  );

/** The rate of folders of pictures from the flag. */
export const folderRateOf = ({ fps }: { readonly fps: string }): number => {
  const rate = Number(fps);
  if (!(rate > 0 && rate <= 1000))
    throw new UsageError(`--fps is '${fps}', expected a number of frames a second, above 0 and at most 1000`);
  return rate;
};
