/**
 * A checkpoint: parameters, state, and whatever else was saved beside them. Its format is told by its bytes here; what
 * the bytes of each format say is other files' matter.
 */
import { either as E } from 'fp-ts';
import type { HostArray } from '../data/array.js';
import type { Tree } from '../data/tree.js';
import type { CheckpointError } from './error.js';
import { attempt, refuse } from './error.js';
import { savedByFlax } from './flaxCheckpoint.js';
import { isMsgpack, readMsgpack } from './msgpack.js';
import { treesOfNames } from './namedCheckpoint.js';
import { isNpy } from './npy.js';
import { arraysOfEntries } from './npz.js';
import { atSlashOrDot } from './npzTree.js';
import { readPickle } from './pickle.js';
import { savedInValue } from './pickleCheckpoint.js';
import type { PickleValue } from './pickleValue.js';
import { isSafetensors, readSafetensors, type Safetensors } from './safetensors.js';
import { filesOf, isShardIndex, joinShards, readShardIndex, type ShardIndex } from './shardIndex.js';
import { type Source, sourceOf } from '../files/source.js';
import { isTorch, readTorch, refuseLegacyTorch } from './torch.js';
import { savedByTorch } from './torchCheckpoint.js';
import { isZip, type OpenOptions, openZip } from '../files/unzip.js';
import { refuseTree } from './valueTree.js';

/** The formats that checkpoints are read from. */
export type CheckpointFormat = 'pickle' | 'npz' | 'safetensors' | 'torch' | 'msgpack';

export interface Checkpoint {
  readonly format: CheckpointFormat;
  readonly params: Tree<HostArray>;
  /** Empty where the model has none. */
  readonly state: Tree<HostArray>;
  /** What else the file holds (optimizer state, step, random key), as data. */
  readonly rest: ReadonlyMap<string, PickleValue>;
  /** Texts about the file, which safetensors has: where it is from, the config of its model. */
  readonly metadata: Readonly<Record<string, string>>;
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
 * The checkpoint in several safetensors files.
 * @param index   the bytes of its `model.safetensors.index.json`
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
  const shards = new Map<string, Safetensors>();
  for (const file of filesOf(index)) {
    const shard = attempt(() => readShard(file, sources.get(file)));
    if (E.isLeft(shard)) return E.left({ ...shard.left, ...('offset' in shard.left && { entry: file }) });
    shards.set(file, shard.right);
  }
  return attempt(() => ofSafetensors(joinShards(index, shards)));
};

const readShard = (file: string, source: Source | undefined): Safetensors =>
  source
    ? readSafetensors(source)
    : refuse({ kind: 'io', path: file, problem: 'the index names it, and it is not given' });

const longestStart = 512;

/** Whether a file is an index of others, told by its first bytes. */
export const isIndexOfShards = (source: Source): boolean => {
  const start = source.read(0, Math.min(longestStart, source.length));
  return !isSafetensors(start) && isShardIndex(start);
};

/** `parseCheckpoint` for the inside of an `attempt`; of what is not in memory, as little is read as can be. */
export const readSource = (source: Source, options: OpenOptions = {}): Checkpoint => {
  const start = source.read(0, Math.min(longestStart, source.length));
  if (isSafetensors(start)) return ofSafetensors(readSafetensors(source));
  if (isZip(start)) return ofZip(source, options);
  if (isMsgpack(start)) return { format: 'msgpack', ...savedByFlax(readMsgpack(source)), metadata: {} };
  refuseLegacyTorch(start);
  if (isShardIndex(start))
    refuse({
      kind: 'json',
      offset: 0,
      problem: 'an index of other files, which are not here: parseShards takes both',
    });
  if (isNpy(start))
    refuseTree([{ path: '', found: 'a single array (.npy)', expected: 'a mapping of modules' }]);
  if (start[0] === 0x1f && start[1] === 0x8b) {
    refuse({ kind: 'pickle', offset: 0, problem: 'compressed by gzip; unpack it first' });
  }
  return { format: 'pickle', ...savedInValue(readPickle(source)), metadata: {} };
};

const ofZip = (source: Source, options: OpenOptions): Checkpoint => {
  const entries = openZip(source, options);
  if (isTorch(entries.keys())) {
    return { format: 'torch', ...savedByTorch(readTorch(entries, source.length)), metadata: {} };
  }
  return { format: 'npz', ...treesOfNames(arraysOfEntries(entries)), rest: new Map(), metadata: {} };
};

const ofSafetensors = ({ arrays, metadata }: Safetensors): Checkpoint => ({
  format: 'safetensors',
  ...treesOfNames(arrays, atSlashOrDot),
  rest: new Map(),
  metadata,
});
