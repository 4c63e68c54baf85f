/** One process at a time: whoever comes second waits, and finds what the first one fetched. */
import { setTimeout } from 'node:timers/promises';
import { refuse } from './error.js';

/** A lock that was not renewed for so long belongs to a process that is gone. */
const staleMs = 30_000;

const waitMs = 200;

/**
 * Runs work while no other process does.
 * @param onWait  told when there is one to wait for
 * @param work    handed a check that refuses to go on when another process took this one for dead
 */
export const withLock = async <A>(
  path: string,
  onWait: () => void,
  work: (checkHeld: () => void) => Promise<A>,
): Promise<A> => {
  let isHeld = true;
  const release = await acquire(path, onWait, () => (isHeld = false));
  const checkHeld = () => {
    if (!isHeld) refuse({ kind: 'io', path, problem: 'another process took its place over' });
  };
  try {
    return await work(checkHeld);
  } finally {
    if (isHeld) await release();
  }
};

const acquire = async (
  path: string,
  onWait: () => void,
  onCompromised: () => void,
): Promise<() => Promise<void>> => {
  // Loaded when it is needed: it listens to the process's signals from then on.
  const { lock } = await import('proper-lockfile');
  for (let isFirst = true; ; isFirst = false) {
    try {
      // No real path: what is locked is not there yet.
      return await lock(path, { realpath: false, stale: staleMs, onCompromised });
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'ELOCKED') throw error;
      if (isFirst) onWait();
      await setTimeout(waitMs);
    }
  }
};
