/**
 * Reads zip archives: stored entries stay where they are, deflated ones are inflated into exactly the room that they
 * declare. Sizes, places and checksums are checked; names are names, never paths.
 *
 * Source: PKWARE APPNOTE 6.3, sections 4.3 (records) and 4.5.3 (zip64).
 */
import { crc32 } from './crc32.js';
import { Cursor } from './cursor.js';
import { refuse } from './error.js';
import { checkInflating, inflating } from './inflating.js';
import { allOf, inMemory, partsOf, type Source, within } from './source.js';

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  /** The offset of its local header. */
  readonly offset: number;
}

const signature = {
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
  central: 0x02014b50,
  local: 0x04034b50,
};

/** True if bytes begin as a zip archive does, an empty one included. */
export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 &&
  bytes[1] === 0x4b &&
  ((bytes[2] === 3 && bytes[3] === 4) || (bytes[2] === 5 && bytes[3] === 6));

/** The entries of an archive by name, in its order, all of them checked; for the inside of an `attempt`. */
export const unzip = (bytes: Uint8Array): ReadonlyMap<string, Uint8Array> =>
  new Map(Array.from(openZip(inMemory(bytes)), ([name, contents]) => [name, allOf(contents)]));

/** Options of opening an archive. */
export interface OpenOptions {
  /** True if sizes and checksums of the contents are compared at once, for which all of them are read; if not said, they are. */
  readonly verify?: boolean;
  /** Called after each part that was compared. */
  readonly onProgress?: (bytesRead: number, totalBytes: number) => void;
}

/**
 * The entries of an archive by name, in its order; for the inside of an `attempt`. Stored contents stay where they
 * are; deflated ones are inflated at once where that takes no more than three times the archive, or else when they are read.
 */
export const openZip = (
  source: Source,
  { verify = true, onProgress }: OpenOptions = {},
): ReadonlyMap<string, Source> => {
  const cursor = new Cursor(source, 'zip');
  const directory = findDirectory(cursor);
  const entries = readDirectory(cursor, directory);
  const packed = entries.map((entry) => packedBytes(cursor, entry, directory.offset));
  checkApart(packed);
  // PyTorch can be told to write no checksums; the place of each then holds 0.
  const isUnchecked = entries.every(({ crc }) => crc === 0);
  const inflatedSize = checkInflated(entries, source.length);
  const isHeld = verify && inflatedSize <= 3 * source.length;
  const contents = new Map<string, Source>();
  let read = 0;
  for (const { entry, source: place } of packed) {
    if (contents.has(entry.name)) fail(entry, 'an entry whose name is already taken');
    const isDeflated = entry.method === 8;
    if (verify && !isDeflated && !isUnchecked) checkStored(entry, place);
    contents.set(entry.name, isDeflated ? deflated(entry, place, { verify, isHeld }) : place);
    if (verify) onProgress?.((read += place.length), source.length);
  }
  return contents;
};

const fail = ({ offset, name }: Entry, problem: string): never =>
  refuse({ kind: 'zip', offset, problem, entry: name });

const at = (cursor: Cursor, offset: number): Cursor => {
  cursor.start = cursor.offset = 0;
  cursor.skip(offset);
  cursor.start = offset;
  return cursor;
};

interface Directory {
  readonly offset: number;
  readonly count: number;
  /** The place after the directory's last entry. */
  readonly end: number;
}

/** The end record is the last thing in the file but for a comment of up to 64 KiB. */
const findDirectory = (cursor: Cursor): Directory => {
  const { source, length } = cursor;
  const from = Math.max(0, length - 22 - 0xffff);
  const tail = new Cursor(source.read(from, length - from), 'zip');
  const ends: number[] = [];
  for (let offset = tail.length - 22; offset >= 0; offset--) {
    if (at(tail, offset).uint32() !== signature.end) continue;
    tail.skip(16);
    if (tail.uint16() === tail.left) ends.push(offset);
  }
  cursor.start = length;
  if (ends.length === 0) return cursor.refuse('not a whole zip archive: its end is missing');
  if (ends.length > 1) return cursor.refuse('two ends: an archive in the comment of another');
  at(tail, ends[0]).skip(10);
  const [count, size, start] = [tail.uint16(), tail.uint32(), tail.uint32()];
  const isLarge = count === 0xffff || size === 0xffffffff || start === 0xffffffff;
  const end = from + ends[0];
  if (isLarge) return findDirectory64(cursor, end - 20);
  // PyTorch writes the records of large archives for small ones too.
  const isRest =
    start + size === end || (start + size < end && at(cursor, start + size).uint32() === signature.end64);
  cursor.start = end;
  return isRest
    ? { offset: start, count, end: start + size }
    : cursor.refuse('a directory that is not before its end record');
};

const findDirectory64 = (cursor: Cursor, locator: number): Directory => {
  if (locator < 0 || at(cursor, locator).uint32() !== signature.locator64)
    return cursor.refuse('no zip64 locator');
  cursor.skip(4);
  const end = cursor.uint64();
  if (at(cursor, end).uint32() !== signature.end64) return cursor.refuse('no zip64 end record');
  cursor.skip(28);
  const [count, size, offset] = [cursor.uint64(), cursor.uint64(), cursor.uint64()];
  if (offset + size !== end) cursor.refuse('a directory that is not before its end record');
  return { offset, count, end };
};

