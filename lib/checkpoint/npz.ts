/** `.npz`: named arrays, an `.npy` each in a zip archive. Names lose their `.npy` on reading and get it on writing. */
import type { either as E } from 'fp-ts';
import type { HostArray } from '../data/array.js';
import type { CheckpointError } from './error.js';
import { attempt, refuse } from './error.js';
import type { FileArray } from './fileArray.js';
import { npyParts, readNpy } from './npy.js';
import { joined } from '../files/parts.js';
import { type Source, sourceOf } from '../files/source.js';
import { type OpenOptions, openZip } from '../files/unzip.js';
import type { ZipOptions } from '../files/zip.js';
import { zip } from '../files/zip.js';

/** The arrays of an `.npz` by name, in its order; those stored without compression are views of the bytes. */
export const parseNpz = (bytes: Uint8Array): E.Either<CheckpointError, ReadonlyMap<string, FileArray>> =>
  attempt(() => readNpz(bytes));

/** `parseNpz` for the inside of an `attempt`; the elements of large arrays stay where they are. */
export const readNpz = (
  from: Uint8Array | Source,
  options: OpenOptions = {},
): ReadonlyMap<string, FileArray> => arraysOfEntries(openZip(sourceOf(from), options));

/** The arrays of an archive's entries; for the inside of an `attempt`. */
export const arraysOfEntries = (entries: ReadonlyMap<string, Source>): ReadonlyMap<string, FileArray> => {
  const arrays = new Map<string, FileArray>();
  for (const [file, contents] of entries) {
    const name = file.replace(/\.npy$/, '');
    if (arrays.has(name)) refuse({ kind: 'zip', offset: 0, problem: 'two arrays of one name', entry: name });
    arrays.set(name, readNpy(contents, name));
  }
  return arrays;
};

/** The bytes of an `.npz`, part by part, so that a file can be written without holding it. */
export const npzParts = (
  arrays: Iterable<readonly [name: string, array: HostArray]>,
  options: ZipOptions = {},
): Iterable<Uint8Array> => zip(zipEntries(arrays), options);

function* zipEntries(arrays: Iterable<readonly [string, HostArray]>) {
  for (const [name, array] of arrays) yield { name: `${name}.npy`, parts: npyParts(array) };
}

/**
 * The bytes of an `.npz`. Without compression its arrays begin at multiples of 64 bytes, so that reading them back
 * copies nothing.
 * @throws RangeError when two arrays have one name
 */
export const formatNpz = (
  arrays: Iterable<readonly [name: string, array: HostArray]>,
  options: ZipOptions = {},
): Uint8Array => joined(npzParts(arrays, options));
