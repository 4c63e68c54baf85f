/**
 * A checkpoint: parameters, state, and whatever else was saved beside them. Its format is told by its bytes here; what
 * the bytes of each format say is other files' matter.
 */
import * as E from 'fp-ts/lib/Either.js';
import type { HostArray } from '../data/array.js';
import type { Tree } from '../data/tree.js';
import type { CheckpointError } from './error.js';
import { attempt, refuse } from './error.js';
import { savedByFlax } from './flaxCheckpoint.js';
import { isMsgpack, readMsgpack } from './msgpack.js';
import { fromGptq } from './gptq.js';
import { FileArray } from './fileArray.js';
import { refuseArchive, refuseForeign, refuseText, refuseUnknown } from './foreign.js';
import { notePrefix } from './names/prefix.js';
import { savedByNames, treesOfNames } from './namedCheckpoint.js';
import { isNpy, readNpys } from './npy.js';
import { valuesOfEntries } from './npz.js';
import { noPickle, readPickles } from './pickle.js';
import { type Saved, savedInValue } from './pickleCheckpoint.js';
import { isContainer, type PickleValue } from './pickleValue.js';
import { isSafetensors, readSafetensors, type Safetensors } from './safetensors.js';
import {
  filesOf,
  isShardIndex,
  joinShards,
  readShardIndex,
  type Shard,
  type ShardIndex,
} from './shardIndex.js';
import type { Files } from '../files/folderSource.js';
import { inMemory, type Source, sourceOf } from '../files/source.js';
import { type OrbaxOptions, readOrbax } from './orbax/orbax.js';
import { isLegacyTorch, isTorch, readLegacyTorch, readTorch } from './torch.js';
import { arraysOfTorch, savedByTorch } from './torchCheckpoint.js';
import { isZip, type OpenOptions, openZip } from '../files/unzip.js';
import { refuseTree } from './valueTree.js';

/** The formats that checkpoints are read from. */
export type CheckpointFormat = 'pickle' | 'npy' | 'npz' | 'safetensors' | 'torch' | 'msgpack' | 'orbax';

export interface Checkpoint {
  readonly format: CheckpointFormat;
  readonly params: Tree<HostArray>;
  /** Empty where the model has none. */
  readonly state: Tree<HostArray>;
  /** Everything else in the file (optimizer state, step, random key), as data. */
  readonly rest: ReadonlyMap<string, PickleValue>;
  /** Texts about the file, which safetensors has: where it is from, the config of its model. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Sentences about the file that a person should know: leaves that are None, objects that are not known here. */
  readonly notes: readonly string[];
}

/**
 * The checkpoint in the bytes of a `.pickle`, `.pystate`, `.npz`, `.safetensors`, PyTorch's `.pt` or `.bin`, or Flax's
 * `.msgpack` file, told apart by their contents.
 *
 * Known forms: a mapping of modules; `{params, state, …}`; jaxline's `{experiment_module: {params, state, …}, …}`; in
 * formats of named arrays, `module/leaf`, or `params/module/leaf` and `state/module/leaf`; in safetensors PyTorch's
 * `module.leaf` too; a state dict, alone or as `{state_dict, …}`; Flax's nested mappings, alone or under `params`.
 * Arrays are views of the bytes, which must not be changed afterwards.
 */
export const parseCheckpoint = (bytes: Uint8Array): E.Either<CheckpointError, Checkpoint> =>
  attempt(() => readSource(sourceOf(bytes)));

/**
 * The checkpoint in several files of safetensors or PyTorch.
 * @param index   the bytes of `model.safetensors.index.json` or `pytorch_model.bin.index.json`
 * @param shards  the bytes of the files that the index names
 */
export const parseShards = (
  index: Uint8Array,
  shards: ReadonlyMap<string, Uint8Array>,
): E.Either<CheckpointError, Checkpoint> =>
  E.chain((read: ShardIndex) =>
    readShards(read, new Map(Array.from(shards, ([name, bytes]) => [name, sourceOf(bytes)]))),
  )(attempt(() => readShardIndex(sourceOf(index))));

/** `parseShards` of an index that was read, and of files that need not be in memory. */
export const readShards = (
  index: ShardIndex,
  sources: ReadonlyMap<string, Source>,
): E.Either<CheckpointError, Checkpoint> => {
  const shards = new Map<string, Shard>();
  for (const file of filesOf(index)) {
    const shard = attempt(() => readShard(file, sources.get(file)));
    if (E.isLeft(shard)) return E.left(inShard(file, shard.left));
    shards.set(file, shard.right);
  }
  return attempt(() => {
    const { arrays, metadata } = joinShards(index, shards);
    const isOfTorch = [...shards.values()].every(({ format }) => format === 'torch');
    const saved = isOfTorch ? { ...treesOfNames(arrays), rest: new Map() } : ofNames(arrays, metadata);
    return made(isOfTorch ? 'torch' : 'safetensors', saved, metadata);
  });
};

/** A file of a set: its format is told by its bytes. */
const readShard = (file: string, source: Source | undefined): Shard => {
  if (!source) return refuse({ kind: 'io', path: file, problem: 'the index names it, and it is not given' });
  const start = startOf(source);
  if (isSafetensors(start)) return { format: 'safetensors', ...readSafetensors(source) };
  refuseForeign(start);
  if (isLegacyTorch(start))
    return { format: 'torch', arrays: arraysOfTorch(readLegacyTorch(source)), metadata: {} };
  if (!isZip(start))
    return refuse({ kind: 'torch', offset: 0, problem: "neither safetensors nor a file of PyTorch's" });
  const entries = openZip(source);
  if (!isTorch(entries.keys()))
    return refuse({ kind: 'torch', offset: 0, problem: 'an archive without a data.pkl' });
  return { format: 'torch', arrays: arraysOfTorch(readTorch(entries, source.length)), metadata: {} };
};

