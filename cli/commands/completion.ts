/** `renga completion`: scripts that let a shell complete commands, options, presets and files. */
import { Argument, type Command, type Option } from 'commander';
import { bash, fish, type Shown, zsh } from '../completion.js';
import { presetNames } from '../../presets/registry.js';
import { examples } from '../options.js';

const shells = { bash, zsh, fish };

/** The values of an option: its choices, or names of presets. */
const valuesOf = ({
  argChoices,
  long,
  description,
  required,
}: Option): Shown['options'][number]['values'] => {
  if (argChoices) return argChoices;
  if (long === '--preset')
    return description.split(', ').filter((name) => presetNames().includes(name as never));
  return required ? 'file' : undefined;
};

/** A command as completion needs it. */
const shownOf = (command: Command): Shown => {
  const [first] = command.registeredArguments;
  return {
    name: command.name(),
    doc: command.description(),
    options: [
      ...command.options.map((option) => ({
        flag: option.long ?? option.short ?? '',
        doc: option.description,
        values: valuesOf(option),
      })),
      { flag: '--help', doc: 'show the help of this command', values: undefined },
    ],
    values:
      first?.name() === 'preset' || first?.name() === 'presets' ? presetNames() : (first?.argChoices ?? []),
  };
};

/** Adds `renga completion SHELL`. */
export const completion = (program: Command): void => {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'the shell that is to complete').choices(Object.keys(shells)))
    .description('print a script that lets a shell complete commands, options and presets')
    .addHelpText(
      'after',
      `
To have it in every session:

  bash   echo 'source <(npx renga completion bash)' >> ~/.bashrc
  zsh    echo 'source <(npx renga completion zsh)' >> ~/.zshrc
  fish   npx renga completion fish > ~/.config/fish/completions/renga.fish
` + examples('completion bash'),
    )
    .action((shell: keyof typeof shells) => {
      console.log(shells[shell](program.commands.map(shownOf)));
    });
};
