/**
 * PyTorch's files (`.pt`, `.pth`, `.bin`): a zip archive of one pickle and the storages that its tensors are views of;
 * before version 1.6, pickles one after the other and then the storages. Programs (TorchScript) and tar archives are
 * refused by name.
 *
 * Source: PyTorch's `docs/source/notes/serialization.rst` and `torch/serialization.py`.
 */
import type * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from './error.js';
import { attempt, refuse } from './error.js';
import { Cursor } from '../files/cursor.js';
import { readNextPickle, readPickle } from './pickle.js';
import { isDict, isSequence } from './pickleMachine.js';
import type { PickleValue } from './pickleValue.js';
import { type Storages, torchDialect } from './torchCalls.js';
import { allOf, inMemory, type Source, within } from '../files/source.js';
import { isZip, openZip } from '../files/unzip.js';

/** The value in the bytes of a PyTorch file, with every tensor, parameter and storage as an array. */
export const parseTorch = (bytes: Uint8Array): E.Either<CheckpointError, PickleValue> =>
  attempt(() => {
    if (isLegacyTorch(bytes)) return readLegacyTorch(inMemory(bytes));
    const entries = isZip(bytes) ? openZip(inMemory(bytes)) : new Map<string, Source>();
    if (!isTorch(entries.keys())) problem('not a PyTorch file: no archive with a data.pkl');
    return readTorch(entries, bytes.length);
  });

const pickleName = /^[^/]*\/data\.pkl$/;

/** True if an archive's names are those of a PyTorch file. */
export const isTorch = (names: Iterable<string>): boolean => [...names].some((name) => pickleName.test(name));

/** The value in a PyTorch file of `fileLength` bytes, given the entries of its archive; tensors are views of them. */
export const readTorch = (entries: ReadonlyMap<string, Source>, fileLength: number): PickleValue => {
  const [entry, ...others] = [...entries.keys()].filter((name) => pickleName.test(name));
  if (others.length > 0) problem(`${1 + others.length} pickles; a file has one`);
  const folder = entry.slice(0, -'data.pkl'.length);
  if (entries.has(`${folder}constants.pkl`)) {
    problem('a TorchScript program; save its weights by torch.save(model.state_dict(), …)');
  }
  const held = heldEntries(entries, fileLength);
  const dialect = torchDialect({
    record: (name) => held.get(`${folder}data/${name}`),
    isLittleEndian: byteOrder(held.get(`${folder}byteorder`)) === 'little',
    fileLength,
  });
  return readPickle(held.get(entry) ?? inMemory(new Uint8Array()), { dialect, entry });
};

const problem = (found: string): never => refuse({ kind: 'torch', offset: 0, problem: found });

/**
 * PyTorch compresses nothing. Entries that somebody else compressed are inflated once, because many tensors may be views
 * of one, each of which would inflate it again.
 */
const heldEntries = (
  entries: ReadonlyMap<string, Source>,
  fileLength: number,
): ReadonlyMap<string, Source> => {
  const packed = [...entries.values()].filter(({ isWhole }) => isWhole);
  const size = packed.reduce((sum, { length }) => sum + length, 0);
  if (size > mostInflated(fileLength)) problem(`${size} bytes compressed in a file of ${fileLength}`);
  return new Map(
    Array.from(entries, ([name, source]) => [name, source.isWhole ? inMemory(allOf(source)) : source]),
  );
};

const mostInflated = (fileLength: number): number => 3 * fileLength + (16 << 20);

/** Files without the entry are from before version 2.1, which knew little-endian alone. */
const byteOrder = (contents: Source | undefined): 'little' | 'big' => {
  const bytes = contents?.read(0, Math.min(16, contents.length));
  const text = bytes === undefined ? 'little' : String.fromCharCode(...bytes);
  return text === 'little' || text === 'big' ? text : problem(`the byte order ${JSON.stringify(text)}`);
};

/** The pickle of the number that PyTorch's older files begin with, in protocol 2. */
const legacyMagic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** True if bytes begin as PyTorch's files do from before version 1.6; refuses the tar archives from before 0.4. */
export const isLegacyTorch = (start: Uint8Array): boolean => {
  if (String.fromCharCode(...start.subarray(257, 262)) === 'ustar')
    problem('a tar archive, which is not read; load it with torch.load and save it again with torch.save');
  return legacyMagic.every((byte, i) => start[i] === byte);
};

/**
 * The value in a PyTorch file from before version 1.6: pickles of a number, the version, the machine's sizes, the value,
 * and the names of the storages; then each storage, its count of elements before its bytes. The value is read twice: its
 * end says where the storages begin.
 */
export const readLegacyTorch = (source: Source): PickleValue => {
  const { length } = source;
  let at = 0;
  const dialectWith = (record: Storages['record']) =>
    torchDialect({ record, isLittleEndian: true, fileLength: length, isLegacy: true });
  const next = (record?: Storages['record']): PickleValue => {
    const { value, end } = readNextPickle(
      within(source, at, length - at),
      record ? { dialect: dialectWith(record) } : {},
    );
    at += end;
    return value;
  };
  next();
  next();
  if (isBigEndian(next())) problem('the byte order of a big-endian machine');
  const start = at;
  const sizes = new Map<string, number>();
  next((name, size) => {
    sizes.set(name, size);
    return { length: size, read: () => problem('a storage that is read before its place is known') };
  });
  const names = next();
  const storages = storagesAfter(source, at, isSequence(names) ? names.items : [], sizes);
  at = start;
  return next((name) => storages.get(name));
};

const isBigEndian = (sizes: PickleValue): boolean =>
  isDict(sizes) && sizes.entries.get('little_endian') === false;

/** The storages that lie one after the other from an offset. */
const storagesAfter = (
  source: Source,
  offset: number,
  names: readonly PickleValue[],
  sizes: ReadonlyMap<string, number>,
): ReadonlyMap<string, Source> => {
  const cursor = new Cursor(source, 'torch');
  cursor.skip(offset);
  const storages = new Map<string, Source>();
  for (const name of names) {
    cursor.start = cursor.offset;
    const size = sizes.get(String(name)) ?? cursor.refuse(`the storage ${String(name)}, which no tensor has`);
    cursor.skip(8);
    storages.set(String(name), cursor.part(size));
  }
  return storages;
};
