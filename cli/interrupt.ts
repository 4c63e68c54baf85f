/**
 * Interrupts: work that must not be cut in the middle is told to stop, tidies up, and then the program ends by the signal
 * that it was sent, as programs end that know nothing of signals.
 */
import { Failure } from './failure.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Lets writes to a terminal that was closed fail in silence: they must not end the program before it has tidied up. */
const ignoreClosedTerminal = (): void => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error');
    stream.on('error', () => undefined);
  }
};

/** Runs work whose signal is aborted by Ctrl-C, a request to end or a terminal that is closed; a second one ends the program at once. */
export const interruptible = async <A>(work: (signal: AbortSignal) => Promise<A>): Promise<A> => {
  const controller = new AbortController();
  let received: (typeof signals)[number] | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    received = signal as (typeof signals)[number];
    if (signal === 'SIGHUP') ignoreClosedTerminal();
    controller.abort();
  };
  for (const signal of signals) process.once(signal, stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of signals) process.off(signal, stop);
    // The last thing: what there is to say is said before.
    const sent = received;
    if (sent !== undefined) process.once('exit', () => process.kill(process.pid, sent));
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
