/** Trying again, after pauses that grow, what was interrupted. */
import { setTimeout } from 'node:timers/promises';
import { Interruption, refuse } from './error.js';
import type { Place } from './request.js';
import type { Settings } from './settings.js';

/** A try that brought so many bytes, 32 KiB, was worth it, and the count begins anew. */
const progressBytes = 1 << 15;

const longestPauseMs = 30_000;

/** The pause after so many failures in a row: doubled each time, then up to a quarter more so that clients disperse. */
export const pauseAfter = (failures: number, pauseMs: number, random = Math.random): number =>
  Math.min(longestPauseMs, pauseMs * 2 ** (failures - 1)) * (1 + random() / 4);

const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;

/**
 * Runs a try until it ends by itself, or was interrupted too often in a row.
 * @param bytes  how many bytes are there by now
 */
export const persist = async <A>(
  place: Place,
  { retries, pauseMs, onNotice }: Pick<Settings, 'retries' | 'pauseMs' | 'onNotice'>,
  bytes: () => number,
  run: () => Promise<A>,
): Promise<A> => {
  for (let failures = 0; ;) {
    const before = bytes();
    try {
      return await run();
    } catch (thrown) {
      if (!(thrown instanceof Interruption)) throw thrown;
      failures = bytes() - before >= progressBytes ? 1 : failures + 1;
      if (failures > retries) return giveUp(place, thrown.problem, failures);
      const pause = thrown.pauseMs ?? pauseAfter(failures, pauseMs);
      onNotice(`${place.url.host}: ${thrown.problem}; trying again in ${inSeconds(pause)}`);
      await setTimeout(pause);
    }
  }
};

const giveUp = ({ url, path }: Place, problem: string, tries: number): never =>
  refuse({
    kind: 'network',
    url: url.href,
    path,
    problem: tries > 1 ? `${problem}, at the last of ${tries} tries` : problem,
  });
