/**
 * Writes zip archives part by part, with zip64 records where sizes need them. Stored entries are padded so that their
 * contents begin at multiples of 64 bytes, where typed arrays can lie.
 *
 * Source: PKWARE APPNOTE 6.3, sections 4.3 and 4.5.3.
 */
import { deflateSync } from 'fflate';
import { crc32 } from './crc32.js';
import { joined } from './parts.js';

export interface ZipOptions {
  /** True if entries are compressed; they are stored when not given. */
  readonly deflate?: boolean;
}

interface ZipEntry {
  readonly name: string;
  /** The contents in order. */
  readonly parts: readonly Uint8Array[];
}

interface Written {
  readonly name: Uint8Array;
  readonly method: 0 | 8;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  readonly offset: number;
}

const most32 = 0xffffffff;
const most16 = 0xffff;
const alignment = 64;

/**
 * The bytes of an archive, in order. Parts of stored entries are passed on as they are.
 * @throws RangeError when two entries have one name, or a name is longer than 65,535 bytes
 */
export function* zip(
  entries: Iterable<ZipEntry>,
  { deflate = false }: ZipOptions = {},
): Generator<Uint8Array> {
  const written: Written[] = [];
  const names = new Set<string>();
  let offset = 0;
  for (const { name, parts } of entries) {
    if (names.has(name)) throw new RangeError(`two entries of one name, ${JSON.stringify(name)}`);
    names.add(name);
    const packed = deflate ? [deflateSync(joined(parts))] : parts;
    const entry = describe(name, parts, packed, deflate ? 8 : 0, offset);
    const header = localHeader(entry);
    yield header;
    yield* packed;
    written.push(entry);
    offset += header.length + entry.packedSize;
  }
  const directory = written.map(centralHeader);
  yield* directory;
  yield endRecords(written.length, length(directory), offset);
}

const length = (parts: readonly Uint8Array[]): number => parts.reduce((sum, part) => sum + part.length, 0);

const describe = (
  name: string,
  parts: readonly Uint8Array[],
  packed: readonly Uint8Array[],
  method: 0 | 8,
  offset: number,
): Written => {
  const encoded = new TextEncoder().encode(name);
  if (encoded.length > most16) throw new RangeError(`a name of ${encoded.length} bytes`);
  const crc = parts.reduce((before, part) => crc32(part, before), 0);
  return { name: encoded, method, crc, packedSize: length(packed), size: length(parts), offset };
};

/** Little-endian fields one after the other: `[bytes, value]`. */
type Field = readonly [width: 2 | 4 | 8, value: number];

const record = (fields: readonly Field[], ...tail: readonly Uint8Array[]): Uint8Array => {
  const head = new DataView(new ArrayBuffer(fields.reduce((sum, [width]) => sum + width, 0)));
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 2) head.setUint16(at, value, true);
    else if (width === 4) head.setUint32(at, value, true);
    else head.setBigUint64(at, BigInt(value), true);
    at += width;
  }
  return joined([new Uint8Array(head.buffer), ...tail]);
};

const isLarge = (n: number): boolean => n >= most32;

const clamped = (n: number): number => Math.min(n, most32);

/** 1980-01-01, so that the same arrays give the same bytes. */
const dosDate = 0x21;
const isUtf8 = 0x800;

/** Fields that local and central headers share: version needed, flags, method, time, date, checksum, sizes. */
const common = ({ method, crc, packedSize, size }: Written, needs64: boolean): readonly Field[] => [
  [2, needs64 ? 45 : 20],
  [2, isUtf8],
  [2, method],
  [2, 0],
  [2, dosDate],
  [4, crc],
  [4, needs64 ? most32 : packedSize],
  [4, needs64 ? most32 : size],
];

const extra64 = (values: readonly number[]): Uint8Array =>
  values.length === 0
    ? new Uint8Array()
    : record([[2, 1], [2, 8 * values.length], ...values.map((n): Field => [8, n])]);

const localHeader = (entry: Written): Uint8Array => {
  const needs64 = isLarge(entry.size) || isLarge(entry.packedSize);
  const large = extra64(needs64 ? [entry.size, entry.packedSize] : []);
  const padding =
    entry.method === 0 ? paddingTo(entry.offset + 30 + entry.name.length + large.length) : new Uint8Array();
  return record(
    [[4, 0x04034b50], ...common(entry, needs64), [2, entry.name.length], [2, large.length + padding.length]],
    entry.name,
    large,
    padding,
  );
};

/** An extra field of zeros that brings the contents to the alignment; its id is the one Android's zipalign uses. */
const paddingTo = (offset: number): Uint8Array => {
  const room = (alignment - ((offset + 4) % alignment)) % alignment;
  return record(
    [
      [2, 0xd935],
      [2, room],
    ],
    new Uint8Array(room),
  );
};

const centralHeader = (entry: Written): Uint8Array => {
  const needs64 = isLarge(entry.size) || isLarge(entry.packedSize);
  const sizes = needs64 ? [entry.size, entry.packedSize] : [];
  const large = extra64(isLarge(entry.offset) ? [...sizes, entry.offset] : sizes);
  return record(
    [
      [4, 0x02014b50],
      [2, 45],
      ...common(entry, needs64),
      [2, entry.name.length],
      [2, large.length],
      [2, 0],
      [2, 0],
      [2, 0],
      [4, 0],
      [4, clamped(entry.offset)],
    ],
    entry.name,
    large,
  );
};

const endRecords = (count: number, size: number, offset: number): Uint8Array => {
  const end = record([
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, Math.min(count, most16)],
    [2, Math.min(count, most16)],
    [4, clamped(size)],
    [4, clamped(offset)],
    [2, 0],
  ]);
  if (count < most16 && !isLarge(size) && !isLarge(offset)) return end;
  return record(
    [
      [4, 0x06064b50],
      [8, 44],
      [2, 45],
      [2, 45],
      [4, 0],
      [4, 0],
      [8, count],
      [8, count],
      [8, size],
      [8, offset],
      [4, 0x07064b50],
      [4, 0],
      [8, offset + size],
      [4, 1],
    ],
    end,
  );
};
