/**
 * The command line as people run it: the program that npm installs, in a process of its own.
 */
import { join } from 'node:path';
import { node, nodeBeside, nodeGiven, outputOf as plainOutputOf, type Result } from '../child.js';
import { root } from '../project.js';

/** The program. */
export const program = join(root, 'bin', 'renga.js');

/** Runs `renga` in a folder. */
export const renga = (cwd: string, ...args: readonly string[]): Result => node(cwd, program, ...args);

/** Runs `renga` in a folder with options of Node. */
export const rengaUnder = (options: readonly string[], cwd: string, ...args: readonly string[]): Result =>
  node(cwd, ...options, program, ...args);

/** Runs `renga` in a folder with its standard input. */
export const rengaGiven = (input: string | Uint8Array, cwd: string, ...args: readonly string[]): Result =>
  nodeGiven(input, cwd, program, ...args);

/** Runs `renga` in a folder while a server of this process answers it. */
export const rengaBeside = (
  cwd: string,
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Result> => nodeBeside(cwd, env, program, ...args);

/** The note on results of untrained parameters. */
const untrained = /^renga: untrained parameters of seed -?\d+: the result means nothing\n$/;

/** The output of a command that ended well and printed no error; throws otherwise. */
export const outputOf = (result: Result): string =>
  plainOutputOf({ ...result, stderr: result.stderr.replace(untrained, '') });

const hasStack = (text: string): boolean => /^\s+at .*:\d+:\d+\)?$/m.test(text);

/** The error of a command: one message, no stack, no output, status 1 or, for an error of usage, 2; throws otherwise. */
export const complaintOf = ({ status, stdout, stderr }: Result): string => {
  const said = /^renga: ([^]*)\n$/.exec(stderr);
  if ((status !== 1 && status !== 2) || stdout !== '' || said === null || hasStack(stderr)) {
    throw new Error(`not a clean failure: status ${status}, output '${stdout}', errors '${stderr}'`);
  }
  return said[1];
};
