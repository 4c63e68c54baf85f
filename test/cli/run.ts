/**
 * The command line as people run it: the built program in a process of its own.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../cli/renga.js', import.meta.url));

export interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `renga` in a folder. */
export const renga = (cwd: string, ...args: readonly string[]): Result => {
  const { RENGA_DEBUG: _debug, ...env } = process.env;
  return spawnSync(process.execPath, [program, ...args], { cwd, env, encoding: 'utf8' });
};

const hasStack = (text: string): boolean => /^\s+at .*:\d+:\d+\)?$/m.test(text);

/** What a command printed that did what it was asked to; throws otherwise. */
export const outputOf = ({ status, stdout, stderr }: Result): string => {
  if (status !== 0 || stderr !== '') throw new Error(`status ${status}: ${stderr}`);
  return stdout;
};

/** What a command complained of: one message, no stack, nothing on its output, status 1; throws otherwise. */
export const complaintOf = ({ status, stdout, stderr }: Result): string => {
  const said = /^renga: ([^]*)\n$/.exec(stderr);
  if (status !== 1 || stdout !== '' || said === null || hasStack(stderr)) {
    throw new Error(`not a clean failure: status ${status}, output '${stdout}', errors '${stderr}'`);
  }
  return said[1];
};
