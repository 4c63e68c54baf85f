/**
 * A store for checkpoints in a browser: the files that a page's origin has to itself (the origin private file system).
 * They stay when the tab is closed. For workers, since browsers let no other thread write files to the end and flush them.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { CheckpointStore } from './checkpointStore.js';

/** The synchronous access of a worker to a file. */
interface Access {
  readonly truncate: (length: number) => void;
  readonly write: (bytes: Uint8Array, options: { readonly at: number }) => number;
  readonly flush: () => void;
  readonly close: () => void;
}

/** A file as workers have it. */
type WorkerFile = FileSystemFileHandle & {
  readonly createSyncAccessHandle: () => Promise<Access>;
  /** Renames the file; one of the new name is replaced. */
  readonly move: (name: string) => Promise<void>;
};

type Folder = FileSystemDirectoryHandle & { readonly keys: () => AsyncIterable<string> };

/** The name of the file that is being written. */
const partialName = '.partial';

const isMissing = (error: unknown): boolean => (error as Error | undefined)?.name === 'NotFoundError';

/** The reason why no files can be kept here; undefined where they can be. */
const obstacle = (): string | undefined => {
  const { navigator, FileSystemFileHandle: File } = globalThis as Partial<typeof globalThis>;
  if (navigator?.storage?.getDirectory === undefined || File === undefined)
    return 'a page has files of its own in a browser with a private file system, served by https or from this machine';
  const { prototype } = File as unknown as { readonly prototype: Partial<WorkerFile> };
  if (prototype.createSyncAccessHandle === undefined)
    return "a worker writes a page's files, and this is none";
  if (prototype.move === undefined) return 'this browser cannot replace a file as a whole';
  return undefined;
};

/** The folder of a path, made where it is missing. */
const openFolder = async (path: string): Promise<Folder> => {
  let folder = await navigator.storage.getDirectory();
  for (const name of path.split('/').filter((part) => part !== ''))
    folder = await folder.getDirectoryHandle(name, { create: true });
  return folder as Folder;
};

const writeWhole = async (folder: Folder, name: string, bytes: Uint8Array): Promise<void> => {
  const file = (await folder.getFileHandle(partialName, { create: true })) as WorkerFile;
  const access = await file.createSyncAccessHandle();
  try {
    access.truncate(0);
    const written = access.write(bytes, { at: 0 });
    if (written !== bytes.length)
      throw new Error(`${name}: ${written} of ${bytes.length} bytes were written; the disk may be full`);
    access.flush();
  } finally {
    access.close();
  }
  await file.move(name);
};

/**
 * A folder of the origin private file system, made where it is missing. A file is written under another name, flushed,
 * and renamed, so that it is there whole or not at all, also where the tab is closed meanwhile.
 * @param folder  names with `/` between them
 * @returns the store, or a sentence that says why this browser, page or thread keeps no files
 * @example const store = E.getOrElse(memoryStore)(await opfsStore('runs/digits'));
 */
export const opfsStore = async (folder: string): Promise<E.Either<string, CheckpointStore>> => {
  const reason = obstacle();
  if (reason !== undefined) return E.left(reason);
  const opened = await openFolder(folder).catch((error: unknown) => String(error));
  if (typeof opened === 'string') return E.left(`this browser opens no folder for the page: ${opened}`);
  let last: Promise<unknown> = Promise.resolve();
  return E.right({
    list: async () => {
      const names: string[] = [];
      for await (const name of opened.keys()) if (name !== partialName) names.push(name);
      return names;
    },
    read: async (name) => {
      const file = await opened.getFileHandle(name).catch((error: unknown) => {
        throw isMissing(error) ? new Error(`there is no file '${name}'`) : error;
      });
      return new Uint8Array(await (await file.getFile()).arrayBuffer());
    },
    write: (name, bytes) => {
      // One after the other: they are written under one name.
      const own = last.then(() => writeWhole(opened, name, bytes));
      last = own.catch(() => undefined);
      return own;
    },
    remove: (name) =>
      opened.removeEntry(name).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      }),
  });
};
