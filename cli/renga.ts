#!/usr/bin/env node
/**
 * The command line: each command in a file of its own. A failure is one clear message and exit status 1; an error of
 * usage has status 2.
 */
import { Command, CommanderError } from 'commander';
import { attend } from './commands/attend.js';
import { autoencode } from './commands/autoencode.js';
import { cache } from './commands/cache.js';
import { classify } from './commands/classify.js';
import { convert } from './commands/convert.js';
import { demo } from './commands/demo.js';
import { describe } from './commands/describe.js';
import { docs } from './commands/docs.js';
import { doctor } from './commands/doctor.js';
import { download } from './commands/download.js';
import { exportModel } from './commands/export.js';
import { fillMask } from './commands/fillMask.js';
import { evaluate } from './commands/evaluate.js';
import { finetune } from './commands/finetune.js';
import { flow } from './commands/flow.js';
import { generate } from './commands/generate.js';
import { init } from './commands/init.js';
import { inspect } from './commands/inspect.js';
import { list } from './commands/list.js';
import { plot } from './commands/plot.js';
import { starcraft } from './commands/starcraft.js';
import { summarize } from './commands/summary.js';
import { train } from './commands/train.js';
import { verify } from './commands/verify.js';
import { Failure } from './failure.js';
import { reliableConsole } from './print.js';
import { version } from '../lib/data/version.js';

const program = new Command('renga')
  .description('Perceiver IO in all its forms: load what JAX trained, run it on real input.')
  .version(version)
  .exitOverride()
  .showSuggestionAfterError()
  .showHelpAfterError('(renga --help lists the commands)')
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'renga: ')) });

for (const command of [
  list,
  describe,
  download,
  cache,
  summarize,
  inspect,
  exportModel,
  convert,
  init,
  classify,
  fillMask,
  generate,
  flow,
  autoencode,
  starcraft,
  train,
  evaluate,
  finetune,
  plot,
  attend,
  verify,
  docs,
  doctor,
  demo,
]) {
  command(program);
}

globalThis.console = reliableConsole();

try {
  await program.parseAsync();
} catch (error) {
  // Commander has printed its own errors of usage, and what --help and --version ask for.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    const wantsStack = process.env.RENGA_DEBUG !== undefined && !(error instanceof Failure);
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    console.error(`renga: ${wantsStack ? stack : message}`);
    process.exitCode = error instanceof Failure ? error.status : 1;
  }
}
