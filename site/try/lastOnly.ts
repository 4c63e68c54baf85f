/** Work that is asked for faster than it is done. */

/**
 * Does one piece of work at a time; of those that are asked for meanwhile it does the last one alone.
 * @returns a promise that resolves when nothing is left to do
 */
export const lastOnly = <A>(work: (asked: A) => Promise<void>): ((asked: A) => Promise<void>) => {
  let next: { readonly asked: A } | undefined;
  let under: Promise<void> | undefined;
  const go = async (): Promise<void> => {
    try {
      while (next) {
        const { asked } = next;
        next = undefined;
        await work(asked);
      }
    } finally {
      under = undefined;
    }
  };
  return (asked) => {
    next = { asked };
    return (under ??= go());
  };
};
