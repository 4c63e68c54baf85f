/**
 * Checkpoints of Orbax: a folder whose `_METADATA` names the leaves of a tree, each an array of zarr 2 or zarr 3, in
 * files of their own or in an OCDBT store; or a manager's folder, which has such a folder for each step.
 *
 * Source: Orbax 0.12, `orbax/checkpoint/_src/metadata/tree.py` and `_src/path/step.py`.
 */
import type { Files } from '../../files/folderSource.js';
import type { Source } from '../../files/source.js';
import { refuse } from '../error.js';
import type { FileArray } from '../fileArray.js';
import { savedByFlax, withModule } from '../flaxCheckpoint.js';
import { type Saved, savedInValue } from '../pickleCheckpoint.js';
import type { PickleDict, PickleValue } from '../pickleValue.js';
import { byteLength } from '../safetensors.js';
import { readArrays } from '../valueTree.js';
import { readJsonValue } from './json.js';
import { manifestName, readOcdbt } from './ocdbt.js';
import { readZarr } from './zarr.js';

const metadataName = '_METADATA';

/** Strings of a tree, by the names of their leaves. */
const textsName = '_strings.json';

export interface OrbaxOptions {
  /** The step of a manager's folder; the latest one if not given. */
  readonly step?: number;
}

/** True if files are those of a folder that Orbax wrote. */
export const isOrbax = (files: Files): boolean =>
  [...files.keys()].some((name) => /(^|\/)(_METADATA|_CHECKPOINT_METADATA)$/.test(name));

const fail = (problem: string, entry?: string): never =>
  refuse({ kind: 'orbax', offset: 0, problem, ...(entry !== undefined && { entry }) });

/** Python that saves a checkpoint anew in a form that is read. */
const saveAnew =
  'in Python: tree = orbax.checkpoint.StandardCheckpointer().restore(path); ' +
  'tree = jax.tree.map(numpy.asarray, tree); pickle.dump(tree, open("model.pickle", "wb"))';

/** The checkpoint in the files of a folder; for the inside of an `attempt`. */
export const readOrbax = (files: Files, { step }: OrbaxOptions = {}): Saved => {
  const item = itemOf(stepOf(files, step));
  if ([...item.keys()].some((name) => /^(ocdbt|array_metadatas\/)\.?process_[1-9]/.test(name)))
    return fail(`arrays that several hosts saved, which are not read; ${saveAnew}`);
  const metadata = asRecord(
    readJsonValue(item.get(metadataName) ?? fail('is missing', metadataName), metadataName),
  );
  const leaves = leavesOf(metadata.tree_metadata);
  const isOcdbt = item.has(manifestName);
  if (!isOcdbt && metadata.use_ocdbt === true)
    return fail(`no ${manifestName}: a checkpoint that was not finished; ${saveAnew}`);
  const store = isOcdbt ? readOcdbt(item) : item;
  const notes: string[] = [];
  const root: PickleDict = emptyDict();
  const others = new Map<string, string>();
  const texts = asRecord(item.has(textsName) ? readJsonValue(item.get(textsName) as Source, textsName) : {});
  for (const leaf of leaves) {
    const name = leaf.path.join('.');
    const value = valueOf(store, leaf, notes);
    if (typeof value === 'string') others.set(name, String(Object.hasOwn(texts, name) ? texts[name] : value));
    else put(root, leaf, value);
  }
  checkSizes(root, item);
  const saved = savedByOrbax(root);
  return { ...saved, rest: new Map([...saved.rest, ...others]), notes: [...notes, ...(saved.notes ?? [])] };
};

/** Weights hardly shrink; more than this is a small folder that asks for much memory. */
const mostUnpacked = (length: number): number => 64 * length + (32 << 20);

/** Refuses arrays that are far larger than the folder, all of them together. */
const checkSizes = (root: PickleDict, files: Files): void => {
  const length = [...files.values()].reduce((sum, file) => sum + file.length, 0);
  const sizes = [...readArrays(root).values()].map(byteLength);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total > mostUnpacked(length)) fail(`arrays of ${total} bytes in a folder of ${length}`);
};

const savedByOrbax = (root: PickleDict): Saved => {
  const { entries } = root;
  if (entries.has('batch_stats') || !entries.has('params')) return savedByFlax(root);
  const parts = Array.from(
    entries,
    ([name, part]) => [name, name === 'params' ? withModule(part) : part] as const,
  );
  return savedInValue({ ...root, entries: new Map(parts) });
};

const emptyDict = (): PickleDict => ({ kind: 'dict', offset: 0, entries: new Map() });

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

