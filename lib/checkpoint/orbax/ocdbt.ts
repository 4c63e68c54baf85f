/**
 * OCDBT, TensorStore's B+tree of keys and values in a folder: a manifest names the newest tree, whose nodes and values
 * lie in data files. Nodes are read at once and their checksums compared; values stay where they are.
 *
 * Source: TensorStore's description of the format, `kvstore/ocdbt/index.rst`.
 */
import { crc32c } from '../../files/crc32.js';
import { Cursor } from '../../files/cursor.js';
import type { Files } from '../../files/folderSource.js';
import { allOf, inMemory, type Source, within } from '../../files/source.js';
import { unzstd } from './zstd.js';

export const manifestName = 'manifest.ocdbt';

/** The values of the newest version by key. */
export const readOcdbt = (files: Files): ReadonlyMap<string, Source> => {
  const manifest = files.get(manifestName);
  if (!manifest) return new Cursor(new Uint8Array(), 'orbax', manifestName).refuse('is missing');
  const root = readManifest(manifest);
  const values = new Map<string, Source>();
  if (root) readNode({ files, values, nodes: 0 }, root, root.height, '');
  return values;
};

const magics = { manifest: 0x0cdb3a2a, node: 0x0cdb20de } as const;

/** Decoded bytes of one node; TensorStore's default limit is 8 MB, Orbax asks for 100 MB. */
const mostDecoded = 1 << 27;
const mostKeys = 1 << 18;
const mostNodes = 1 << 16;
const mostDepth = 32;

/** The body of a manifest or a node, after its header and checksum were compared. */
const bodyOf = (source: Source, entry: string, magic: number): Cursor => {
  const cursor = new Cursor(source, 'orbax', entry);
  const bytes = allOf(source);
  if (bytes.length < 18) cursor.refuse(`${bytes.length} bytes, too few for a part of OCDBT`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0) !== magic) cursor.refuse('not the part of OCDBT that it should be');
  cursor.skip(4);
  if (cursor.uint64() !== bytes.length) cursor.refuse('a part of OCDBT of another length than it declares');
  const [version, compression] = [varint(cursor), varint(cursor)];
  if (version !== 0) cursor.refuse(`version ${version} of OCDBT; 0 is known`);
  if (compression > 1) cursor.refuse(`compression ${compression} of OCDBT; none and zstd are known`);
  if (crc32c(bytes.subarray(0, -4)) !== view.getUint32(bytes.length - 4, true))
    cursor.refuse('damaged: its checksum is not the one declared');
  const packed = bytes.subarray(cursor.offset, -4);
  const fail = (problem: string): never => cursor.refuse(problem);
  return new Cursor(compression === 0 ? packed : unzstd(packed, mostDecoded, fail), 'orbax', entry);
};

