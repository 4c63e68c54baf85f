/**
 * Interrupts: work that must not be cut in the middle is told to stop, tidies up, and then the program ends by the signal
 * that it was sent, as programs end that know nothing of signals. An output that takes nothing more ends work in the same
 * way, with an exit status.
 */
import { Failure } from './failure.js';
import { eraseProgress } from './progress.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The cause of an early end: a signal, or the exit status that a failed output gives. */
type Cause = (typeof signals)[number] | number;

/** Ends of the work that runs now, early ones. */
const ends = new Set<(status: number) => void>();

/**
 * Tells the work that runs now to stop, tidy up and end.
 * @param status  the exit status of the program, where the work itself gives none
 * @returns false where no work runs that has to tidy up
 */
export const endWork = (status: number): boolean => {
  for (const end of ends) end(status);
  return ends.size > 0;
};

/** Says at once on the error stream that an end was understood: work may take seconds to tidy up. */
const sayEnding = (cause: Cause, ending: string): void => {
  // A terminal that is closed reads nothing.
  if (cause === 'SIGHUP') return;
  const [name, hint] =
    typeof cause === 'number'
      ? ['the output is gone', '']
      : [cause === 'SIGINT' ? 'Ctrl-C' : cause, '; a second one ends the program at once, unsaved'];
  eraseProgress();
  process.stderr.write(`renga: ${name}: ${ending}${hint}\n`);
};

/** Ends the program by the cause, as the last thing: what there is to say is said before. */
const endBy = (cause: Cause): void => {
  process.once('exit', () => {
    if (typeof cause !== 'number') process.kill(process.pid, cause);
    else if (!process.exitCode) process.exitCode = cause;
  });
};

/**
 * Runs work whose signal is aborted by Ctrl-C, a request to end, a terminal that is closed, or an output that takes nothing
 * more. A second signal ends the program at once.
 * @param ending  a sentence that tells a person how the work ends, where that takes time: 'the run saves and ends'
 */
export const interruptible = async <A>(
  work: (signal: AbortSignal) => Promise<A>,
  ending?: string,
): Promise<A> => {
  const controller = new AbortController();
  let cause: Cause | undefined;
  const stop = (by: Cause): void => {
    if (typeof by === 'number' && cause !== undefined) return;
    cause = by;
    if (ending !== undefined) sayEnding(by, ending);
    controller.abort();
  };
  for (const signal of signals) process.once(signal, stop);
  ends.add(stop);
  try {
    return await work(controller.signal);
  } finally {
    ends.delete(stop);
    for (const signal of signals) process.off(signal, stop);
    if (cause !== undefined) endBy(cause);
  }
};

/** The result of work that knows nothing of the signal; it fails as soon as the signal is aborted. */
export const unlessInterrupted = async <A>(signal: AbortSignal, work: Promise<A>): Promise<A> => {
  let stop: (() => void) | undefined;
  const interrupted = new Promise<never>((_, reject) => {
    stop = () => reject(new Failure('interrupted'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
};
