/** Ends what waits for a server that has gone quiet. */
import { Interruption } from './error.js';

interface Watchdog {
  /** Aborted, with an interruption as its reason, when nothing came for too long. */
  readonly signal: AbortSignal;
  /** Something came. */
  readonly feed: () => void;
  readonly stop: () => void;
}

/** A watchdog that bites when it is not fed for a time. */
export const watchdog = (stallMs: number): Watchdog => {
  const controller = new AbortController();
  const bite = () => controller.abort(new Interruption(`nothing came for ${stallMs / 1000} s`));
  let timer = setTimeout(bite, stallMs);
  const stop = () => clearTimeout(timer);
  const feed = () => {
    stop();
    timer = setTimeout(bite, stallMs);
  };
  return { signal: controller.signal, feed, stop };
};
