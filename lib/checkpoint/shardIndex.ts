/**
 * The index of a checkpoint in several safetensors files: JSON that says in which file each tensor is. Files are named
 * as they lie beside the index; a name that leads elsewhere is refused.
 *
 * Source: what `save_pretrained` of Hugging Face's transformers writes, `model.safetensors.index.json`.
 */
import { refuse } from './error.js';
import type { FileArray } from './fileArray.js';
import { refuseJson } from './foreign.js';
import { JsonReader, shown } from './jsonReader.js';
import type { Safetensors } from './safetensors.js';
import { allOf, type Source } from '../files/source.js';

/** The index of a set of files. */
export interface ShardIndex {
  /** The file of each tensor, in the order of the index. */
  readonly files: ReadonlyMap<string, string>;
  /** The mark that all files of one write hold, where the writer gave them one. */
  readonly generation?: string;
}

/** True if bytes begin as JSON does that is an object, after which safetensors were ruled out. */
export const isShardIndex = (start: Uint8Array): boolean => /^\s*\{/.test(String.fromCharCode(...start));

const longestIndex = 100_000_000;
/** Of a file; no file system has longer ones. */
const longestName = 255;
/** More tensors than any model has. */
const mostTensors = 1 << 16;
/** More files than any model has; each is opened, and held. */
const mostFiles = 1 << 12;

/** The index in its bytes; for the inside of an `attempt`. */
export const readShardIndex = (source: Source): ShardIndex => {
  if (source.length > longestIndex) {
    refuse({ kind: 'json', offset: 0, problem: `an index of ${source.length} bytes` });
  }
  const json = new JsonReader(allOf(source), { format: 'json', offset: 0 });
  let files: ReadonlyMap<string, string> | undefined;
  let generation: string | undefined;
  json.object((name) => {
    if (name === 'weight_map') files = readMap(json);
    else if (name === 'metadata' && json.isObject)
      json.object((key) => {
        if (key === 'generation' && json.isString) generation = json.string();
        else json.skip();
      });
    else json.skip();
  });
  json.end();
  return files ? { files, generation } : refuseJson();
};

const readMap = (json: JsonReader): ReadonlyMap<string, string> => {
  const files = new Map<string, string>();
  const named = new Set<string>();
  json.object((tensor, offset) => {
    const file = json.string();
    if (file.length > longestName || !isFileName(file))
      json.refuse(`tensor ${shown(tensor)}: ${shown(file)}, which is no file beside the index`, offset);
    files.set(tensor, file);
    if (named.add(file).size > mostFiles) json.refuse(`more than ${mostFiles} files`, offset);
  }, mostTensors);
  return files;
};

/** Refuses the name of a file that an index could not name. */
export const checkFileName = (name: string): void => {
  if (!isFileName(name))
    refuse({ kind: 'io', path: name, problem: 'a name that an index of shards cannot have' });
};

/** Neither a path nor a drive nor a stream. */
const isFileName = (name: string): boolean => /^[^/\\:\0]+$/.test(name) && !/^\.+$/.test(name);

/** The files of an index, each once. */
export const filesOf = (index: ShardIndex): readonly string[] => [...new Set(index.files.values())];

/** A file of a set. */
export interface Shard extends Safetensors {
  readonly format: 'safetensors' | 'torch';
}

/** The tensors of all files in the order of the index; both must name the same ones. For the inside of an `attempt`. */
export const joinShards = (index: ShardIndex, shards: ReadonlyMap<string, Shard>): Safetensors => {
  const arrays = new Map<string, FileArray>();
  for (const [name, file] of index.files) {
    const array = shards.get(file)?.arrays.get(name);
    if (!array) return fail(`tensor ${shown(name)}: is not in ${shown(file)}, where the index says it is`);
    arrays.set(name, array);
  }
  for (const [file, shard] of shards) {
    const stray = [...shard.arrays.keys()].find((name) => index.files.get(name) !== file);
    if (stray !== undefined)
      fail(`tensor ${shown(stray)}: is in ${shown(file)}, of which the index does not know`);
  }
  for (const [file, { metadata }] of shards)
    if (index.generation !== undefined && metadata.generation !== index.generation)
      fail(`${shown(file)} is of another write than the index; copy or write the whole set again`);
  // Of texts that differ from file to file, the first file's is taken.
  const texts = [...shards.values()].reverse().flatMap((shard) => Object.entries(shard.metadata));
  const isOwn = ([name]: readonly [string, string]) =>
    index.generation === undefined || name !== 'generation';
  return { arrays, metadata: Object.fromEntries(texts.filter(isOwn)) };
};

const fail = (problem: string): never => refuse({ kind: 'json', offset: 0, problem });

/** The text of an index. */
export const formatShardIndex = (index: ShardIndex, totalSize: number): string => {
  const lines = Array.from(
    index.files,
    ([name, file]) => `    ${JSON.stringify(name)}: ${JSON.stringify(file)}`,
  );
  const mark =
    index.generation === undefined ? '' : `,\n    "generation": ${JSON.stringify(index.generation)}`;
  return `{\n  "metadata": {\n    "total_size": ${totalSize}${mark}\n  },\n  "weight_map": {\n${lines.join(',\n')}\n  }\n}\n`;
};