const readDirectory = (cursor: Cursor, { offset, count, end }: Directory): readonly Entry[] => {
  at(cursor, offset);
  if (count * 46 > cursor.left) cursor.refuse(`a directory of ${count} entries in ${cursor.left} bytes`);
  const entries = Array.from({ length: count }, () => readEntry(cursor));
  // Entries that are not counted would be read by other programs.
  if (cursor.offset !== end)
    cursor.refuse(`${count} entries end at byte ${cursor.offset}, the directory at ${end}`);
  return entries;
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const decodeName = (cursor: Cursor, bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    return cursor.refuse('an entry whose name is not UTF-8');
  }
};

const readEntry = (cursor: Cursor): Entry => {
  cursor.start = cursor.offset;
  if (cursor.uint32() !== signature.central) cursor.refuse('no directory entry where one should be');
  cursor.skip(4);
  const [flags, method] = [cursor.uint16(), cursor.uint16()];
  if (flags & 1) cursor.refuse('an encrypted entry');
  cursor.skip(4);
  const [crc, packedSize, size] = [cursor.uint32(), cursor.uint32(), cursor.uint32()];
  const [nameLength, extraLength, commentLength] = [cursor.uint16(), cursor.uint16(), cursor.uint16()];
  cursor.skip(8);
  const offset = cursor.uint32();
  const name = decodeName(cursor, cursor.take(nameLength));
  const end = cursor.offset + extraLength;
  const large = readExtra64(cursor, extraLength, [size, packedSize, offset]);
  cursor.skip(end - cursor.offset + commentLength);
  return { name, method, crc, size: large[0], packedSize: large[1], offset: large[2] };
};

/** Sizes and offset, with those that did not fit 32 bits from the zip64 field. */
const readExtra64 = (cursor: Cursor, extraLength: number, sizes: readonly number[]): readonly number[] => {
  cursor.checkLeft(extraLength);
  const end = cursor.offset + extraLength;
  while (end - cursor.offset >= 4) {
    const [id, length] = [cursor.uint16(), cursor.uint16()];
    if (length > end - cursor.offset) cursor.refuse('an extra field longer than its room');
    if (id === 1) {
      const next = cursor.offset + length;
      const large = sizes.map((n) => (n === 0xffffffff && next - cursor.offset >= 8 ? cursor.uint64() : n));
      cursor.offset = next;
      return large;
    }
    cursor.skip(length);
  }
  return sizes;
};

interface Packed {
  readonly entry: Entry;
  readonly source: Source;
  readonly end: number;
}

const packedBytes = (cursor: Cursor, entry: Entry, limit: number): Packed => {
  if (at(cursor, entry.offset).uint32() !== signature.local)
    fail(entry, 'no local header where one should be');
  cursor.skip(22);
  const [nameLength, extraLength] = [cursor.uint16(), cursor.uint16()];
  const name = decodeName(cursor, cursor.take(nameLength));
  if (name !== entry.name)
    fail(entry, `another name in its own header, ${JSON.stringify(name.slice(0, 80))}`);
  cursor.skip(extraLength);
  const from = cursor.skip(entry.packedSize);
  if (cursor.offset > limit) fail(entry, 'an entry that runs into the directory');
  return { entry, source: within(cursor.source, from, entry.packedSize), end: cursor.offset };
};

/** Entries that overlap are how a small archive pretends to hold much. */
const checkApart = (packed: readonly Packed[]): void => {
  const inOrder = [...packed].sort((a, b) => a.entry.offset - b.entry.offset);
  inOrder.slice(1).forEach(({ entry }, i) => {
    if (entry.offset < inOrder[i].end) fail(entry, 'an entry that overlaps another');
  });
};

/** Deflate shrinks at most 1032-fold; parameters hardly at all. */
const highestRatio = 1032;
const mostInflated = (length: number): number => 64 * length + (32 << 20);

/** Bytes that the deflated entries declare, which are few enough. */
const checkInflated = (entries: readonly Entry[], length: number): number => {
  let total = 0;
  for (const entry of entries) {
    if (entry.method !== 0 && entry.method !== 8)
      fail(entry, `compression method ${entry.method}; 0 and 8 are known`);
    if (entry.method === 0 && entry.size !== entry.packedSize) fail(entry, 'a stored entry of two sizes');
    if (entry.size > highestRatio * entry.packedSize + 64) {
      fail(
        entry,
        `${entry.size} bytes declared for ${entry.packedSize} compressed ones, more than deflate can do`,
      );
    }
    if (entry.method === 8) total += entry.size;
    if (total > mostInflated(length)) {
      fail(entry, `more than ${mostInflated(length)} bytes declared in an archive of ${length}`);
    }
  }
  return total;
};

const checkStored = (entry: Entry, contents: Source): void => {
  let crc = 0;
  for (const part of partsOf(contents)) crc = crc32(part, crc);
  if (crc !== entry.crc) fail(entry, 'damaged: its checksum is not the one declared');
};

interface DeflatedOptions {
  readonly verify: boolean;
  readonly isHeld: boolean;
}

const deflated = (entry: Entry, packed: Source, { verify, isHeld }: DeflatedOptions): Source => {
  const declared = { ...entry, fail: (problem: string) => fail(entry, problem) };
  const contents = inflating(packed, declared);
  if (isHeld) return inMemory(allOf(contents));
  if (verify) checkInflating(packed, declared);
  return contents;
};
