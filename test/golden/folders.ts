/** The folders of goldens: their names, the files that tell one from another, and their cases. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { arCases } from './ar.js';
import { type Case, type IndexEntry, readJson } from './case.js';
import type { Check } from './compare.js';
import { fullCases } from './full.js';
import { haikuCases } from './haiku.js';
import { huggingFaceCases } from './huggingFace.js';
import { checkModule } from './modules.js';
import { orbaxCases } from './orbax.js';
import { pickleCases } from './pickles.js';
import { checkPreset } from './presets.js';
import { randomCases } from './random.js';
import { trainCases } from './train.js';
import { trainedCases } from './trained.js';

/** The cases of a folder. */
export type Cases = readonly Case[];

/** A folder that was found, and what it is. */
export interface Folder {
  readonly name: string;
  readonly path: string;
  readonly casesOf: (path: string) => Cases | Promise<Cases>;
}

const indexOf = (path: string): readonly IndexEntry[] =>
  (readJson(join(path, 'index.json')) as { readonly cases?: readonly IndexEntry[] }).cases ?? [];

const indexed =
  (check: (path: string, entry: IndexEntry) => Check[] | Promise<Check[]>) =>
  (path: string): Cases =>
    indexOf(path).map((entry) => ({ name: entry.case, run: () => check(path, entry) }));

/** Every folder of goldens by its name, in the order in which they are run. */
const folders: Readonly<Record<string, Folder['casesOf']>> = {
  modules: indexed(checkModule),
  presets: indexed(checkPreset),
  full: (path) => fullCases(path),
  random: (path) => randomCases(path),
  pickles: (path) => pickleCases(path),
  trained: (path) => trainedCases(path),
  train: (path) => trainCases(path),
  hf: (path) => huggingFaceCases(path),
  haiku: (path) => haikuCases(path, indexOf(path)),
  orbax: (path) => orbaxCases(path),
  ar: (path) => arCases(path, indexOf(path)),
};

/** A folder under another name is known by a file that no other folder has. */
const marks: Readonly<Record<string, RegExp>> = {
  random: /^random\.npz$/,
  train: /^optim\.json$/,
  hf: /\.safetensors$/,
  trained: /\.pystate$/,
  full: /^fourier\.npz$/,
  orbax: /^zarr3-no-ocdbt$/,
  pickles: /^expected\.npz$/,
  haiku: /^sharing\.json$/,
  ar: /^schedules\.json$/,
};

const filesOf = (path: string): readonly string[] => (statSync(path).isDirectory() ? readdirSync(path) : []);

/** The name of the kind of folder that a path is; undefined for none. */
const kindOf = (path: string): string | undefined => {
  const files = filesOf(path);
  if (Object.hasOwn(folders, basename(path)) && files.length > 0) return basename(path);
  const marked = Object.keys(marks).find((name) => files.some((file) => marks[name].test(file)));
  if (marked !== undefined) return marked;
  if (!files.includes('index.json')) return undefined;
  return indexOf(path)[0]?.wiring === undefined ? 'modules' : 'presets';
};

const folderAt = (path: string): Folder | undefined => {
  const name = kindOf(path);
  return name === undefined ? undefined : { name, path, casesOf: folders[name] };
};

/**
 * The folders in a directory, or the directory itself where it is one, in the order of `folders`.
 * @throws Error when the directory or all folders are missing, or one of `only` is
 */
export const foldersOf = (directory: string, only?: readonly string[]): readonly Folder[] => {
  if (!existsSync(directory)) throw new Error(`there is no directory ${directory}`);
  const own = folderAt(directory);
  const found = own ? [own] : filesOf(directory).flatMap((file) => folderAt(join(directory, file)) ?? []);
  if (found.length === 0)
    throw new Error(`${directory}: neither a folder of goldens nor a directory of such`);
  const missing = (only ?? []).filter((name) => found.every((folder) => folder.name !== name));
  if (missing.length > 0) throw new Error(`${directory}: there is no ${missing.join(', no ')}`);
  const order = Object.keys(folders);
  return found
    .filter(({ name }) => only === undefined || only.includes(name))
    .sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
};
