/**
 * A file as bytes: read whole, or opened and read by offset whenever something is needed of it. An opened file is
 * closed when nothing refers to it any more.
 */
import { aFile, blame, refuseFile } from './error.js';
import { fileSystem, type FileSystem } from './fileSystem.js';
import { inMemory, type Source } from './source.js';
import { isStandardInput, standardInputBytes } from './standardInput.js';

export interface ReadOptions {
  /** Called after each part of the file, and so at least once for a file that is not empty. */
  readonly onProgress?: (bytesRead: number, totalBytes: number) => void;
}

const partLength = 1 << 24;

/** All bytes of a file, in memory. */
export const readFile = async (path: string, { onProgress }: ReadOptions = {}): Promise<Source> => {
  if (isStandardInput(path)) return inMemory(await standardInputBytes());
  const { fs } = await fileSystem();
  checkRegular(await fs.promises.stat(path));
  const file = await fs.promises.open(path, 'r');
  try {
    const bytes = allocate((await file.stat()).size);
    let length = 0;
    while (length < bytes.length) {
      const part = bytes.subarray(length, length + partLength);
      const { bytesRead } = await file.read(part, 0, part.length);
      if (bytesRead === 0) break;
      length += bytesRead;
      onProgress?.(length, bytes.length);
    }
    return inMemory(bytes.subarray(0, length));
  } finally {
    await file.close();
  }
};

type Stats = import('node:fs').Stats;

/** Asked before a file is opened: opening a pipe waits for whoever writes to it. */
const checkRegular = (stats: Stats): void => {
  if (!stats.isFile()) refuseFile(stats.isDirectory() ? 'a directory' : 'no regular file', '', aFile);
};

const allocate = (size: number): Uint8Array => {
  try {
    return new Uint8Array(size);
  } catch {
    return refuseFile(`${size} bytes, more than one array in memory can hold`);
  }
};

/** A file that is held open; the registry below knows when nobody holds it. */
interface Handle {
  readonly descriptor: number;
  readonly path: string;
  /** The path without symbolic links. */
  readonly realPath: string;
  readonly stats: Stats;
}

/** A file that is read when something is asked of it, the standard input at once; reading fails when it was changed since it was opened. */
export const openFile = async (path: string): Promise<Source> => {
  if (isStandardInput(path)) return inMemory(await standardInputBytes());
  const { fs } = await fileSystem();
  checkRegular(await fs.promises.stat(path));
  const descriptor = fs.openSync(path, 'r');
  const handle: Handle = {
    descriptor,
    path,
    realPath: fs.realpathSync(path),
    stats: fs.fstatSync(descriptor),
  };
  closing(fs).register(handle, descriptor);
  return {
    length: handle.stats.size,
    read: (offset, length) => readPart(fs, handle, offset, length),
    place: () => (isUnchanged(fs, handle) ? { path: handle.realPath, offset: 0 } : undefined),
  };
};

let registry: FinalizationRegistry<number> | undefined;

const closing = (fs: FileSystem['fs']): FinalizationRegistry<number> =>
  (registry ??= new FinalizationRegistry((descriptor) => fs.closeSync(descriptor)));

/** True if the path still names the file that was opened, as it was. */
const isUnchanged = (fs: FileSystem['fs'], { realPath, stats }: Handle): boolean => {
  const now = fs.statSync(realPath, { throwIfNoEntry: false });
  return now?.ino === stats.ino && now.mtimeMs === stats.mtimeMs && now.size === stats.size;
};

const readPart = (fs: FileSystem['fs'], handle: Handle, offset: number, length: number): Uint8Array => {
  const { descriptor, path, stats } = handle;
  try {
    const bytes = allocate(length);
    let filled = 0;
    while (filled < length) {
      const most = Math.min(partLength, length - filled);
      const count = fs.readSync(descriptor, bytes, filled, most, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    const now = fs.fstatSync(descriptor);
    if (filled < length || now.mtimeMs !== stats.mtimeMs || now.size !== stats.size)
      refuseFile('was changed after it was opened');
    return bytes;
  } catch (error) {
    return blame(path, error);
  }
};
