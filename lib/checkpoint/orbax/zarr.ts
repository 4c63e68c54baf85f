/**
 * Arrays of zarr 2 and zarr 3 in a store of keys and values, as TensorStore writes them for Orbax: chunks on a regular
 * grid, packed by zstd or not at all, in shards or not. Chunks are read when the array's data is asked for.
 *
 * Source: the zarr specifications, versions 2 and 3.1; ZEP 2 (sharding).
 */
import { bytesPerElement, type Shape, sizeOf } from '../../data/array.js';
import { crc32c } from '../../files/crc32.js';
import type { Files } from '../../files/folderSource.js';
import { allOf, type Source } from '../../files/source.js';
import { type ElementType, parseElementType } from '../elementType.js';
import { refuse } from '../error.js';
import { declaredSize, FileArray } from '../fileArray.js';
import { readJsonValue } from './json.js';
import { unzstd } from './zstd.js';

/** A step from the bytes of a chunk back to its elements. */
type Unpack = (bytes: Uint8Array, length: number) => Uint8Array;

/** An array on a regular grid of chunks. */
interface Grid extends ElementType {
  readonly shape: Shape;
  readonly chunk: Shape;
  /** The key of a chunk by its place on the grid. */
  readonly key: (place: readonly number[]) => string;
  /** The elements of a chunk, row-major. */
  readonly unpack: Unpack;
  /** Bytes of an element of a chunk that is not there. */
  readonly fill: Uint8Array;
}

/** The array of a name in a store: undefined where there is none. */
export const readZarr = (store: Files, name: string): FileArray | undefined => {
  const [two, three] = ['.zarray', 'zarr.json'].map((file) => store.get(`${name}/${file}`));
  if (!two && !three) return undefined;
  const grid = three ? gridOf3(three, name) : gridOf2(two as Source, name);
  const { dtype, isLittleEndian, shape } = grid;
  const bytes = new ChunkedSource(store, name, grid);
  return new FileArray({ dtype, isLittleEndian, shape, bytes });
};

const fail = (entry: string, problem: string): never => refuse({ kind: 'orbax', offset: 0, entry, problem });

const shapeOf = (value: unknown, name: string): Shape =>
  Array.isArray(value) && declaredSize(value) !== undefined
    ? (value as Shape)
    : fail(name, 'a shape that is none');

const chunkOf = (value: unknown, shape: Shape, name: string): Shape => {
  const chunk = shapeOf(value, name);
  const isSound = chunk.length === shape.length && chunk.every((n, i) => n > 0 && n <= Math.max(shape[i], 1));
  return isSound ? chunk : fail(name, 'chunks that do not fit the shape');
};

const typeOf = (value: unknown, name: string): ElementType => {
  const type = typeof value === 'string' ? parseElementType(value) : undefined;
  return (
    type ?? fail(name, `elements of type ${JSON.stringify(value)?.slice(0, 40)}; numbers and bools are read`)
  );
};

const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

/** Elements of chunks that are not there: zeros, as Orbax has them; others are refused. */
const zeros = (value: unknown, { dtype }: ElementType, name: string): Uint8Array =>
  value === null || value === undefined || value === 0 || value === false
    ? new Uint8Array(bytesPerElement[dtype])
    : fail(name, `a fill value of ${JSON.stringify(value)?.slice(0, 40)}; zeros are read`);

const gridOf2 = (source: Source, name: string): Grid => {
  const json = asRecord(readJsonValue(source, `${name}/.zarray`));
  const shape = shapeOf(json.shape, name);
  const type = typeOf(json.dtype, name);
  if (json.order !== 'C') fail(name, 'chunks that are column-major');
  if (json.filters != null && (json.filters as unknown[]).length !== 0) fail(name, 'chunks with filters');
  const separator = json.dimension_separator === '/' ? '/' : '.';
  const { id } = asRecord(json.compressor);
  if (json.compressor !== null && id !== 'zstd')
    fail(name, `chunks packed by ${JSON.stringify(id)?.slice(0, 40)}; zstd is read`);
  const unpack: Unpack = id === 'zstd' ? zstd(name) : (bytes) => bytes;
  return {
    ...type,
    shape,
    chunk: chunkOf(json.chunks, shape, name),
    key: (place) => (place.length === 0 ? '0' : place.join(separator)),
    unpack,
    fill: zeros(json.fill_value, type, name),
  };
};

