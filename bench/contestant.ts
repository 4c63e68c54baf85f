/**
 * An engine's process, seen from outside: asked one thing after the other, and standing still in between, so that
 * nothing runs but what is measured.
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { EngineSpec } from './engines/index.js';
import type { Answer, Request } from './protocol.js';

export interface Contestant {
  readonly name: string;
  readonly threads: number;
  /** @throws Error with the reason, where the engine could not or its process ended */
  readonly ask: <K extends Exclude<Answer['kind'], 'failed'>>(
    request: Request,
    expected: K,
  ) => Promise<Answer & { kind: K }>;
  readonly end: () => void;
}

/** An engine that is yet to be started. */
export interface Start {
  readonly name: string;
  readonly threads: number;
  readonly start: () => Promise<Contestant>;
}

/** An answer of the kind that was asked for. @throws Error for another one */
export const expectAnswer = <K extends Answer['kind']>(answer: Answer, expected: K): Answer & { kind: K } => {
  if (answer.kind === 'failed') throw new Error(answer.reason);
  if (answer.kind !== expected) throw new Error(`it answered '${answer.kind}', expected '${expected}'`);
  return answer as Answer & { kind: K };
};

export const canStandStill = process.platform !== 'win32';

const living = new Set<ChildProcess>();

/** Ends all child processes: one that hangs when the benchmark ends would hang for ever. */
const endAll = (): void => living.forEach((child) => child.kill('SIGKILL'));

/** Sees to it that a process does not outlive the benchmark, however that ends. */
export const tie = <C extends ChildProcess>(child: C): C => {
  if (living.size === 0) {
    process.once('exit', endAll);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => process.exit(1));
  }
  living.add(child);
  return child;
};

/** Waits for one answer, or for the process's end, which may have been before. */
const answerOf = (child: ChildProcess, errors: () => string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const onMessage = (answer: Answer) => (child.off('exit', onExit), resolve(answer));
    const onExit = (code: number | null, signal: string | null) => {
      child.off('message', onMessage);
      const lines = errors().trim().split('\n').slice(-3).join(' ').slice(0, 300);
      reject(new Error(`its process ended with ${signal ?? code}${lines && `: ${lines}`}`));
    };
    if (child.exitCode !== null || child.signalCode !== null) return onExit(child.exitCode, child.signalCode);
    child.once('message', onMessage);
    child.once('exit', onExit);
  });

/** Starts an engine's process. */
export const contestant = (spec: EngineSpec, threads: number): Contestant => {
  const child = tie(
    fork(spec.program, [], {
      execArgv: ['--expose-gc', '--max-old-space-size=8192', ...(spec.flags ?? [])],
      execPath: spec.node,
      env: { ...process.env, ...spec.env },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    }),
  );
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-4096)));
  return {
    name: spec.name,
    threads,
    ask: async (request, expected) => {
      if (canStandStill) child.kill('SIGCONT');
      const answered = answerOf(child, () => errors);
      // A request that cannot be sent means that the process is about to end, which its answer reports.
      child.send(request, () => undefined);
      const answer = await answered;
      if (canStandStill) child.kill('SIGSTOP');
      return expectAnswer(answer, expected);
    },
    end: () => void child.kill('SIGKILL'),
  };
};
