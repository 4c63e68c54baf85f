/**
 * A folder of files, written whole or not at all: beside its place first, then moved there. A folder that is there
 * already is replaced only if nothing is in it but what this command wrote, which a list in it says.
 */
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { Failure } from '../failure.js';
import { reasonOf } from '../../lib/files/error.js';
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

const writeAll = async (folder: string, files: ReadonlyMap<string, string | Uint8Array>): Promise<void> => {
  for (const [path, content] of files) {
    const to = join(folder, ...path.split('/'));
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, content);
  }
  await writeFile(join(folder, marker), `${JSON.stringify({ files: [...files.keys()] }, null, 2)}\n`);
};

/** Moves a folder to its place; what was there is kept until the new one stands. */
const replace = async (place: string, by: string): Promise<void> => {
  if (!(await isAt(place))) return rename(by, place);
  const old = `${place}.${randomUUID()}.old`;
  await rename(place, old);
  try {
    await rename(by, place);
  } catch (error) {
    await rename(old, place);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
};

/** Writes files by their paths into a folder, or leaves what was there as it was. */
export const writeFolder = async (
  out: string,
  files: ReadonlyMap<string, string | Uint8Array>,
): Promise<void> => {
  await checkFolder(out);
  const place = (await isAt(resolve(out))) ? await realpath(out) : resolve(out);
  const partial = `${place}.${randomUUID()}.partial`;
  try {
    await mkdir(dirname(place), { recursive: true });
    await writeAll(partial, files);
    await replace(place, partial);
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => undefined);
    const reason = reasonOf(error);
    throw reason === undefined ? error : new Failure(`${out}: ${reason}`);
  }
};