const zstd =
  (name: string): Unpack =>
  (bytes, length) =>
    unzstd(bytes, length, (problem) => fail(name, problem));

const gridOf3 = (source: Source, name: string): Grid => {
  const json = asRecord(readJsonValue(source, `${name}/zarr.json`));
  if (json.node_type !== 'array') fail(name, 'a zarr node that is no array');
  const shape = shapeOf(json.shape, name);
  const named = typeOf(json.data_type, name);
  const grid = asRecord(json.chunk_grid);
  if (grid.name !== 'regular') fail(name, `a grid of chunks that is ${JSON.stringify(grid.name)}`);
  const chunk = chunkOf(asRecord(grid.configuration).chunk_shape, shape, name);
  const encoding = asRecord(json.chunk_key_encoding);
  if (encoding.name !== 'default') fail(name, `keys of chunks that are ${JSON.stringify(encoding.name)}`);
  const separator = asRecord(encoding.configuration).separator === '.' ? '.' : '/';
  const { isLittleEndian, unpack } = codecsOf(json.codecs, { ...named, shape: chunk, name });
  return {
    dtype: named.dtype,
    isLittleEndian,
    shape,
    chunk,
    key: (place) => ['c', ...place].join(separator),
    unpack,
    fill: zeros(json.fill_value, named, name),
  };
};

/** A chunk that codecs unpack. */
interface Chunk extends ElementType {
  readonly shape: Shape;
  readonly name: string;
}

const mostCodecs = 8;

/** The steps back through a list of codecs, and the order of bytes that they leave. */
const codecsOf = (
  value: unknown,
  chunk: Chunk,
): { readonly isLittleEndian: boolean; readonly unpack: Unpack } => {
  const { name } = chunk;
  if (!Array.isArray(value) || value.length > mostCodecs) return fail(name, 'codecs that are no list');
  let isLittleEndian = true;
  const steps: Unpack[] = [];
  for (const codec of value.map(asRecord)) {
    const configuration = asRecord(codec.configuration);
    if (codec.name === 'bytes') isLittleEndian = configuration.endian !== 'big';
    else if (codec.name === 'zstd') steps.unshift(zstd(name));
    else if (codec.name === 'crc32c') steps.unshift((bytes) => withoutChecksum(bytes, name));
    else if (codec.name === 'sharding_indexed' && value.length === 1) return shardsOf(configuration, chunk);
    else
      fail(
        name,
        `chunks coded by ${JSON.stringify(codec.name)?.slice(0, 40)}; bytes, zstd, crc32c and shards are read`,
      );
  }
  return {
    isLittleEndian,
    unpack: (bytes, length) => steps.reduce((packed, step) => step(packed, length + 4), bytes),
  };
};

