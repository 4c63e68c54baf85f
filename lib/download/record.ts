/**
 * Records of files that were fetched: the address and the digest of each, beside the cache. A file whose digest nobody
 * names is held to the one that it had when it was first fetched.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from './digest.js';
import { keep } from './snapshot.js';

/** A file that was fetched. */
export interface FileRecord {
  readonly path: string;
  readonly url: string;
  readonly digest: Digest;
}

const folderOf = (cache: string): string => join(cache, '.digests');

const placeOfRecord = (cache: string, path: string): string =>
  join(folderOf(cache), `${createHash('sha1').update(path).digest('hex')}.json`);

const parseRecord = (text: string): FileRecord | undefined => {
  try {
    const { path, url, digest } = JSON.parse(text) as Partial<FileRecord>;
    const isSound =
      typeof path === 'string' && typeof url === 'string' && /^[0-9a-f]+$/.test(digest?.hex ?? '');
    return isSound ? ({ path, url, digest } as FileRecord) : undefined;
  } catch {
    return undefined;
  }
};

/** The record of a file; undefined where there is none. */
export const recordOf = async (cache: string, path: string): Promise<FileRecord | undefined> =>
  parseRecord(await readFile(placeOfRecord(cache, path), 'utf8').catch(() => ''));

/** Keeps the record of a file. */
export const keepRecord = (cache: string, record: FileRecord): Promise<void> =>
  keep(placeOfRecord(cache, record.path), `${JSON.stringify(record, null, 2)}\n`);

/** Forgets a file. */
export const forgetRecord = (cache: string, path: string): Promise<void> =>
  rm(placeOfRecord(cache, path), { force: true });

/** All records of a cache. */
export const recordsIn = async (cache: string): Promise<readonly FileRecord[]> => {
  const names = await readdir(folderOf(cache)).catch((): string[] => []);
  const texts = await Promise.all(names.map((name) => readFile(join(folderOf(cache), name), 'utf8')));
  return texts.flatMap((text) => parseRecord(text) ?? []);
};
