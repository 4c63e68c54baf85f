/**
 * The command line: each command in a file of its own, loaded when it is called. A failure is one clear message and exit
 * status 1; an error of usage has status 2.
 */
import { type Argument, Command, CommanderError } from 'commander';
import { messageOf } from '../lib/files/error.js';
import { takeDescribedPreset } from './describedModel.js';
import { Failure } from './failure.js';
import { reliableConsole } from './print.js';
import { version } from '../lib/data/version.js';

/** An argument as the help shows it. */
const showArgument = (argument: Argument): string => {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
};

const program = new Command('renga')
  .description('Perceiver IO in all its forms: load what JAX trained, run it on real input.')
  .version(version, '-v, --version')
  .configureHelp({
    // Narrow enough for descriptions beside the terms on 80 columns.
    minWidthToWrap: 20,
    subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(showArgument)].join(' '),
  })
  .hook('preAction', (_, command) => takeDescribedPreset(command))
  .exitOverride()
  .showSuggestionAfterError()
  .showHelpAfterError('(renga --help lists the commands)')
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'renga: ')) });

/** Loads what adds a command to the program. */
type Load = () => Promise<(program: Command) => void>;

/** Commands by name, in the order of the help. */
const commands: Readonly<Record<string, Load>> = {
  list: async () => (await import('./commands/list.js')).list,
  describe: async () => (await import('./commands/describe.js')).describe,
  download: async () => (await import('./commands/download.js')).download,
  cache: async () => (await import('./commands/cache.js')).cache,
  summary: async () => (await import('./commands/summary.js')).summarize,
  inspect: async () => (await import('./commands/inspect.js')).inspect,
  export: async () => (await import('./commands/export.js')).exportModel,
  weights: async () => (await import('./commands/weights.js')).weights,
  convert: async () => (await import('./commands/convert.js')).convert,
  init: async () => (await import('./commands/init.js')).init,
  classify: async () => (await import('./commands/classify.js')).classify,
  'fill-mask': async () => (await import('./commands/fillMask.js')).fillMask,
  generate: async () => (await import('./commands/generate.js')).generate,
  flow: async () => (await import('./commands/flow.js')).flow,
  autoencode: async () => (await import('./commands/autoencode.js')).autoencode,
  'audio-tags': async () => (await import('./commands/audioTags.js')).audioTags,
  starcraft: async () => (await import('./commands/starcraft.js')).starcraft,
  train: async () => (await import('./commands/train.js')).train,
  evaluate: async () => (await import('./commands/evaluate.js')).evaluate,
  finetune: async () => (await import('./commands/finetune.js')).finetune,
  plot: async () => (await import('./commands/plot.js')).plot,
  attend: async () => (await import('./commands/attend.js')).attend,
  verify: async () => (await import('./commands/verify.js')).verify,
  docs: async () => (await import('./commands/docs.js')).docs,
  doctor: async () => (await import('./commands/doctor.js')).doctor,
  demo: async () => (await import('./commands/demo.js')).demo,
  completion: async () => (await import('./commands/completion.js')).completion,
};

/** The commands that a call needs: the one that it names, or all, for the help and for suggestions. */
const needed = (called: string | undefined): readonly Load[] => {
  if (called === '-v' || called === '--version') return [];
  const isAlone = called !== undefined && called !== 'completion' && Object.hasOwn(commands, called);
  return isAlone ? [commands[called]] : Object.values(commands);
};

const isHelp = (flag: string): boolean => flag === '-h' || flag === '--help';

/** True where the first word is no command: with --help, Commander would print the general help and call it a success. */
const isUnknown =
  /^[^-]/.test(process.argv[2] ?? '') && ![...Object.keys(commands), 'help'].includes(process.argv[2]);

globalThis.console = reliableConsole();

try {
  for (const load of needed(process.argv[2])) (await load())(program);
  await program.parseAsync(process.argv.filter((each, i) => !(i > 2 && isUnknown && isHelp(each))));
} catch (error) {
  // Commander has printed its own errors of usage, and what --help and --version ask for.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const wantsStack = process.env.RENGA_DEBUG !== undefined && !(error instanceof Failure);
    const stack = error instanceof Error ? error.stack : String(error);
    console.error(`renga: ${wantsStack ? stack : messageOf(error)}`);
    process.exitCode = error instanceof Failure ? error.status : 1;
  }
}
