/**
 * Flax's additions to MessagePack: arrays, NumPy's scalars and complex numbers as extensions, and large arrays as
 * mappings of chunks.
 *
 * Source: Flax's `flax/serialization.py`, `_msgpack_ext_pack` and `_chunk`.
 */
import type { DType } from '../data/array.js';
import { bytesPerElement } from '../data/array.js';
import type { Cursor } from '../files/cursor.js';
import { parseElementType } from './elementType.js';
import type { Layout } from './fileArray.js';
import { declaredSize, FileArray } from './fileArray.js';
import type { PickleDict, PickleValue } from './pickleValue.js';
import { describe, isContainer, shownShape } from './pickleValue.js';
import type { Source } from '../files/source.js';

/** The array or number of an extension whose contents were read: `(shape, dtype's name, bytes)`, or two numbers. */
export const flaxArray = (cursor: Cursor, type: number, contents: PickleValue): PickleValue => {
  const items = itemsOf(contents) ?? [];
  if (type !== 2) return ofParts(cursor, items);
  if (items.length !== 2 || !items.every((n) => typeof n === 'number')) {
    return cursor.refuse(`a complex number that is ${describe(contents)}`);
  }
  return { kind: 'namedTuple', name: 'builtins.complex', offset: cursor.start, fields: items };
};

const itemsOf = (value: PickleValue = null): readonly PickleValue[] | undefined =>
  isContainer(value) && value.kind === 'list' ? value.items : undefined;

const ofParts = (cursor: Cursor, parts: readonly PickleValue[]): FileArray => {
  const [shape, name, raw] = [itemsOf(parts[0]), parts[1], parts[2]];
  const isSound =
    parts.length === 3 && typeof name === 'string' && typeof raw === 'object' && raw?.kind === 'bytes';
  if (!shape || !isSound) return cursor.refuse('an array that is not a shape, a type and bytes');
  const dtype = parseElementType(name)?.dtype;
  if (!dtype || dtype !== name) {
    return cursor.refuse(`elements of type ${JSON.stringify(name.slice(0, 40))}; numbers and bools are read`);
  }
  return new FileArray(fitting(cursor, dtype, shape, raw.source));
};

const fitting = (cursor: Cursor, dtype: DType, shape: readonly PickleValue[], source: Source): Layout => {
  const needed = (declaredSize(shape) ?? NaN) * bytesPerElement[dtype];
  if (source.length !== needed) {
    cursor.refuse(
      `array bytes do not fit its shape: ${dtype} of shape [${shownShape(shape)}] needs ` +
        `${needed}, found ${source.length}`,
    );
  }
  return { dtype, isLittleEndian: true, shape: shape as readonly number[], bytes: source };
};

const marker = '__msgpack_chunked_array__';

/** An array whose elements lie in several places; it is no chunk itself. */
class ChunkedArray extends FileArray {}

/** The array that a mapping of chunks stands for; undefined for any other mapping. */
export const unchunked = (cursor: Cursor, { entries }: PickleDict): FileArray | undefined => {
  if (!entries.has(marker)) return undefined;
  const [shape, chunks] = ['shape', 'chunks'].map((name) => tuple(entries.get(name)));
  if (!shape || !chunks || chunks.length === 0 || entries.size !== 3) {
    return cursor.refuse('an array of chunks without its shape or its chunks');
  }
  const parts = chunks.map((chunk) => checkedChunk(cursor, chunk));
  const [{ dtype }] = parts;
  if (parts.some((part) => part.dtype !== dtype)) cursor.refuse('an array of chunks of several types');
  return new ChunkedArray(
    fitting(cursor, dtype, shape, joined(parts.map(({ rowMajorSource }) => rowMajorSource))),
  );
};

/** A tuple as Flax writes it, `{'0': …, '1': …}`. */
const tuple = (value: PickleValue = null): readonly PickleValue[] | undefined => {
  if (!isContainer(value) || value.kind !== 'dict') return undefined;
  const items = Array.from({ length: value.entries.size }, (_, i) => value.entries.get(String(i)));
  return items.every((item) => item !== undefined) ? items : undefined;
};

const checkedChunk = (cursor: Cursor, chunk: PickleValue): FileArray =>
  chunk instanceof FileArray && !(chunk instanceof ChunkedArray) && chunk.shape.length === 1
    ? chunk
    : cursor.refuse(`a chunk that is ${describe(chunk)}`);

/** Several sources one after the other; what is read of them is copied together then. */
const joined = (parts: readonly Source[]): Source => ({
  length: parts.reduce((length, part) => length + part.length, 0),
  read: (offset, length) => {
    const out = new Uint8Array(length);
    let start = 0;
    for (const part of parts) {
      const [from, to] = [Math.max(offset, start), Math.min(offset + length, start + part.length)];
      if (to > from) out.set(part.read(from - start, to - from), from - offset);
      start += part.length;
    }
    return out;
  },
});
