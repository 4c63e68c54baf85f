/**
 * Sets of files that are replaced as one: parts, and a main file that names them, by which the set is opened. Parts
 * never replace parts. A first write gives them their usual names; a write over another set gives them new names, then
 * replaces the main file, then removes the old parts. Whenever the work ends, the main file and the parts that it names
 * are of one write.
 */
import { refuseFile } from './error.js';
import { type FileSystem, fileSystem } from './fileSystem.js';
import { partialOf, partialsIn, randomMark, removeLeftovers } from './partial.js';
import type { Parts } from './parts.js';
import { checkWanted, placeOf, writePartial } from './write.js';
import type { WriteOptions } from './writeOptions.js';

/** A set of files in one folder. */
export interface FileSet {
  /** The path of the main file. */
  readonly main: string;
  readonly parts: readonly {
    /** The part's file name: the usual one when no mark is given, or else one with the mark in it. */
    readonly name: (mark?: string) => string;
    readonly parts: Parts;
  }[];
  /** The main file's contents, for parts of these names. */
  readonly mainParts: (names: readonly string[]) => Parts;
  /** True if a file name is that of a part of this set, whichever write it is of. */
  readonly isPart: (name: string) => boolean;
}

/** Writes a set; gives the paths of its files, the main file last, and the number of their bytes. */
export const writeSet = async (
  set: FileSet,
  totalBytes: number,
  options: WriteOptions = {},
): Promise<{ readonly files: readonly string[]; readonly bytes: number }> => {
  const { fs, path: paths } = await fileSystem();
  const place = await placeOf(set.main);
  if (place.isStream) return refuseFile('a stream', set.main, 'a place for several files');
  const folder = paths.dirname(place.path);
  await removeLeftovers(place.path);
  const partials: string[] = [];
  const claimed: string[] = [];
  let written = 0;
  const write = async (path: string, parts: Parts): Promise<string> => {
    const partial = await partialOf(path);
    partials.push(partial);
    const before = written;
    const onProgress = (bytes: number) => options.onProgress?.((written = before + bytes), totalBytes);
    written = before + (await writePartial(fs, partial, place, { parts }, { ...options, onProgress }));
    return partial;
  };
  try {
    const parts: string[] = [];
    for (const part of set.parts) parts.push(await write(paths.join(folder, part.name()), part.parts));
    checkWanted(options.signal);
    // The main file's partial is there before any part has its name: others know by it that this write goes on.
    const guard = await partialOf(place.path);
    partials.push(guard);
    await fs.promises.writeFile(guard, '', { flag: 'wx' });
    const names = await claimNames(fs, set, (name) => paths.join(folder, name), claimed);
    const main = await write(place.path, set.mainParts(names));
    for (const [i, name] of names.entries()) await fs.promises.rename(parts[i], paths.join(folder, name));
    const { ino } = await fs.promises.stat(main);
    await fs.promises.rename(main, place.path);
    claimed.length = 0;
    await fs.promises.rm(guard, { force: true });
    // The new set stands; old parts that cannot be removed are no reason to call it unwritten.
    await removeOld(set, names, { main: place.path, ino }).catch(() => undefined);
    return {
      files: [...names, paths.basename(place.path)].map((name) => paths.join(folder, name)),
      bytes: written,
    };
  } catch (error) {
    for (const path of [...partials, ...claimed]) await fs.promises.rm(path, { force: true });
    throw error;
  }
};

/** Makes an empty file for each part under a name that nobody has: the usual names where all of them are free. */
const claimNames = async (
  { promises }: FileSystem['fs'],
  set: FileSet,
  pathOf: (name: string) => string,
  claimed: string[],
): Promise<readonly string[]> => {
  for (let mark: string | undefined; ; mark = randomMark()) {
    const names = set.parts.map((part) => part.name(mark));
    try {
      for (const name of names) {
        await (await promises.open(pathOf(name), 'wx')).close();
        claimed.push(pathOf(name));
      }
      return names;
    } catch (error) {
      for (const path of claimed.splice(0)) await promises.rm(path, { force: true });
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error;
    }
  }
};

/**
 * Removes the parts of other writes, unless another process is writing this set or has replaced it meanwhile. The parts
 * are listed first: a part in the list is then an old one, or its write is seen to go on, or to have ended.
 */
const removeOld = async (
  set: FileSet,
  names: readonly string[],
  { main, ino }: { readonly main: string; readonly ino: number },
): Promise<void> => {
  const { fs, path: paths } = await fileSystem();
  const folder = paths.dirname(main);
  const old = (await fs.promises.readdir(folder)).filter((name) => set.isPart(name) && !names.includes(name));
  const partials = await partialsIn(folder);
  const isBusy = partials.some(({ target, isLeftover }) => target === paths.basename(main) && !isLeftover);
  const found = await fs.promises.stat(main).catch(() => undefined);
  if (isBusy || found?.ino !== ino) return;
  for (const name of old) await fs.promises.rm(paths.join(folder, name), { force: true });
};
