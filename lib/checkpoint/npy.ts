/**
 * `.npy`: one array. Versions 1.0 to 3.0 are read, either order of axes and of bytes; version 1.0 is written,
 * row-major and little-endian. Arrays of Python objects, which are pickles inside, are refused.
 */
import type * as E from 'fp-ts/lib/Either.js';
import type { HostArray, Shape } from '../data/array.js';
import { bytesPerElement } from '../data/array.js';
import { Cursor } from '../files/cursor.js';
import { formatElementType, parseElementType } from './elementType.js';
import type { CheckpointError } from './error.js';
import { attempt } from './error.js';
import { columnMajorStrides, declaredSize, elementsOf, FileArray } from './fileArray.js';
import { formatNpyHeader, type NpyHeader, parseNpyHeader } from './npyHeader.js';
import { readNextPickle, readPickle } from './pickle.js';
import type { PickleValue } from './pickleValue.js';
import { allOf, type Source, within } from '../files/source.js';

/** The array of an `.npy` file, as a view of its bytes. Two raw bytes an element, `V2`, are bfloat16. */
export const parseNpy = (bytes: Uint8Array): E.Either<CheckpointError, FileArray> =>
  attempt(() => readNpy(bytes));

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** True if bytes begin as an `.npy` file does. */
export const isNpy = (bytes: Uint8Array): boolean => magic.every((byte, i) => bytes[i] === byte);

/** `parseNpy` for the inside of an `attempt`; `entry` is the archive's name for the array. */
export const readNpy = (from: Uint8Array | Source, entry?: string): FileArray => {
  const cursor = new Cursor(from, 'npy', entry);
  const header = readStart(cursor);
  if (/^[|<>=]?O/.test(header.descr ?? ''))
    cursor.refuse('an array of Python objects; only arrays of numbers are read');
  return readNumbers(cursor, header);
};

/** An array of an `.npy`, or the data that stands for it: an array of Python objects is a pickle, one of texts a list. */
export const readNpyValue = (from: Uint8Array | Source, entry?: string): PickleValue => {
  const cursor = new Cursor(from, 'npy', entry);
  const header = readStart(cursor);
  const { descr = '', shape } = header;
  if (/^[|<>=]?O/.test(descr)) return readPickle(within(cursor.source, cursor.offset, cursor.left));
  const texts = /^([|<>=]?)([US])(\d{1,4})$/.exec(descr);
  return texts ? readTexts(cursor, shape, texts) : readNumbers(cursor, header);
};

/** Objects and arrays that several `np.save` wrote to one file: the only one, or a tuple of them. */
export const readNpys = (source: Source): PickleValue => {
  const items: PickleValue[] = [];
  let objects = 0;
  for (let at = 0; at < source.length || items.length === 0;) {
    const rest = within(source, at, source.length - at);
    const cursor = new Cursor(rest, 'npy');
    const header = readStart(cursor);
    const { descr = '' } = header;
    const isOfObjects = /^[|<>=]?O/.test(descr);
    const end = isOfObjects ? undefined : endOfNumbers(rest, cursor.offset, header);
    if (end !== undefined && items.length < mostArrays) {
      items.push(readNpyValue(within(rest, 0, end)));
      at += end;
      continue;
    }
    if (!isOfObjects || ++objects > mostObjects) {
      items.push(readNpyValue(rest));
      break;
    }
    const pickled = readNextPickle(within(rest, cursor.offset, cursor.left));
    items.push(pickled.value);
    at += cursor.offset + pickled.end;
  }
  return items.length === 1 ? items[0] : { kind: 'tuple', offset: 0, items };
};

/** Arrays of Python objects in one file, each with bounds of its own. */
const mostObjects = 16;
/** Arrays of numbers in one file. */
const mostArrays = 1 << 16;

/** The end of an array of numbers that another array follows. */
const endOfNumbers = (source: Source, start: number, { descr, shape }: NpyHeader): number | undefined => {
  const type = descr === undefined ? undefined : parseElementType(descr);
  const end = type ? start + (declaredSize(shape) ?? NaN) * bytesPerElement[type.dtype] : NaN;
  return end + magic.length <= source.length && isNpy(source.read(end, magic.length)) ? end : undefined;
};

const readStart = (cursor: Cursor): NpyHeader => {
  const isOne = cursor.left >= magic.length && isNpy(cursor.take(magic.length));
  if (!isOne) cursor.refuse('not an .npy array');
  const header = readHeader(cursor);
  cursor.start = cursor.offset;
  return header;
};

/** Characters of all texts of an array. */
const longestTexts = 1 << 16;

/** NumPy's texts: UTF-32 or bytes, each as long as the longest, filled with zeros. */
const readTexts = (cursor: Cursor, shape: Shape, [, order, kind, length]: readonly string[]): PickleValue => {
  const count = declaredSize(shape) ?? NaN;
  const width = Number(length) * (kind === 'U' ? 4 : 1);
  if (cursor.left !== count * width) cursor.refuse(`texts of ${count * width} bytes in ${cursor.left}`);
  if (!(count * Number(length) <= longestTexts)) cursor.refuse(`texts of ${count * width} bytes`);
  const textAt = (i: number): string => {
    const bytes = cursor.take(width);
    const view = new DataView(bytes.buffer, bytes.byteOffset, width);
    const codes = Array.from({ length: Number(length) }, (_, at) =>
      kind === 'U' ? view.getUint32(4 * at, order !== '>') : bytes[at],
    );
    if (codes.some((code) => code > 0x10ffff)) cursor.refuse(`text ${i} is not UTF-32`);
    return String.fromCodePoint(...codes).replace(/\0+$/, '');
  };
  const texts = Array.from({ length: count }, (_, i) => textAt(i));
  return shape.length === 0 ? texts[0] : { kind: 'list', offset: 0, items: texts };
};

const readNumbers = (cursor: Cursor, { descr, shape, isColumnMajor }: NpyHeader): FileArray => {
  if (descr === undefined) return cursor.refuse('an array of structures; only arrays of numbers are read');
  const type = parseElementType(descr);
  if (!type) return cursor.refuse(unknownElements(descr));
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

const unknownElements = (descr: string): string =>
  /^[|<>]?V1$/.test(descr)
    ? 'elements of one raw byte ("V1"), as NumPy writes float8 of ml_dtypes, whose kind is lost; ' +
      'cast them before they are saved: x.astype("float32")'
    : `elements of type ${JSON.stringify(descr)}; numbers and bools are read`;

const longestHeader = 1 << 16;

const readHeader = (cursor: Cursor): NpyHeader => {
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
