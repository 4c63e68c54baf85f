/**
 * Temporary folders: removed at the end, also where the program is interrupted. One whose process was killed is a leftover,
 * which the next program that makes one of this name removes.
 */
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { partialOf, removeLeftovers } from '../lib/files/partial.js';
import { interruptible } from './interrupt.js';

/**
 * Uses a temporary folder, and removes it.
 * @param use  is told by the signal to stop; the folder is removed when it has ended
 */
export const withTemporaryFolder = <A>(
  name: string,
  use: (folder: string, signal: AbortSignal) => Promise<A>,
): Promise<A> =>
  interruptible(async (signal) => {
    const base = join(tmpdir(), name);
    await removeLeftovers(base);
    const folder = await partialOf(base);
    await mkdir(folder, { mode: 0o700 });
    try {
      return await use(folder, signal);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
