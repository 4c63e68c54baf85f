/**
 * An engine's process, seen from outside: asked one thing after the other, and standing still in between, so that
 * nothing runs but what is measured.
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { EngineSpec } from './engines/index.js';
import type { Answer, Request } from './protocol.js';

export interface Contestant {
  readonly spec: EngineSpec;
  readonly threads: number;
  /** @throws Error with the reason, where the engine could not or its process ended */
  readonly ask: <K extends Exclude<Answer['kind'], 'failed'>>(
    request: Request,
    expected: K,
  ) => Promise<Answer & { kind: K }>;
  readonly end: () => void;
}

const canStandStill = process.platform !== 'win32';

/** Waits for one answer, or for the process's end. */
const answerOf = (child: ChildProcess, errors: () => string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const onMessage = (answer: Answer) => (child.off('exit', onExit), resolve(answer));
    const onExit = (code: number | null, signal: string | null) => {
      child.off('message', onMessage);
      const lines = errors().trim().split('\n').slice(-3).join(' ');
      reject(new Error(`its process ended with ${signal ?? code}${lines && `: ${lines}`}`));
    };
    child.once('message', onMessage);
    child.once('exit', onExit);
  });

/** Starts an engine's process. */
export const contestant = (spec: EngineSpec, threads: number): Contestant => {
  const child = fork(spec.program, [], {
    execArgv: ['--expose-gc', '--max-old-space-size=8192'],
    env: { ...process.env, ...spec.env },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-4096)));
  const goOn = () => canStandStill && child.kill('SIGCONT');
  return {
    spec,
    threads,
    ask: async (request, expected) => {
      goOn();
      const answered = answerOf(child, () => errors);
      child.send(request);
      const answer = await answered;
      if (canStandStill) child.kill('SIGSTOP');
      if (answer.kind === 'failed') throw new Error(answer.reason);
      if (answer.kind !== expected) throw new Error(`it answered '${answer.kind}' to '${request.kind}'`);
      return answer as Answer & { kind: typeof expected };
    },
    end: () => void child.kill('SIGKILL'),
  };
};
