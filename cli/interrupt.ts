/**
 * Interrupts of work that must tidy up before it ends.
 */

const signals = ['SIGINT', 'SIGTERM'] as const;

/** Runs work whose signal is aborted by Ctrl-C or a request to end; a second one ends the program at once. */
export const interruptible = async <A>(work: (signal: AbortSignal) => Promise<A>): Promise<A> => {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  for (const signal of signals) process.once(signal, stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
};