const withoutChecksum = (bytes: Uint8Array, name: string): Uint8Array => {
  const contents = bytes.subarray(0, -4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isSound = bytes.length >= 4 && crc32c(contents) === view.getUint32(bytes.length - 4, true);
  return isSound ? contents : fail(name, 'damaged: a checksum is not the one declared');
};

const none = 2n ** 64n - 1n;

/** Shards: chunks within a chunk, and after them an index of their places. */
const shardsOf = (configuration: Readonly<Record<string, unknown>>, outer: Chunk) => {
  const { name, shape, dtype } = outer;
  const inner = chunkOf(configuration.chunk_shape, shape, name);
  if (inner.some((n, axis) => shape[axis] % n !== 0)) fail(name, 'shards that their chunks do not divide');
  if ((configuration.index_location ?? 'end') !== 'end') fail(name, 'shards with their index first');
  const codecs = codecsOf(configuration.codecs, { ...outer, shape: inner });
  const counts = shape.map((n, axis) => n / inner[axis]);
  const indexLength = 16 * sizeOf(counts);
  const index = codecsOf(configuration.index_codecs, {
    dtype: 'uint64',
    isLittleEndian: true,
    shape: [],
    name,
  });
  const hasChecksum = JSON.stringify(configuration.index_codecs).includes('crc32c');
  const unpack: Unpack = (bytes) => {
    const start = bytes.length - indexLength - (hasChecksum ? 4 : 0);
    if (start < 0) fail(name, 'a shard without a whole index');
    const places = index.unpack(bytes.subarray(start), indexLength);
    const view = new DataView(places.buffer, places.byteOffset, places.byteLength);
    const width = bytesPerElement[dtype];
    const out = new Uint8Array(sizeOf(shape) * width);
    let at = 0;
    forEachPlace(counts, (place) => {
      const [offset, length] = [view.getBigUint64(at, true), view.getBigUint64(at + 8, true)];
      at += 16;
      if (offset === none && length === none) return;
      if (offset + length > BigInt(start)) fail(name, 'a chunk beyond its shard');
      const packed = bytes.subarray(Number(offset), Number(offset + length));
      const elements = codecs.unpack(packed, sizeOf(inner) * width);
      if (elements.length !== sizeOf(inner) * width) fail(name, 'a chunk of another size than it declares');
      putChunk(out, shape, elements, inner, place, width);
    });
    return out;
  };
  return { isLittleEndian: codecs.isLittleEndian, unpack };
};

/** Calls back for every place on a grid, the last axis first. */
const forEachPlace = (counts: Shape, visit: (place: readonly number[]) => void): void => {
  const place = counts.map(() => 0);
  for (let left = sizeOf(counts); left > 0; left--) {
    visit(place);
    for (let axis = counts.length - 1; axis >= 0; axis--) {
      if (++place[axis] < counts[axis]) break;
      place[axis] = 0;
    }
  }
};

/** Copies a chunk to its place in a row-major array, as much of it as lies within. */
const putChunk = (
  out: Uint8Array,
  shape: Shape,
  elements: Uint8Array,
  chunk: Shape,
  place: readonly number[],
  width: number,
): void => {
  const rank = shape.length;
  if (rank === 0) return out.set(elements.subarray(0, width));
  const start = place.map((n, axis) => n * chunk[axis]);
  const inside = chunk.map((n, axis) => Math.min(n, shape[axis] - start[axis]));
  const row = inside[rank - 1] * width;
  forEachPlace(inside.slice(0, -1), (index) => {
    let [from, to] = [0, 0];
    for (let axis = 0; axis < rank - 1; axis++) {
      from = (from + index[axis]) * chunk[axis + 1];
      to = (to + start[axis] + index[axis]) * shape[axis + 1];
    }
    out.set(elements.subarray(from * width, from * width + row), (to + start[rank - 1]) * width);
  });
};

/** Elements of an array in row-major order: unpacked from its chunks when they are read. */
class ChunkedSource implements Source {
  readonly isWhole = true;
  readonly length: number;

  constructor(
    private readonly store: Files,
    private readonly name: string,
    private readonly grid: Grid,
  ) {
    this.length = sizeOf(grid.shape) * bytesPerElement[grid.dtype];
  }

  read(offset: number, length: number): Uint8Array {
    return this.#elements().subarray(offset, offset + length);
  }

  #elements(): Uint8Array {
    const { shape, chunk, dtype, key, unpack } = this.grid;
    const width = bytesPerElement[dtype];
    const out = new Uint8Array(this.length);
    const length = sizeOf(chunk) * width;
    forEachPlace(
      shape.map((n, axis) => Math.ceil(n / chunk[axis])),
      (place) => {
        const packed = this.store.get(`${this.name}/${key(place)}`);
        // Chunks of nothing but the fill value, which is 0, may be left out.
        if (!packed) return;
        const elements = unpack(allOf(packed), length);
        if (elements.length !== length)
          fail(this.name, `a chunk of ${elements.length} bytes; its shape needs ${length}`);
        putChunk(out, shape, elements, chunk, place, width);
      },
    );
    return out;
  }
}
