/**
 * A folder for one program at a time: a file in it names the process that writes there. The file of a process that is
 * gone counts for nothing, so that a killed program leaves no folder locked.
 */
import { isRecord } from '../data/nest.js';
import { aPlace, blame } from './error.js';
import { fileSystem } from './fileSystem.js';
import { isRunning } from './isRunning.js';
import { makeFolder } from './makeFolder.js';

/** The contents of the file. */
interface Owner {
  readonly process: number;
  readonly host: string;
}

const lockName = '.lock';

/** The folders that this process holds. */
const held = new Set<string>();

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** The owner in the text of a lock; undefined for a text that names none. */
const ownerOf = (text: string): Partial<Owner> => {
  try {
    const owner: unknown = JSON.parse(text);
    return isRecord(owner) ? owner : {};
  } catch {
    return {};
  }
};

/** True where the owner was a process of this machine that runs no more. */
const isGone = async ({ process: id, host }: Partial<Owner>, here: Owner): Promise<boolean> => {
  if (typeof id !== 'number' || host !== here.host) return false;
  // The folders of this process are in `held`: it has the number of one before it.
  return id === here.process || !(await isRunning(id));
};

/**
 * Locks a folder, which is made where it is missing.
 * @returns a function that opens it again
 * @throws Error where another process, or a part of this one, holds it: with the owner and what to do
 * @example const release = await lockFolder('runs/digits');
 */
export const lockFolder = async (folder: string): Promise<() => Promise<void>> => {
  const { fs, path, os } = await fileSystem();
  const { writeFile, readFile, rename, rm } = fs.promises;
  const place = path.join(path.resolve(folder), lockName);
  const refuse = (owner: string): never => {
    throw new Error(
      `${folder}: found a run of ${owner}, expected none; wait for its end, take another folder, or remove ${place} if ` +
        'there is no such run',
    );
  };
  const here: Owner = { process: process.pid, host: os.hostname() };
  const aside = `${place}.${here.process}`;
  await makeFolder(folder).catch((error: unknown) => blame(folder, error, 'a place for a folder'));
  if (held.has(place)) refuse('this program');
  held.add(place);
  try {
    for (;;) {
      try {
        await writeFile(place, JSON.stringify(here), { flag: 'wx' });
        return async () => {
          held.delete(place);
          await rm(place, { force: true });
        };
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
      const text = await readFile(place, 'utf8').catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw error;
      });
      if (text === undefined) continue;
      const owner = ownerOf(text);
      if (!(await isGone(owner, here)))
        refuse(`process ${owner.process ?? '?'} on ${owner.host ?? 'an unknown machine'}`);
      // Put aside and read again: another program may have taken the lock over at the same moment, and keeps it.
      await rename(place, aside).catch(() => undefined);
      const taken = await readFile(aside, 'utf8').catch(() => undefined);
      if (taken !== undefined && taken !== text) await rename(aside, place);
      else await rm(aside, { force: true });
    }
  } catch (error) {
    held.delete(place);
    return blame(place, error, aPlace);
  }
};
