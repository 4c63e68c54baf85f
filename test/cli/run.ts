/**
 * The command line as people run it: the program that npm installs, in a process of its own.
 */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { Test } from 'tap';
import { node, nodeBeside, nodeGiven, outputOf as plainOutputOf, type Result, startNode } from '../child.js';
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

/**
 * A function that runs `renga` in a folder as often as it is called, in one process until the test ends: starting takes
 * longer than refusing. For what ends at once; what a command does is tested in a process of its own.
 * @param build  the modules where a person's own model is to share them, as `bin/renga.js` has it
 */
export const rengaInTurn = (
  t: Pick<Test, 'teardown'>,
  cwd: string,
  env: Readonly<Record<string, string>> = {},
  build: 'bundle' | 'modules' = 'bundle',
): ((...args: readonly string[]) => Promise<Result>) => {
  const child = startNode(cwd, env, join(root, 'dist', 'test', 'cli', 'inTurn.js'), build);
  t.teardown(() => child.kill());
  const errors = text(child.stderr);
  const results = createInterface(child.stdout)[Symbol.asyncIterator]();
  return async (...args) => {
    child.stdin.write(`${JSON.stringify(args)}\n`);
    const { value, done } = await results.next();
    if (done) throw new Error(`renga ${args.join(' ')} ended the process: ${await errors}`);
    return JSON.parse(value) as Result;
  };
};

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