/** Seven bits a byte, the least first. */
const varint = (cursor: Cursor): number => {
  let value = 0;
  for (let scale = 1; scale < 2 ** 63; scale *= 128) {
    const byte = cursor.uint8();
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
  return cursor.refuse('a number of more than 63 bits');
};

/** A column of numbers, one for each entry. */
const numbers = (
  cursor: Cursor,
  count: number,
  read: (cursor: Cursor) => number = varint,
): readonly number[] => {
  cursor.checkLeft(count);
  return Array.from({ length: count }, () => read(cursor));
};

const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

/** A data file: its path from the folder, and the part of it that goes before the paths of the nodes within. */
interface DataFile {
  readonly path: string;
  readonly base: string;
}

const mostPathLength = 65_535;

/** Texts that share their beginnings: each is a part of the one before and then a suffix. */
const sharedTexts = (
  cursor: Cursor,
  prefixes: readonly number[],
  suffixes: readonly Uint8Array[],
): readonly string[] => {
  const texts: string[] = [];
  let total = 0;
  for (const [i, suffix] of suffixes.entries()) {
    const before = texts[i - 1] ?? '';
    const shared = i === 0 ? 0 : prefixes[i - 1];
    if (shared > before.length) cursor.refuse('a name that shares more than the one before has');
    if (shared + suffix.length > mostPathLength) cursor.refuse('a name of more than 65,535 bytes');
    if ((total += shared + suffix.length) > mostDecoded) cursor.refuse('names that are too long');
    texts.push(before.slice(0, shared) + text(suffix));
  }
  return texts;
};

const readDataFiles = (cursor: Cursor, transitive: string): readonly DataFile[] => {
  const count = varint(cursor);
  if (count === 0) return [];
  const prefixes = numbers(cursor, count - 1);
  const lengths = numbers(cursor, count);
  const bases = numbers(cursor, count);
  const paths = sharedTexts(
    cursor,
    prefixes,
    lengths.map((length) => cursor.take(length)),
  );
  return paths.map((path, i) => ({ path: transitive + path, base: transitive + path.slice(0, bases[i]) }));
};

/** A node or a value in a data file. */
interface Place extends DataFile {
  readonly offset: number;
  readonly length: number;
}

const placesOf = (
  cursor: Cursor,
  files: readonly DataFile[],
  ids: readonly number[],
  offsets: readonly number[],
  lengths: readonly number[],
): readonly Place[] =>
  ids.map((id, i) => {
    const file = files[id] ?? cursor.refuse(`data file ${id} of ${files.length}`);
    return { ...file, offset: offsets[i], length: lengths[i] };
  });

/** The root of the newest tree; undefined where nothing was written. */
const readManifest = (source: Source): (Place & { readonly height: number }) | undefined => {
  const cursor = bodyOf(source, manifestName, magics.manifest);
  cursor.skip(16);
  if (varint(cursor) !== 0) cursor.refuse('a numbered manifest; only the single one is read');
  varint(cursor);
  varint(cursor);
  cursor.uint8();
  if (varint(cursor) !== 0) cursor.skip(4);
  const files = readDataFiles(cursor, '');
  const count = varint(cursor);
  if (count === 0) return undefined;
  numbers(cursor, count);
  const heights = numbers(cursor, count, (at) => at.uint8());
  const [ids, offsets, lengths] = [0, 1, 2].map(() => numbers(cursor, count));
  const places = placesOf(cursor, files, ids, offsets, lengths);
  return { ...places[count - 1], height: heights[count - 1] };
};

/** A reading of a tree. */
interface Reading {
  readonly files: Files;
  readonly values: Map<string, Source>;
  nodes: number;
}

const sourceAt = (cursor: Cursor, files: Files, { path, offset, length }: Place): Source => {
  const file =
    files.get(path) ?? cursor.refuse(`the data file ${JSON.stringify(path.slice(0, 80))}, which is missing`);
  if (!(offset + length <= file.length))
    cursor.refuse(`bytes ${offset} to ${offset + length} of ${path}, which has ${file.length}`);
  return within(file, offset, length);
};

const readNode = (reading: Reading, place: Place, height: number, prefix: string): void => {
  const outer = new Cursor(new Uint8Array(), 'orbax', place.path);
  if (++reading.nodes > mostNodes || height > mostDepth) outer.refuse('a tree of too many nodes');
  const cursor = bodyOf(sourceAt(outer, reading.files, place), place.path, magics.node);
  if (cursor.uint8() !== height) cursor.refuse(`a node of another height than ${height}`);
  const files = readDataFiles(cursor, place.base);
  const count = varint(cursor);
  if (count === 0) cursor.refuse('a node without entries');
  const prefixes = numbers(cursor, count - 1);
  const suffixLengths = numbers(cursor, count);
  const shared = height > 0 ? numbers(cursor, count) : [];
  const keys = sharedTexts(
    cursor,
    prefixes,
    suffixLengths.map((length) => cursor.take(length)),
  );
  if (height === 0)
    return readLeaf(
      reading,
      cursor,
      files,
      keys.map((key) => prefix + key),
    );
  const [ids, offsets, lengths] = [0, 1, 2].map(() => numbers(cursor, count));
  for (const [i, child] of placesOf(cursor, files, ids, offsets, lengths).entries())
    readNode(reading, child, height - 1, prefix + keys[i].slice(0, shared[i]));
};

const readLeaf = (
  { files, values }: Reading,
  cursor: Cursor,
  dataFiles: readonly DataFile[],
  keys: readonly string[],
): void => {
  const lengths = numbers(cursor, keys.length);
  const kinds = numbers(cursor, keys.length);
  if (kinds.some((kind) => kind > 1)) cursor.refuse('a value that is neither in its node nor in a data file');
  const outside = [...keys.keys()].filter((i) => kinds[i] === 1);
  const [ids, offsets] = [0, 1].map(() => numbers(cursor, outside.length));
  const places = placesOf(
    cursor,
    dataFiles,
    ids,
    offsets,
    outside.map((i) => lengths[i]),
  );
  const placeOf = new Map(outside.map((i, at) => [i, places[at]]));
  for (const [i, key] of keys.entries()) {
    const place = placeOf.get(i);
    // A value in the node is copied, so that the node's other bytes can go.
    const value = place ? sourceAt(cursor, files, place) : inMemory(new Uint8Array(cursor.take(lengths[i])));
    if (values.set(utf8(cursor, key), value).size > mostKeys) cursor.refuse(`more than ${mostKeys} keys`);
  }
};

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Keys are bytes until they are whole, because they are cut between any two. */
const utf8 = (cursor: Cursor, bytes: string): string => {
  try {
    return decoder.decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
  } catch {
    return cursor.refuse('a key that is not UTF-8');
  }
};
