/** Checkpoints in files: read whole into memory, or opened and read by offset as their arrays are asked for. */
import { either as E, taskEither as TE } from 'fp-ts';
import type { Checkpoint } from './checkpoint.js';
import { isIndexOfShards, readShards, readSource } from './checkpoint.js';
import type { CheckpointError } from './error.js';
import { attempt } from './error.js';
import { openFile, readFile, type ReadOptions } from './fileSource.js';
import { FileProblem, fileSystem, inFile, reasonOf } from './fileSystem.js';
import { filesOf, readShardIndex, type ShardIndex } from './shardIndex.js';
import type { Source } from './source.js';
import type { OpenOptions } from './unzip.js';

export type { ReadOptions } from './fileSource.js';
export type { OpenOptions } from './unzip.js';

/**
 * The checkpoint in a file of any format that `parseCheckpoint` knows, or in the files that an index of shards names.
 * Everything is read and checked at once, and held in memory: for each file one array of bytes, of which Node 20
 * allows 4 GiB. Afterwards nothing touches the files.
 */
export const readCheckpoint = (
  path: string,
  options: ReadOptions = {},
): TE.TaskEither<CheckpointError, Checkpoint> => readWith(path, (file) => readFile(file, options));

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
): TE.TaskEither<CheckpointError, Checkpoint> => readWith(path, openFile, options);

const readWith = (
  path: string,
  open: (path: string) => Promise<Source>,
  options?: OpenOptions,
): TE.TaskEither<CheckpointError, Checkpoint> =>
  TE.chainEitherK((read: E.Either<CheckpointError, Checkpoint>) => read)(
    inFile(path, async () => {
      const source = await open(path);
      if (!isIndexOfShards(source)) return attempt(() => readSource(source, options));
      const index = attempt(() => readShardIndex(source));
      return E.isLeft(index) ? index : readShards(index.right, await openShards(path, index.right, open));
    }),
  );

/** The files that an index names, which lie beside it. */
const openShards = async (
  path: string,
  index: ShardIndex,
  open: (path: string) => Promise<Source>,
): Promise<ReadonlyMap<string, Source>> => {
  const { dirname, join } = (await fileSystem()).path;
  const sources = new Map<string, Source>();
  for (const file of filesOf(index)) {
    const place = join(dirname(path), file);
    sources.set(file, await open(place).catch((error) => blame(place, error)));
  }
  return sources;
};

/** Throws on what went wrong with a file, with its name. */
const blame = (path: string, error: unknown): never => {
  const problem = reasonOf(error);
  throw problem === undefined ? error : new FileProblem(problem, path);
};
