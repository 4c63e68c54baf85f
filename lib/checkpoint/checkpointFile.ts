/** Checkpoints in files: read whole into memory, or opened and read by offset as their arrays are asked for. */
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Checkpoint } from './checkpoint.js';
import { isIndexOfShards, readFolder, readShards, readSource } from './checkpoint.js';
import type { CheckpointError } from './error.js';
import { attempt } from './error.js';
import { openFile, readFile, type ReadOptions as FileReadOptions } from '../files/fileSource.js';
import { openFolder } from '../files/folderSource.js';
import { blame, inFile, refuseFile } from '../files/error.js';
import { type FileSystem, fileSystem } from '../files/fileSystem.js';
import { filesOf, readShardIndex, type ShardIndex } from './shardIndex.js';
import type { Source } from '../files/source.js';
import { isStandardInput } from '../files/standardInput.js';
import type { OpenOptions as ZipOpenOptions } from '../files/unzip.js';
import type { HostArray } from '../data/array.js';
import { few } from '../data/few.js';
import { mapWithPath, type Tree } from '../data/tree.js';
import { isOrbax, type OrbaxOptions } from './orbax/orbax.js';

/** Options of reading a checkpoint; `step` is for the folder of a CheckpointManager of Orbax. */
export interface ReadOptions extends FileReadOptions, OrbaxOptions {}

/** Options of opening a checkpoint. */
export interface OpenOptions extends ZipOpenOptions, OrbaxOptions {}

/**
 * The checkpoint in a file of any format that `parseCheckpoint` knows, in the files that an index of shards names, or in
 * a folder that Orbax wrote.
 * Everything is read and checked at once, and held in memory: for each file one array of bytes, of which Node 20
 * allows 4 GiB. Afterwards nothing touches the files.
 */
export const readCheckpoint = (
  path: string,
  { onProgress, ...options }: ReadOptions = {},
): TE.TaskEither<CheckpointError, Checkpoint> =>
  TE.chainEitherK((checkpoint: Checkpoint) =>
    checkpoint.format === 'orbax' ? attempt(() => inMemory(checkpoint)) : E.right(checkpoint),
  )(readWith(path, (file, report) => readFile(file, { onProgress: report }), { onProgress }, options));

/** The checkpoint with all of its arrays read. */
const inMemory = (checkpoint: Checkpoint): Checkpoint => {
  const read = (tree: Tree<HostArray>): Tree<HostArray> =>
    mapWithPath(tree, (_, { shape, dtype, data }) => ({ shape, dtype, data }) as HostArray);
  return { ...checkpoint, params: read(checkpoint.params), state: read(checkpoint.state) };
};

/**
 * The same, but of the arrays nothing is read before their `data` is asked for, and what was read is not kept: names
 * and shapes of a file of any size are there in milliseconds, and a file larger than the memory can be converted.
 *
 * The file is held open as long as an array of it is in use. `data` throws when the file was changed meanwhile or can
 * no longer be read. An `.npz` has checksums, for which it is read through once unless `verify` is false; its damage is
 * then met, if at all, by who asks for `data`. What an old pickle (protocol 0 to 2) spells as text is read at once.
 */
export const openCheckpoint = (
  path: string,
  options: OpenOptions = {},
): TE.TaskEither<CheckpointError, Checkpoint> => readWith(path, openFile, {}, options);

/** A file that is no checkpoint is told by its name, which its reader does not know. */
const withPath =
  (path: string) =>
  (error: CheckpointError): CheckpointError =>
    error.kind === 'foreign' ? { path, ...error } : error;

/** Makes a source of a file. */
type Open = (path: string, onProgress: ReadOptions['onProgress']) => Promise<Source>;

const readWith = (
  path: string,
  open: Open,
  reading: ReadOptions,
  options: OpenOptions,
): TE.TaskEither<CheckpointError, Checkpoint> =>
  TE.chainEitherK(E.mapLeft(withPath(path)))(
    inFile(path, async () => {
      if (!isStandardInput(path) && (await isFolder(path))) return openOrbax(path, options);
      const source = await open(path, reading.onProgress);
      if (!isIndexOfShards(source)) return attempt(() => readSource(source, options));
      const index = attempt(() => readShardIndex(source));
      if (E.isLeft(index)) return index;
      return readShards(index.right, await openShards(path, index.right, open, reading));
    }),
  );

const isFolder = async (path: string): Promise<boolean> => {
  const { fs } = await fileSystem();
  return (await fs.promises.stat(path)).isDirectory();
};

/** The files of a folder that are called as checkpoints are. */
const checkpointName = /\.(safetensors(\.index\.json)?|npz|npy|pickle|pkl|pth?|bin|ckpt|msgpack)$/i;

const openOrbax = async (
  path: string,
  options: OpenOptions,
): Promise<E.Either<CheckpointError, Checkpoint>> => {
  const { fs } = await fileSystem();
  const names = await fs.promises.readdir(path);
  // Only a folder that may be Orbax's is searched through: others can be as large as a disk.
  const isLikely = names.some((name) => /^_METADATA$|^_CHECKPOINT_METADATA$|^([A-Za-z]\w*_)?\d+$/.test(name));
  const files = isLikely ? await openFolder(path) : undefined;
  if (!files || !isOrbax(files)) {
    const inside = few(names.filter((name) => checkpointName.test(name)).sort());
    const those =
      inside.length === 0 ? ': a file, or a folder of Orbax' : `, such as ${inside.join(', ')} in it`;
    return refuseFile('a directory', '', `a checkpoint${those}`);
  }
  return attempt(() => readFolder(files, options));
};

/** The files that an index names, which lie beside it; progress is that of all of them. */
const openShards = async (
  path: string,
  index: ShardIndex,
  open: Open,
  { onProgress }: ReadOptions,
): Promise<ReadonlyMap<string, Source>> => {
  const { fs, path: paths } = await fileSystem();
  const places = filesOf(index).map((file) => [file, paths.join(paths.dirname(path), file)] as const);
  const sizes = await Promise.all(places.map(([, place]) => sizeOfFile(fs, place)));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const sources = new Map<string, Source>();
  let before = 0;
  for (const [i, [file, place]] of places.entries()) {
    const report = (read: number): void => onProgress?.(before + read, total);
    sources.set(file, await open(place, report).catch((error) => blame(place, error)));
    before += sizes[i];
  }
  return sources;
};

/** A source that cannot be read is told of by its reader. */
const sizeOfFile = ({ promises }: FileSystem['fs'], path: string): Promise<number> =>
  promises.stat(path).then(
    ({ size }) => size,
    () => 0,
  );
