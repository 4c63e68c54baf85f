/**
 * Files that appear whole or not at all. Each is written beside its place under the name of a partial file, and moved
 * there when it is complete. Streams are written to as they are; symbolic links are followed to the file behind them.
 */
import { aPlace, refuseFile } from './error.js';
import { type FileSystem, fileSystem } from './fileSystem.js';
import { partialOf, removeLeftovers } from './partial.js';
import type { WriteOptions } from './writeOptions.js';

/** A file to be written. */
interface FilePlan {
  readonly path: string;
  /** The file's bytes in order; each part is asked for when the one before is written. */
  readonly parts: () => Iterable<Uint8Array>;
}

/** A place that is written to: a file that is replaced as a whole, or a stream. */
export interface Place {
  /** The path as it was given, or of the file behind a symbolic link. */
  readonly path: string;
  /** A pipe, a terminal, a device: nothing can be moved there. */
  readonly isStream: boolean;
  /** Permissions and owner of the file that is there already. */
  readonly old?: Pick<import('node:fs').Stats, 'mode' | 'uid' | 'gid'>;
}

/** Names of the standard output; where it is a socket, it cannot be opened by them, and is written to as it is. */
const standardOutput: readonly string[] = ['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'];

/** True if a path is the standard output's. */
export const isStandardOutput = (path: string): boolean => standardOutput.includes(path);

/** The place behind a path; refuses a folder. */
export const placeOf = async (path: string): Promise<Place> => {
  if (isStandardOutput(path)) return { path, isStream: true };
  const { fs, path: paths } = await fileSystem();
  const found = await fs.promises.stat(path).catch(() => undefined);
  const link = await fs.promises.readlink(path).catch(() => undefined);
  if (found?.isDirectory()) return refuseFile('a directory', path, aPlace);
  if (found && !found.isFile()) return { path, isStream: true };
  if (found) {
    const own = link === undefined ? path : await fs.promises.realpath(path);
    return { path: own, isStream: false, old: found };
  }
  return link === undefined ? { path, isStream: false } : placeOf(paths.resolve(paths.dirname(path), link));
};

/** Writes a file, and gives the number of its bytes. */
export const writeFile = async (
  plan: FilePlan,
  totalBytes: number,
  options: WriteOptions = {},
): Promise<number> => {
  const { fs } = await fileSystem();
  const place = await placeOf(plan.path);
  const onProgress = (bytes: number) => options.onProgress?.(bytes, totalBytes);
  if (place.isStream) return writeStream(fs, place.path, plan, { ...options, onProgress });
  await removeLeftovers(place.path);
  const partial = await partialOf(place.path);
  try {
    const bytes = await writePartial(fs, partial, place, plan, { ...options, onProgress });
    checkWanted(options.signal);
    await fs.promises.rename(partial, place.path);
    return bytes;
  } catch (error) {
    await fs.promises.rm(partial, { force: true });
    throw error;
  }
};

/** Refuses to go on with work that was aborted. */
export const checkWanted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) refuseFile('interrupted; nothing was written');
};

interface PartOptions {
  readonly onProgress: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/** Writes a new file, with the permissions and, where that is allowed, the owner of the file that it will replace. */
export const writePartial = async (
  { promises }: FileSystem['fs'],
  partial: string,
  { old }: Pick<Place, 'old'>,
  plan: Pick<FilePlan, 'parts'>,
  options: PartOptions,
): Promise<number> => {
  const file = await promises.open(partial, 'wx', old ? 0o600 : 0o666);
  try {
    if (old) {
      // Only root may give files away; the permissions matter to everybody.
      await file.chown(old.uid, old.gid).catch(() => undefined);
      await file.chmod(old.mode & 0o7777);
    }
    const bytes = await writeParts(writerTo(file), plan, options);
    await file.sync();
    return bytes;
  } finally {
    await file.close();
  }
};

const writeStream = async (
  { promises }: FileSystem['fs'],
  path: string,
  plan: FilePlan,
  options: PartOptions,
): Promise<number> => {
  if (isStandardOutput(path)) return writeParts(toStandardOutput, plan, options);
  const file = await promises.open(path, 'w');
  try {
    return await writeParts(writerTo(file), plan, options);
  } finally {
    await file.close();
  }
};

const longestWrite = 1 << 24;

/** Writes bytes, and gives the number of those that were written. */
type Write = (bytes: Uint8Array) => Promise<number>;

const writerTo =
  (file: import('node:fs/promises').FileHandle): Write =>
  async (bytes) =>
    (await file.write(bytes)).bytesWritten;

const toStandardOutput: Write = (bytes) =>
  new Promise((resolve, reject) =>
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve(bytes.length))),
  );

const writeParts = async (
  write: Write,
  { parts }: Pick<FilePlan, 'parts'>,
  { onProgress, signal }: PartOptions,
): Promise<number> => {
  let written = 0;
  for (const part of parts()) {
    for (let from = 0; from < part.length;) {
      checkWanted(signal);
      const count = await write(part.subarray(from, from + longestWrite));
      from += count;
      written += count;
    }
    onProgress(written);
  }
  return written;
};
