/**
 * Arrays that stay views of a file's bytes until they are used. Alignment, byte order and the order of axes are put
 * right when `data` is asked for, not when the file is read.
 */
import type { DataOf, DType, FilePlace, HostArray, Shape, TypedArray } from '../data/array.js';
import { bytesOf, bytesPerElement, sizeOf } from '../data/array.js';
import type { ElementType } from './elementType.js';
import { allOf, inMemory, type Source, sourceOf } from '../files/source.js';

/** The layout of an array in a file. */
export interface Layout extends ElementType {
  readonly shape: Shape;
  /**
   * The elements and nothing else, in memory or where they are to be read; with strides, from the first to the last,
   * and whatever lies between them.
   */
  readonly bytes: Uint8Array | Source;
  /** Elements to step over along each axis; row-major when not given. */
  readonly strides?: readonly number[];
}

/**
 * Number of elements of a shape that a file declares; undefined when a dimension is not a count, when there are more
 * than 64 of them (NumPy's limit), or when they are too many to address even without the dimensions of 0.
 */
export const declaredSize = (shape: readonly unknown[]): number | undefined => {
  if (shape.length > 64 || !shape.every((n) => Number.isSafeInteger(n) && (n as number) >= 0))
    return undefined;
  const counts = shape as readonly number[];
  const size = sizeOf(counts.filter((n) => n > 0));
  if (!Number.isSafeInteger(size)) return undefined;
  return counts.includes(0) ? 0 : size;
};

/** Strides of a row-major array. */
export const rowMajorStrides = (shape: Shape): readonly number[] =>
  shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));

/** Strides of a column-major (Fortran) array. */
export const columnMajorStrides = (shape: Shape): readonly number[] =>
  shape.map((_, axis) => sizeOf(shape.slice(0, axis)));

/** An array of a file, told apart from other data by its `kind`. */
export class FileArray implements HostArray {
  readonly kind = 'array';
  #layout: Layout | undefined;
  #data: WeakRef<TypedArray> | undefined;
  #replacement: { readonly value: unknown } | undefined;

  /** The array that a layout describes; its bytes have been checked against its shape. */
  constructor(layout?: Layout) {
    this.#layout = layout;
  }

  /** Completes an array that was made without its layout: a pickle names an array first and fills it later. */
  static fill(array: FileArray, layout: Layout): void {
    array.#layout = layout;
    array.#data = undefined;
  }

  /** Says that an array is none of numbers but another value, which takes its place once the pickle is read. */
  static replace(array: FileArray, value: unknown): void {
    array.#replacement = { value };
  }

  /** The value that takes the array's place; undefined for an array of numbers. */
  get replacement(): { readonly value: unknown } | undefined {
    return this.#replacement;
  }

  get isFilled(): boolean {
    return this.#layout !== undefined || this.#replacement !== undefined;
  }

  get layout(): Layout {
    return this.#layout ?? empty;
  }

  get shape(): Shape {
    return this.layout.shape;
  }

  get dtype(): DType {
    return this.layout.dtype;
  }

  get data(): TypedArray {
    const kept = this.#data?.deref();
    if (kept) return kept;
    const data = typedArray(this.layout);
    this.#data = new WeakRef(data);
    return data;
  }

  /** The elements in row-major order and little-endian, where the file has them if it has them so. */
  get rowMajorSource(): Source {
    const { layout } = this;
    return isPlain(layout) ? sourceOf(layout.bytes) : inMemory(bytesOf(this.data));
  }

  get place(): FilePlace | undefined {
    const { layout } = this;
    return isPlain(layout) ? sourceOf(layout.bytes).place?.() : undefined;
  }

  /** The bytes of `rowMajorSource`, without a copy where they are in memory. */
  get rowMajorBytes(): Uint8Array {
    return allOf(this.rowMajorSource);
  }
}

const empty: Layout = { shape: [0], dtype: 'int8', isLittleEndian: true, bytes: new Uint8Array() };

/**
 * The elements of any array in row-major order and little-endian.
 * @throws RangeError when an array that somebody put together has more elements or fewer than its shape
 */