/** Files of a folder within another one. */
const inFolder = (files: Files, folder: string): Files =>
  new Map(
    [...files]
      .filter(([name]) => name.startsWith(`${folder}/`))
      .map(([name, source]) => [name.slice(folder.length + 1), source]),
  );

const foldersOf = (files: Files): readonly string[] => [
  ...new Set(
    [...files.keys()].flatMap((name) => (name.includes('/') ? [name.slice(0, name.indexOf('/'))] : [])),
  ),
];

/** The files of a step: of the one that is asked for, or of the latest; a folder without steps is one itself. */
const stepOf = (files: Files, step: number | undefined): Files => {
  if (files.has(metadataName) || files.has('_CHECKPOINT_METADATA')) {
    return step === undefined
      ? files
      : fail(`no step ${step}: the folder holds one checkpoint, without steps`);
  }
  const steps = new Map(
    foldersOf(files).flatMap((folder): [number, string][] => {
      const found = /^(?:[A-Za-z]\w*_)?(\d{1,15})$/.exec(folder);
      return found && isOrbax(inFolder(files, folder)) ? [[Number(found[1]), folder]] : [];
    }),
  );
  if (steps.size === 0)
    return fail('no finished checkpoint: neither _METADATA nor folders of steps that have it');
  const wanted = step ?? Math.max(...steps.keys());
  const folder = steps.get(wanted);
  if (folder !== undefined) return inFolder(files, folder);
  return fail(`no step ${wanted}; there are ${[...steps.keys()].sort((a, b) => a - b).join(', ')}`);
};

/** The files of an item of a step: its only one, or the one of the usual names. */
const itemOf = (files: Files): Files => {
  if (files.has(metadataName)) return files;
  const items = foldersOf(files).filter((folder) => files.has(`${folder}/${metadataName}`));
  const usual = ['default', 'state', 'train_state', 'params', 'model'].find((name) => items.includes(name));
  const chosen = items.length === 1 ? items[0] : usual;
  if (chosen !== undefined) return inFolder(files, chosen);
  return items.length === 0
    ? fail(`no ${metadataName}: a checkpoint of another handler than PyTree's; ${saveAnew}`)
    : fail(`several items, ${items.join(', ')}: open one of their folders`);
};

/** A leaf of the tree. */
interface Leaf {
  readonly path: readonly string[];
  /** The kind of value, in Orbax's words. */
  readonly type: string;
}

const mostLeaves = 1 << 16;
const mostLevels = 64;

const leavesOf = (tree: unknown): readonly Leaf[] => {
  const entries = Object.values(asRecord(tree));
  if (entries.length > mostLeaves) return fail(`more than ${mostLeaves} leaves`, metadataName);
  return entries.map((entry) => {
    const { key_metadata: keys, value_metadata: value } = asRecord(entry);
    if (!Array.isArray(keys) || keys.length > mostLevels)
      return fail('a leaf without its keys', metadataName);
    const path = keys.map((key) => asRecord(key).key);
    if (!path.every((name) => typeof name === 'string' || typeof name === 'number'))
      return fail('a key that is no name', metadataName);
    if (path.includes('__proto__'))
      return fail('the key "__proto__", which no module or leaf is called', metadataName);
    return { path: path.map(String), type: String(asRecord(value).value_type) };
  });
};

const arrayTypes = ['jax.Array', 'np.ndarray', 'scalar'];

/** The value of a leaf: an array, or what Orbax says of it; undefined for a leaf that is None. */
const valueOf = (
  store: Files,
  { path, type }: Leaf,
  notes: string[],
): FileArray | PickleDict | string | undefined => {
  const name = path.join('.');
  if (type === 'None') return void notes.push(`${name} is None, and is left out`);
  if (type === 'Dict' || type === 'List') return emptyDict();
  const array = readZarr(store, name);
  if (array) return array;
  if (arrayTypes.includes(type)) return fail(`no array: neither .zarray nor zarr.json; ${saveAnew}`, name);
  notes.push(`${name} is a ${type.slice(0, 80)} and no array`);
  return type;
};

const put = (root: PickleDict, { path }: Leaf, value: PickleValue | undefined): void => {
  if (value === undefined) return;
  let dict = root;
  for (const key of path.slice(0, -1)) {
    const next = dict.entries.get(key) ?? emptyDict();
    if (typeof next !== 'object' || next === null || next.kind !== 'dict')
      return fail(`${path.join('.')}: a leaf within a leaf`, metadataName);
    dict.entries.set(key, next);
    dict = next;
  }
  dict.entries.set(path.at(-1) ?? '', value);
};
