/**
 * Places for checkpoints of runs: a folder, memory, or whatever else can keep files by name (`opfsStore` in a browser).
 * A file appears whole or not at all.
 */
import * as E from 'fp-ts/lib/Either.js';
import { formatCheckpoint, showCheckpointError } from '../checkpoint/index.js';
import { aPlace, blame } from '../files/error.js';
import { fileSystem } from '../files/fileSystem.js';
import { writeFile } from '../files/write.js';
import { lockFolder } from '../files/lockFolder.js';
import { makeFolder } from '../files/makeFolder.js';
import type { HostWeights } from './trainState.js';

/** Files by name. */
export interface CheckpointStore {
  /** The names of all files. */
  readonly list: () => Promise<readonly string[]>;
  readonly read: (name: string) => Promise<Uint8Array>;
  /** Writes a file that appears under its name when it is complete; one that was there before is replaced. */
  readonly write: (name: string, bytes: Uint8Array) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
  /**
   * Keeps other runs out until the function that it resolves to is called; undefined where a store has no other users.
   * @throws Error where another run holds the store
   */
  readonly lock?: () => Promise<() => Promise<void>>;
}

/** A folder of the file system, made when the first file is written. */
export const folderStore = (folder: string): CheckpointStore => {
  const at = async (name: string) => {
    const { fs, path } = await fileSystem();
    return { fs, place: path.join(folder, name) };
  };
  return {
    list: async () => {
      const { fs } = await fileSystem();
      return fs.promises.readdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        return blame(folder, error, 'a folder that can be read');
      });
    },
    read: async (name) => {
      const { fs, place } = await at(name);
      const bytes = await fs.promises.readFile(place).catch((error: unknown) => blame(place, error));
      return new Uint8Array(bytes);
    },
    write: async (name, bytes) => {
      const { place } = await at(name);
      try {
        await makeFolder(folder);
        await writeFile({ path: place, parts: () => [bytes] }, bytes.length);
      } catch (error) {
        blame(place, error, aPlace);
      }
    },
    remove: async (name) => {
      const { fs, place } = await at(name);
      await fs.promises.rm(place, { force: true });
    },
    lock: () => lockFolder(folder),
  };
};

/** A store in memory, for tests and pages. */
export const memoryStore = (): CheckpointStore => {
  const files = new Map<string, Uint8Array>();
  return {
    list: async () => [...files.keys()],
    read: async (name) => {
      const bytes = files.get(name);
      if (!bytes) throw new Error(`there is no file '${name}'`);
      return bytes;
    },
    write: async (name, bytes) => void files.set(name, bytes),
    remove: async (name) => void files.delete(name),
  };
};

const pattern = /^step-(\d+)\.safetensors$/;

/** The name of the checkpoint after some updates. */
export const checkpointName = (step: number): string => `step-${String(step).padStart(8, '0')}.safetensors`;

/** The name that a damaged checkpoint is kept by: none that a run goes on from, or removes. */
export const asideName = (name: string): string => `${name}.damaged`;

/** The checkpoints in a store, the newest first. */
export const checkpointsIn = async (store: CheckpointStore): Promise<readonly string[]> => {
  const steps = (await store.list()).flatMap((name) => {
    const [, step] = pattern.exec(name) ?? [];
    return step === undefined ? [] : [{ name, step: Number(step) }];
  });
  return steps.sort((a, b) => b.step - a.step).map(({ name }) => name);
};

/** Checkpoints that are kept: the newer one may be damaged, the older one is whole then. */
const kept = 2;

/** Writes a checkpoint, then removes all but the last two. */
export const saveIn = async (store: CheckpointStore, step: number, bytes: Uint8Array): Promise<string> => {
  const name = checkpointName(step);
  await store.write(name, bytes);
  for (const old of (await checkpointsIn(store)).slice(kept)) await store.remove(old);
  return name;
};

/** The file with the weights of the best evaluation. */
export const bestName = 'best.safetensors';

/** Writes weights as a checkpoint that is read as any model's. */
export const saveWeights = async (
  store: CheckpointStore,
  weights: HostWeights,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const written = formatCheckpoint(weights, { format: 'safetensors', metadata });
  if (E.isLeft(written)) throw new Error(showCheckpointError(written.left));
  await store.write(bestName, written.right);
};
