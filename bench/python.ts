/**
 * An engine in Python, seen from outside: it is asked and answers in lines of JSON. `peers/python/contestant.py` is its
 * side.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { offline } from '../test/conformance/process.js';
import { canStandStill, type Contestant, expectAnswer, tie } from './contestant.js';
import { sources } from './folders.js';
import type { Answer } from './protocol.js';

export interface PythonSpec {
  readonly name: string;
  readonly threads: number;
  /** The interpreter that has its packages. */
  readonly python: string;
  /** A script of `peers/python`. */
  readonly script: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The path of a Python script of the peers. */
export const scriptPath = (name: string): string => join(sources, 'peers', 'python', name);

const lines = (child: ChildProcess): AsyncIterator<string> =>
  createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();

/** Starts an engine. */
export const pythonContestant = (spec: PythonSpec): Contestant => {
  const child = tie(
    spawn(spec.python, [scriptPath(spec.script), ...spec.args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...offline, ...spec.env },
    }),
  );
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-4096)));
  // A process that ended is told of by the lines that do not come.
  child.stdin.on('error', () => undefined);
  const answers = lines(child);
  return {
    name: spec.name,
    threads: spec.threads,
    ask: async (request, expected) => {
      if (canStandStill) child.kill('SIGCONT');
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`its process ended: ${errors.trim().split('\n').slice(-3).join(' ')}`);
      if (canStandStill) child.kill('SIGSTOP');
      return expectAnswer(JSON.parse(value as string) as Answer, expected);
    },
    end: () => void child.kill('SIGKILL'),
  };
};
