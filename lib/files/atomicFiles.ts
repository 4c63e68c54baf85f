/**
 * Files that appear whole or not at all: each is written beside its place, and moved there when all of them are
 * complete. What was there before stays as it is until then; what goes wrong leaves nothing behind.
 */
import { FileProblem, fileSystem, type FileSystem } from './fileSystem.js';

/** A file to be written. */
export interface FilePlan {
  readonly path: string;
  /** Its bytes in order, each part asked for when the one before is written. */
  readonly parts: () => Iterable<Uint8Array>;
}

export interface WriteOptions {
  /** Called after each part; the total may leave out what the format adds to the arrays. */
  readonly onProgress?: (bytesWritten: number, totalBytes: number) => void;
  /** Stops the writing when it is aborted, between two parts. */
  readonly signal?: AbortSignal;
}

/** Writes files, the last of which is moved to its place last, and says how many bytes they have. */
export const writeFiles = async (
  plans: readonly FilePlan[],
  totalBytes: number,
  options: WriteOptions,
): Promise<number> => {
  const { fs } = await fileSystem();
  const partials = plans.map(({ path }) => `${path}.${Math.random().toString(36).slice(2)}.partial`);
  try {
    for (const { path } of plans) await checkPlace(fs, path);
    let written = 0;
    for (const [i, plan] of plans.entries()) {
      const before = written;
      const onProgress = (bytes: number) => options.onProgress?.((written = before + bytes), totalBytes);
      written = before + (await writeFile(fs, partials[i], plan, { ...options, onProgress }));
    }
    checkWanted(options.signal);
    for (const [i, { path }] of plans.entries()) await fs.promises.rename(partials[i], path);
    return written;
  } catch (error) {
    for (const partial of partials) await fs.promises.rm(partial, { force: true });
    throw error;
  }
};

/** A folder cannot be replaced by a file, and a device must not be. */
const checkPlace = async ({ promises }: FileSystem['fs'], path: string): Promise<void> => {
  const found = await promises.stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw new FileProblem('is a directory', path);
  if (found && !found.isFile()) throw new FileProblem('not a regular file', path);
};

const checkWanted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw new FileProblem('interrupted; nothing was written');
};

const longestWrite = 1 << 24;

const writeFile = async (
  { promises }: FileSystem['fs'],
  partial: string,
  { parts }: FilePlan,
  { onProgress, signal }: { readonly onProgress: (bytes: number) => void; readonly signal?: AbortSignal },
): Promise<number> => {
  const file = await promises.open(partial, 'wx');
  let written = 0;
  try {
    for (const part of parts()) {
      for (let from = 0; from < part.length;) {
        checkWanted(signal);
        const { bytesWritten } = await file.write(part, from, Math.min(longestWrite, part.length - from));
        from += bytesWritten;
        written += bytesWritten;
      }
      onProgress(written);
    }
    await file.sync();
    return written;
  } finally {
    await file.close();
  }
};
