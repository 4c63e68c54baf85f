/**
 * Programs in a process of their own, started as people start them: without options for Node and wishes for stacks that
 * whoever runs the tests has in the environment.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';

/** The result of a program. */
export interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** tap's own runner adds NODE_OPTIONS to whatever is started; where there is `env`, it takes them away again. */
const plainNode =
  process.platform === 'win32'
    ? [process.execPath]
    : ['env', '-u', 'NODE_OPTIONS', '-u', 'RENGA_DEBUG', process.execPath];

/** Runs Node in a folder. */
export const node = (cwd: string, ...args: readonly string[]): Result => {
  const [program, ...first] = plainNode;
  return spawnSync(program, [...first, ...args], { cwd, encoding: 'utf8' });
};

/** Runs Node in a folder with a text or bytes as its standard input. */
export const nodeGiven = (input: string | Uint8Array, cwd: string, ...args: readonly string[]): Result => {
  const [program, ...first] = plainNode;
  return spawnSync(program, [...first, ...args], { cwd, encoding: 'utf8', input });
};

/** Starts Node in a folder. */
export const startNode = (
  cwd: string,
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): ChildProcessWithoutNullStreams => {
  const [program, ...first] = plainNode;
  return spawn(program, [...first, ...args], { cwd, env: { ...process.env, ...env } });
};

/** Runs Node in a folder, while this process goes on: for programs that talk to it. */
export const nodeBeside = async (
  cwd: string,
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Result> => {
  const child = startNode(cwd, env, ...args);
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { status, stdout, stderr };
};

/** The output of a program that ended well and printed no error; throws otherwise. */
export const outputOf = ({ status, stdout, stderr }: Result): string => {
  if (status !== 0 || stderr !== '') throw new Error(`status ${status}: ${stderr}`);
  return stdout;
};
