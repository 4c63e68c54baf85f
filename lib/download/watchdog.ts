/** Ends the wait for a server that has gone quiet, or sends next to nothing. */
import { Interruption } from './error.js';

interface Watchdog {
  /** Aborted, with an interruption as its reason, when nothing came for too long. */
  readonly signal: AbortSignal;
  /** Says that so many bytes came; a few are not enough. */
  readonly feed: (bytes: number) => void;
  readonly stop: () => void;
}

/** Bytes that a server must send in the time that it may be silent; a kibibyte a second, of a minute. */
const leastFed = 1 << 16;

/** A watchdog that bites when it is not fed enough for a time. */
export const watchdog = (stallMs: number): Watchdog => {
  const controller = new AbortController();
  const bite = () => controller.abort(new Interruption(`next to nothing came for ${stallMs / 1000} s`));
  let timer = setTimeout(bite, stallMs);
  const stop = () => clearTimeout(timer);
  let fed = 0;
  const feed = (bytes: number) => {
    if ((fed += bytes) < leastFed) return;
    fed = 0;
    stop();
    timer = setTimeout(bite, stallMs);
  };
  return { signal: controller.signal, feed, stop };
};
