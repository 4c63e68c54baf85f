/**
 * A folder of files that one command wrote, and replaces: it is never missing, and never holds half a file. Only files
 * that the command's own list names are replaced.
 */
import { lstat, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { Failure } from '../failure.js';
import { reasonOf } from '../../lib/files/error.js';
import { makeFolder } from '../../lib/files/makeFolder.js';
import { partialOf, removeLeftovers } from '../../lib/files/partial.js';
import { marker } from './marker.js';

const filesIn = async (folder: string): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const path of await readdir(folder, { recursive: true }))
    if (!(await lstat(join(folder, path))).isDirectory()) found.push(path.split(sep).join('/'));
  return found;
};

const listed = async (folder: string): Promise<readonly string[] | undefined> => {
  try {
    const { files } = JSON.parse(await readFile(join(folder, marker), 'utf8')) as {
      files: readonly string[];
    };
    return Array.isArray(files) ? files : undefined;
  } catch {
    return undefined;
  }
};

const isAt = async (path: string): Promise<boolean> => {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
};

/** Refuses a place that holds something of somebody else, before the work whose result it is to hold. */
export const checkFolder = async (out: string): Promise<void> => {
  const place = resolve(out);
  if (!(await isAt(place))) return;
  if (!(await stat(place)).isDirectory())
    throw new Failure(`${out} is a file, expected a place for a folder`);
  const real = await realpath(place);
  const here = await realpath(process.cwd());
  if (here === real || here.startsWith(real + sep))
    throw new Failure(`${out} is the folder that you are in, expected one of its own`);
  const found = await filesIn(real);
  const written = await listed(real);
  if (found.length === 0) return;
  if (!written) throw new Failure(`${out} is not empty, expected a new folder or one that renga docs wrote`);
  const own = new Set([...written, marker]);
  const strange = found.find((path) => !own.has(path));
  if (strange !== undefined)
    throw new Failure(
      `${out} holds ${strange}, which renga docs did not write; move it, or choose another folder`,
    );
};

const listing = (files: Iterable<string>, isWhole: boolean): string =>
  `${JSON.stringify({ isWhole, files: [...files].sort() }, null, 2)}\n`;

const writeAll = async (folder: string, files: ReadonlyMap<string, string | Uint8Array>): Promise<void> => {
  for (const [path, content] of files) {
    const to = join(folder, ...path.split('/'));
    await makeFolder(dirname(to));
    await writeFile(to, content);
  }
  await writeFile(join(folder, marker), listing(files.keys(), true));
};

/** Writes the list of a folder's files, whole or not at all. */
const list = async (place: string, partial: string, text: string): Promise<void> => {
  const beside = join(partial, `${marker}.next`);
  await writeFile(beside, text);
  await rename(beside, join(place, marker));
};

/**
 * Moves files into a folder that is there, each whole, and removes those that are no more. While the work goes on, the
 * folder's list says that it is not whole; the next run completes it.
 */
const replaceWithin = async (place: string, partial: string, paths: readonly string[]): Promise<void> => {
  const old = (await listed(place)) ?? [];
  await list(place, partial, listing(new Set([...old, ...paths]), false));
  for (const path of paths) {
    const to = join(place, ...path.split('/'));
    await makeFolder(dirname(to));
    await rename(join(partial, ...path.split('/')), to);
  }
  const kept = new Set(paths);
  for (const path of old) if (!kept.has(path)) await rm(join(place, ...path.split('/')), { force: true });
  await list(place, partial, listing(paths, true));
};

/**
 * Writes files by their paths into a folder. A new folder appears whole; in one that is there each file is replaced as a
 * whole, so that the folder is never missing.
 */
export const writeFolder = async (
  out: string,
  files: ReadonlyMap<string, string | Uint8Array>,
): Promise<void> => {
  await checkFolder(out);
  const isThere = await isAt(resolve(out));
  const place = isThere ? await realpath(out) : resolve(out);
  const partial = await partialOf(place);
  try {
    await makeFolder(dirname(place));
    await removeLeftovers(place);
    await writeAll(partial, files);
    if (!isThere) return await rename(partial, place);
    await replaceWithin(place, partial, [...files.keys()]);
    await rm(partial, { recursive: true, force: true });
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => undefined);
    const reason = reasonOf(error);
    throw reason === undefined ? error : new Failure(`${out}: ${reason}`);
  }
};