const inShard = (file: string, error: CheckpointError): CheckpointError => {
  if (error.kind === 'foreign') return { ...error, path: file };
  return 'problem' in error && 'offset' in error ? { ...error, entry: file } : error;
};

const longestStart = 512;

const startOf = (source: Source): Uint8Array => source.read(0, Math.min(longestStart, source.length));

/** True if a file is an index of others, told by its first bytes. */
export const isIndexOfShards = (source: Source): boolean => {
  const start = startOf(source);
  return !isSafetensors(start) && isShardIndex(start);
};

/** `parseCheckpoint` for the inside of an `attempt`; of what is not in memory, as little is read as can be. */
export const readSource = (source: Source, options: OpenOptions = {}): Checkpoint => {
  const start = startOf(source);
  if (isSafetensors(start)) return ofSafetensors(readSafetensors(source));
  if (isZip(start)) return ofZip(source, options);
  refuseForeign(start);
  if (isMsgpack(start)) return made('msgpack', savedByFlax(readMsgpack(source)));
  if (isLegacyTorch(start)) return made('torch', savedByTorch(readLegacyTorch(source)));
  if (isNpy(start)) return made('npy', savedByNpy(readNpys(source)));
  if (isShardIndex(start)) {
    readShardIndex(source);
    refuse({
      kind: 'json',
      offset: 0,
      problem: 'an index of other files, which are not here: parseShards takes both',
    });
  }
  const value = attempt(() => readPickles(source));
  if (E.isRight(value)) return made('pickle', savedInValue(value.right));
  if (value.left.kind === 'pickle' && value.left.offset === 0) {
    refuseText(start);
    if (value.left.problem === noPickle) refuseUnknown(start);
  }
  return refuse(value.left);
};

/** The checkpoint in the files of a folder that Orbax wrote; for the inside of an `attempt`. */
export const readFolder = (files: Files, options: OrbaxOptions = {}): Checkpoint =>
  made('orbax', readOrbax(files, options));

/**
 * The checkpoint in a folder that Orbax wrote.
 * @param files  the bytes of the folder's files by their paths within it, with slashes
 */
export const parseOrbax = (
  files: ReadonlyMap<string, Uint8Array>,
  options: OrbaxOptions = {},
): E.Either<CheckpointError, Checkpoint> =>
  attempt(() => readFolder(new Map(Array.from(files, ([name, bytes]) => [name, inMemory(bytes)])), options));

const made = (
  format: CheckpointFormat,
  { params, state, rest, notes = [] }: Saved,
  metadata: Checkpoint['metadata'] = {},
): Checkpoint => {
  const isOfPyTorch = format === 'torch' || format === 'safetensors';
  const prefix = isOfPyTorch ? notePrefix(Object.keys(params).map((module) => `${module}.`)) : undefined;
  return {
    format,
    params,
    state,
    rest,
    metadata,
    notes: [...(prefix === undefined ? [] : [prefix]), ...notes],
  };
};

const savedByNpy = (value: PickleValue): Saved =>
  value instanceof FileArray
    ? refuseTree([{ path: '', found: 'a single array (.npy)', expected: 'a mapping of modules' }])
    : savedInValue(arraysByPlace(value));

/** Arrays without names, as leaves of `~` that have their places for names. */
const arraysByPlace = (value: PickleValue): PickleValue => {
  if (!isContainer(value) || value.kind !== 'tuple') return value;
  if (!value.items.every((item) => item instanceof FileArray)) return value;
  const leaves = new Map(value.items.map((item, i): [PickleValue, PickleValue] => [String(i), item]));
  return { kind: 'dict', offset: 0, entries: new Map([['~', { kind: 'dict', offset: 0, entries: leaves }]]) };
};

const ofZip = (source: Source, options: OpenOptions): Checkpoint => {
  const entries = openZip(source, options);
  if (isTorch(entries.keys())) {
    return made('torch', savedByTorch(readTorch(entries, source.length)));
  }
  if (entries.size > 0 && ![...entries].some(([name, part]) => name.endsWith('.npy') || isNpy(startOf(part))))
    refuseArchive([...entries.keys()]);
  return made('npz', savedByNames(valuesOfEntries(entries)));
};

/** The `format` in the metadata of a file that a training run saved itself in. */
export const runFormat = 'renga train state';

/** The arrays of the model in such a file; others are the optimizer's and the run's own. */
const isOfModel = (name: string): boolean => /^(params|state)\/.*\//.test(name);

/** The trees of a safetensors file's arrays; matrices in fewer bits are widened when they are asked for. */
const ofNames = (
  arrays: ReadonlyMap<string, HostArray>,
  metadata: Readonly<Record<string, string>>,
): Saved => {
  const { params, state } = treesOfNames(arrays);
  const isOfPyTorch = ![...arrays.keys()].some((name) => name.includes('/'));
  const { tree, notes } = fromGptq(params, isOfPyTorch, metadata);
  return { params: tree, state, rest: new Map(), notes };
};

const ofSafetensors = ({ arrays, metadata }: Safetensors): Checkpoint => {
  if (metadata.format !== runFormat) return made('safetensors', ofNames(arrays, metadata), metadata);
  const [own, rest] = [true, false].map(
    (isOwn) => new Map([...arrays].filter(([name]) => isOfModel(name) === isOwn)),
  );
  return made('safetensors', { ...treesOfNames(own), rest }, metadata);
};
