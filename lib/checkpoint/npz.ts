/** `.npz`: named arrays, an `.npy` each in a zip archive. Names lose their `.npy` on reading and get it on writing. */
import type * as E from 'fp-ts/lib/Either.js';
import type { HostArray } from '../data/array.js';
import type { CheckpointError } from './error.js';
import { attempt, refuse } from './error.js';
import type { FileArray } from './fileArray.js';
import { npyParts, readNpy, readNpyValue } from './npy.js';
import type { PickleValue } from './pickleValue.js';
import { joined } from '../files/parts.js';
import { type Source, sourceOf } from '../files/source.js';
import { openZip } from '../files/unzip.js';
import type { ZipOptions } from '../files/zip.js';
import { zip } from '../files/zip.js';

/** The arrays of an `.npz` by name, in its order; those stored without compression are views of the bytes. */
export const parseNpz = (bytes: Uint8Array): E.Either<CheckpointError, ReadonlyMap<string, FileArray>> =>
  attempt(() => entriesOf(openZip(sourceOf(bytes)), readNpy));

/** The arrays of an archive by name, texts and Python objects among them; for the inside of an `attempt`. */
export const valuesOfEntries = (entries: ReadonlyMap<string, Source>): ReadonlyMap<string, PickleValue> =>
  entriesOf(entries, readNpyValue);

const entriesOf = <A>(
  entries: ReadonlyMap<string, Source>,
  read: (contents: Source, name: string) => A,
): ReadonlyMap<string, A> => {
  const values = new Map<string, A>();
  for (const [file, contents] of entries) {
    const name = file.replace(/\.npy$/, '');
    if (values.has(name)) refuse({ kind: 'zip', offset: 0, problem: 'two arrays of one name', entry: name });
    values.set(name, read(contents, name));
  }
  return values;
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
