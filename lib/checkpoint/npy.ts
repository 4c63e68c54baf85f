/**
 * `.npy`: one array. Versions 1.0 to 3.0 are read, either order of axes and of bytes; version 1.0 is written,
 * row-major and little-endian. Arrays of Python objects, which are pickles inside, are refused.
 */
import type { either as E } from 'fp-ts';
import type { HostArray } from '../data/array.js';
import { bytesPerElement } from '../data/array.js';
import { Cursor } from '../files/cursor.js';
import { formatElementType, parseElementType } from './elementType.js';
import type { CheckpointError } from './error.js';
import { attempt } from './error.js';
import { columnMajorStrides, declaredSize, elementsOf, FileArray } from './fileArray.js';
import { formatNpyHeader, parseNpyHeader } from './npyHeader.js';
import { allOf, type Source } from '../files/source.js';

/** The array of an `.npy` file, as a view of its bytes. Two raw bytes an element, `V2`, are bfloat16. */
export const parseNpy = (bytes: Uint8Array): E.Either<CheckpointError, FileArray> =>
  attempt(() => readNpy(bytes));

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Whether bytes begin as an `.npy` file does. */
export const isNpy = (bytes: Uint8Array): boolean => magic.every((byte, i) => bytes[i] === byte);

/** `parseNpy` for the inside of an `attempt`; `entry` is the archive's name for the array. */
export const readNpy = (from: Uint8Array | Source, entry?: string): FileArray => {
  const cursor = new Cursor(from, 'npy', entry);
  const isOne = cursor.left >= magic.length && isNpy(cursor.take(magic.length));
  if (!isOne) cursor.refuse('not an .npy array');
  const header = readHeader(cursor);
  cursor.start = cursor.offset;
  const { descr, shape, isColumnMajor } = header;
  if (descr === undefined) return cursor.refuse('an array of structures; only arrays of numbers are read');
  if (/^[|<>=]?O/.test(descr)) cursor.refuse('an array of Python objects; only arrays of numbers are read');
  const type = parseElementType(descr);
  if (!type) return cursor.refuse(`elements of type ${JSON.stringify(descr)}; numbers and bools are read`);
  const needed = (declaredSize(shape) ?? NaN) * bytesPerElement[type.dtype];
  if (cursor.left !== needed) {
    cursor.refuse(
      `array bytes do not fit its shape: ${type.dtype} of shape [${shape.join(', ')}] needs ${needed}, ` +
        `found ${cursor.left}`,
    );
  }
  const layout = { ...type, shape, bytes: cursor.part(needed) };
  return new FileArray(isColumnMajor ? { ...layout, strides: columnMajorStrides(shape) } : layout);
};

const longestHeader = 1 << 16;

const readHeader = (cursor: Cursor) => {
  cursor.start = cursor.offset;
  const major = cursor.uint8();
  const minor = cursor.uint8();
  if (major < 1 || major > 3 || minor !== 0)
    cursor.refuse(`.npy version ${major}.${minor}; 1.0 to 3.0 are known`);
  const length = major === 1 ? cursor.uint16() : cursor.uint32();
  if (length > longestHeader) cursor.refuse(`a header of ${length} bytes`);
  const text = new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(cursor.take(length));
  return (
    parseNpyHeader(text) ?? cursor.refuse(`a header that is not one: ${JSON.stringify(text.slice(0, 80))}`)
  );
};

/** The bytes of an `.npy` file in two parts, the second of which is the array's own memory where it can be. */
export const npyParts = (array: HostArray): readonly [header: Uint8Array, elements: Uint8Array] => {
  const text = formatNpyHeader(formatElementType(array.dtype), array.shape);
  const prefix = magic.length + 4;
  const length = Math.ceil((prefix + text.length + 1) / 64) * 64;
  const head = new Uint8Array(length).fill(0x20);
  head.set([...magic, 1, 0, (length - prefix) & 0xff, (length - prefix) >> 8]);
  head.set(new TextEncoder().encode(text), prefix);
  head[length - 1] = 0x0a;
  return [head, allOf(elementsOf(array))];
};

/** The bytes of an `.npy` file of version 1.0; bfloat16 is `V2`, as NumPy writes it. */
export const formatNpy = (array: HostArray): Uint8Array => {
  const [head, elements] = npyParts(array);
  const out = new Uint8Array(head.length + elements.length);
  out.set(head);
  out.set(elements, head.length);
  return out;
};
