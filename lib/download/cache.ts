/** The cache: the files in it, their digests compared, files removed. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type Digest, digestOfFile } from './digest.js';
import { attempt, type DownloadError } from './error.js';
import { forgetRecord, recordsIn } from './record.js';
import { type DownloadOptions, settingsOf } from './settings.js';

/** A file of the cache. */
export interface CachedFile {
  readonly path: string;
  /** The path within the cache, with slashes. */
  readonly name: string;
  readonly bytes: number;
  /** The address that the file was fetched from, where that is known. */
  readonly url?: string;
  /** The digest that the file had when it was fetched, where that is known. */
  readonly digest?: Digest;
  /** True if the file is a part that an interrupted download left. */
  readonly isPartial: boolean;
}

/** Folders of models as the hub's own programs lay them out. */
const isModelFolder = (name: string): boolean => name.startsWith('models--');

const filesUnder = async (root: string, isWanted: (name: string) => boolean): Promise<readonly string[]> => {
  const found = await readdir(root, { recursive: true, withFileTypes: true }).catch((error: Error) => {
    if ('code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  return found
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((path) => isWanted(relative(root, path).split(sep).join('/')));
};

/** Files of weights and configs; blobs, refs and notes of the hub's layout are no files of their own. */
const isSnapshotFile = (name: string): boolean =>
  isModelFolder(name) && /^[^/]+\/snapshots\/[^/]+\/./.test(name) && !name.includes('/.no_exist/');

/** The files of the cache, and those that the hub's cache has. */
export const cachedFiles = (
  options: DownloadOptions = {},
): TaskEither<DownloadError, readonly CachedFile[]> =>
  attempt(async () => {
    const { cache, hubCache } = settingsOf(options);
    const records = new Map((await recordsIn(cache)).map((record) => [record.path, record]));
    const isOwn = (name: string) =>
      !name.startsWith('.') && !isModelFolder(name) && !name.endsWith('.partial.json');
    const isOfHub = hubCache.startsWith(cache + sep)
      ? (name: string) => isOwn(name) && !name.startsWith('hub/')
      : isOwn;
    const paths = [...(await filesUnder(cache, isOfHub)), ...(await filesUnder(hubCache, isSnapshotFile))];
    const files: CachedFile[] = [];
    for (const path of paths) {
      const found = await stat(path).catch(() => undefined);
      const record = records.get(path);
      const root = path.startsWith(hubCache + sep) ? hubCache : cache;
      if (found)
        files.push({
          path,
          name: relative(root, path).split(sep).join('/'),
          bytes: found.size,
          isPartial: path.endsWith('.partial') || path.endsWith('.incomplete'),
          ...(record && { url: record.url, digest: record.digest }),
        });
    }
    return files.sort((a, b) => (a.name < b.name ? -1 : 1));
  });

/** A file and whether its contents are those that were fetched; undefined where no digest is known. */
export interface VerifiedFile extends CachedFile {
  readonly isSound?: boolean;
}

/** The files of the cache with their contents compared. */
export const verifyCache = (
  options: DownloadOptions = {},
): TaskEither<DownloadError, readonly VerifiedFile[]> =>
  attempt(async () => {
    const listed = await cachedFiles(options)();
    if (listed._tag === 'Left') return [];
    const verified: VerifiedFile[] = [];
    for (const file of listed.right) {
      const { digest, path } = file;
      const isSound = digest && (await digestOfFile(path, digest.algorithm)).hex === digest.hex;
      verified.push({ ...file, ...(isSound !== undefined && { isSound }) });
    }
    return verified;
  });

/** Removes the files whose name has a text in it; gives the files that were removed. */
export const removeCached = (
  text: string,
  options: DownloadOptions = {},
): TaskEither<DownloadError, readonly CachedFile[]> =>
  attempt(async () => {
    const { cache } = settingsOf(options);
    const listed = await cachedFiles(options)();
    const wanted = listed._tag === 'Left' ? [] : listed.right.filter(({ name }) => name.includes(text));
    for (const { path } of wanted) {
      await rm(path, { force: true });
      await rm(`${path}.json`, { force: true });
      await forgetRecord(cache, path);
    }
    return wanted;
  });