export const elementsOf = (array: HostArray): Source => {
  if (array instanceof FileArray) return array.rowMajorSource;
  const { shape, dtype, data } = array;
  const needed = sizeOf(shape) * bytesPerElement[dtype];
  if (data.byteLength !== needed) {
    const what = `${dtype} of shape [${shape.join(', ')}]`;
    throw new RangeError(`an array, ${what}, needs ${needed} bytes and has ${data.byteLength}`);
  }
  return inMemory(bytesOf(data));
};

/** True if the bytes are already row-major and little-endian, the order of every machine that runs JavaScript. */
const isPlain = ({ shape, strides, dtype, isLittleEndian }: Layout): boolean =>
  (isLittleEndian || bytesPerElement[dtype] === 1) && (strides === undefined || isRowMajor(shape, strides));

/** Axes of length 1 are never stepped along, so their strides do not matter. */
const isRowMajor = (shape: Shape, strides: readonly number[]): boolean => {
  const expected = rowMajorStrides(shape);
  return sizeOf(shape) === 0 || shape.every((n, axis) => n === 1 || strides[axis] === expected[axis]);
};

const typedArray = (layout: Layout): TypedArray => {
  const { dtype, shape, strides } = layout;
  const bytes = allOf(sourceOf(layout.bytes));
  if (isPlain(layout)) return aligned(dtype, bytes);
  const isInOrder = strides === undefined || isRowMajor(shape, strides);
  if (isInOrder) return aligned(dtype, swapped(bytes, bytesPerElement[dtype]));
  return aligned(dtype, gathered(bytes, layout, strides));
};

/** True if nothing is copied when an array is used, or no more than is read from the file. */
export const isView = (layout: Layout): boolean => {
  const { bytes } = sourceOf(layout.bytes);
  return isPlain(layout) && (bytes === undefined || bytes.byteOffset % bytesPerElement[layout.dtype] === 0);
};

const aligned = (dtype: DType, bytes: Uint8Array): TypedArray => {
  const size = bytesPerElement[dtype];
  const { buffer, byteOffset, length } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new constructors[dtype](buffer, byteOffset, length / size);
};

const swapped = (bytes: Uint8Array, size: number): Uint8Array => {
  const out = new Uint8Array(bytes.length);
  for (let start = 0; start < bytes.length; start += size) {
    for (let i = 0; i < size; i++) out[start + i] = bytes[start + size - 1 - i];
  }
  return out;
};

/** The elements in row-major order and little-endian, by an odometer over all axes but the last. */
const gathered = (
  bytes: Uint8Array,
  { dtype, shape, isLittleEndian }: Layout,
  strides: readonly number[],
): Uint8Array => {
  const width = bytesPerElement[dtype];
  const out = new Uint8Array(sizeOf(shape) * width);
  const copy = elementCopier(bytes, out, { width, isLittleEndian });
  const last = shape.length - 1;
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < out.length; to += shape[last] * width) {
    for (let i = 0; i < shape[last]; i++) copy((from + i * strides[last]) * width, to + i * width);
    for (let axis = last - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
};

interface Elements {
  readonly width: number;
  readonly isLittleEndian: boolean;
}

/** Copies one element between two places in bytes; as integers, because floats that are no numbers lose their bits. */
const elementCopier = (
  source: Uint8Array,
  target: Uint8Array,
  { width, isLittleEndian }: Elements,
): ((from: number, to: number) => void) => {
  const [a, b] = [source, target].map((x) => new DataView(x.buffer, x.byteOffset, x.byteLength));
  if (width === 1) return (from, to) => (target[to] = source[from]);
  if (width === 2) return (from, to) => b.setUint16(to, a.getUint16(from, isLittleEndian), true);
  if (width === 4) return (from, to) => b.setUint32(to, a.getUint32(from, isLittleEndian), true);
  const [low, high] = isLittleEndian ? [0, 4] : [4, 0];
  return (from, to) => {
    b.setUint32(to, a.getUint32(from + low, isLittleEndian), true);
    b.setUint32(to + 4, a.getUint32(from + high, isLittleEndian), true);
  };
};

type Constructor<A> = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => A;

const constructors: { readonly [D in DType]: Constructor<DataOf[D]> } = {
  float64: Float64Array,
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint64: BigUint64Array,
  uint32: Uint32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};
