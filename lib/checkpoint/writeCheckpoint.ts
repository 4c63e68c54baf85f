/**
 * Checkpoints into files, array by array, so that what is read lazily is never held whole. A file appears under its
 * name when it is complete; one that was there before stays as it is until then.
 */
import type * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { HostArray } from '../data/array.js';
import type { Tree } from '../data/tree.js';
import { placeOf, writeFile } from '../files/write.js';
import type { WriteOptions } from '../files/writeOptions.js';
import { writeSet } from '../files/writeSet.js';
import type { CheckpointError } from './error.js';
import { attempt } from './error.js';
import { aPlace, inFile, refuseFile } from '../files/error.js';
import { fileSystem } from '../files/fileSystem.js';
import { isWritable, layOutPickle, type PickleOptions } from './formatPickle.js';
import { checkpointArrays } from './namedCheckpoint.js';
import type { Trees } from './pickleCheckpoint.js';
import type { Separator } from './npzTree.js';
import { npzParts } from './npz.js';
import { joined, type Parts } from '../files/parts.js';
import type { PickleValue } from './pickleValue.js';
import { byteLength } from './safetensors.js';
import { layOutShards, type ShardOptions, type Shards } from './shards.js';
import type { ZipOptions } from '../files/zip.js';

export type { WriteOptions } from '../files/writeOptions.js';

/** A checkpoint to write; `state` and `rest` may be left out. */
export interface Savable {
  readonly params: Tree<HostArray>;
  readonly state?: Tree<HostArray>;
  readonly rest?: ReadonlyMap<string, PickleValue>;
}

export interface NpzFormat extends ZipOptions {
  readonly format: 'npz';
}

export interface PickleFormat extends PickleOptions {
  readonly format: 'pickle';
}

export interface SafetensorsFormat extends ShardOptions {
  readonly format: 'safetensors';
  /**
   * The separator between module and leaf in a tensor's name: `/` if not said; `.` for PyTorch's names, whose files say
   * `format: pt` in their metadata, because Hugging Face's loaders have asked for it.
   */
  readonly separator?: Separator;
}

/** A format that is written, and how. */
export type SaveFormat = NpzFormat | PickleFormat | SafetensorsFormat;

/** The files that were written. */
export interface Written {
  /** Names of the files, beside each other; an index of shards comes last. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** Parts that the format has no place for: those beside params and state, and modules without leaves. */
  readonly leftOut: readonly string[];
}

interface Plan extends Pick<Written, 'leftOut'> {
  readonly contents: Parts | Shards;
}

const plan = (name: string, savable: Savable, format: SaveFormat): Plan => {
  const { params, state = {}, rest = new Map() } = savable;
  if (format.format === 'pickle') {
    const [known, unknown] = [true, false].map((is) =>
      [...rest].filter(([, value]) => isWritable(value) === is),
    );
    const leftOut = unknown.map(([part]) => `${part}, which holds objects that are not known here`);
    return { contents: layOutPickle({ params, state, rest: new Map(known) }, format), leftOut };
  }
  const leftOut = [...rest.keys(), ...emptyModules({ params, state })];
  if (format.format === 'safetensors')
    return { contents: safetensorsFiles(name, { params, state }, format), leftOut };
  const arrays = checkpointArrays(params, state);
  return { contents: () => npzParts(arrays, format), leftOut };
};

const safetensorsFiles = (
  name: string,
  { params, state }: Trees,
  format: SafetensorsFormat,
): Parts | Shards => {
  const { separator, metadata } = format;
  const about = separator === '.' ? { format: 'pt', ...metadata } : metadata;
  return layOutShards(name, checkpointArrays(params, state, separator), { ...format, metadata: about });
};

const emptyModules = (trees: Readonly<Record<string, Tree<HostArray>>>): readonly string[] =>
  Object.entries(trees).flatMap(([part, tree]) =>
    Object.keys(tree)
      .filter((module) => Object.keys(tree[module]).length === 0)
      .map((module) => `${part}/${module}, a module without leaves`),
  );

const sizeOfArrays = ({ params, state = {} }: Savable): number =>
  [params, state]
    .flatMap((tree) => Object.values(tree).flatMap((leaves) => Object.values(leaves)))
    .reduce((sum, array) => sum + byteLength(array), 0);

/** The bytes of a checkpoint in one file. */
export const formatCheckpoint = (
  savable: Savable,
  format: NpzFormat | PickleFormat | Omit<SafetensorsFormat, 'shardSize'>,
): E.Either<CheckpointError, Uint8Array> =>
  attempt(() => {
    const { contents } = plan('', savable, { ...format, shardSize: undefined } as SaveFormat);
    return joined((contents as Parts)());
  });

/**
 * Writes a checkpoint, and says what of it the format has no place for. Element types stay as they are; arrays come
 * out row-major and little-endian.
 * @example writeCheckpoint('model.safetensors', { params }, { format: 'safetensors', metadata: { preset: 'digits' } })
 */
export const writeCheckpoint = (
  path: string,
  savable: Savable,
  format: SaveFormat,
  options: WriteOptions = {},
): TE.TaskEither<CheckpointError, Written> =>
  inFile(
    path,
    async () => {
      const { basename } = (await fileSystem()).path;
      const { contents, leftOut } = plan(basename(path), savable, format);
      const total = sizeOfArrays(savable);
      if (typeof contents !== 'function') {
        if ((await placeOf(path)).isStream) return refuseFile('a stream', path, 'a place for several files');
        const written = await writeSet({ main: `${path}.index.json`, ...contents }, total, options);
        return { ...written, leftOut };
      }
      const bytes = await writeFile({ path, parts: contents }, total, options);
      return { files: [path], bytes, leftOut };
    },
    aPlace,
  );

/** Writes parameters and state to an `.npz`: `writeCheckpoint` in that format. */
export const writeNpz = (
  path: string,
  savable: Savable,
  { deflate, ...options }: WriteOptions & ZipOptions = {},
): TE.TaskEither<CheckpointError, Written> =>
  writeCheckpoint(path, savable, { format: 'npz', deflate }, options);
