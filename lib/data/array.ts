/**
 * Host arrays: a shape, a dtype and a typed array, owned by the garbage collector. They are what checkpoints
 * are read into, what `init` gives and what random draws return. No tensor library is known here.
 */

/** Element types that checkpoints carry. */
export type DType = keyof DataOf;

/** The typed array that holds each dtype: row-major, in the machine's byte order; 16-bit floats as their raw bits. */
export interface DataOf {
  float64: Float64Array;
  float32: Float32Array;
  float16: Uint16Array;
  bfloat16: Uint16Array;
  int64: BigInt64Array;
  int32: Int32Array;
  int16: Int16Array;
  int8: Int8Array;
  uint64: BigUint64Array;
  uint32: Uint32Array;
  uint16: Uint16Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

export type TypedArray = DataOf[DType];
export type Shape = readonly number[];

/**
 * An n-dimensional array in host memory.
 *
 * `data` may be a getter: an array that is an unaligned view of a file is copied to an aligned one when it is
 * asked for, so take it once.
 */
export interface HostArray<D extends DType = DType> {
  readonly shape: Shape;
  readonly dtype: D;
  readonly data: DataOf[D];
  /** The bytes of `data`, aligned or not, without a copy; undefined for arrays that keep no bytes beside \`data\`. */
  readonly rowMajorBytes?: Uint8Array;
  /** The place of those bytes in a file; undefined for arrays in memory, and for a file that was replaced meanwhile. */
  readonly place?: FilePlace;
}

/** A place in a file. */
export interface FilePlace {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** In bytes from the file's start. */
  readonly offset: number;
}

/** Bytes of one element. */
export const bytesPerElement: Readonly<Record<DType, number>> = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint64: 8,
  uint32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

/** The memory of a typed array as bytes; not a copy. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Number of elements of a shape; 1 for a scalar. */
export const sizeOf = (shape: Shape): number => shape.reduce((size, n) => size * n, 1);

/**
 * A host array from its parts.
 * @throws RangeError when the data does not have the shape's number of elements
 */
export const array = <D extends DType>(shape: Shape, dtype: D, data: DataOf[D]): HostArray<D> => {
  if (data.length !== sizeOf(shape)) {
    throw new RangeError(
      `array of shape [${shape.join(', ')}] needs ${sizeOf(shape)} elements, got ${data.length}`,
    );
  }
  return { shape, dtype, data };
};

/** A float32 host array; numbers in row-major order. */
export const float32 = (shape: Shape, values: ArrayLike<number>): HostArray<'float32'> =>
  array(shape, 'float32', values instanceof Float32Array ? values : Float32Array.from(values));

/** An int32 host array; numbers in row-major order. */
export const int32 = (shape: Shape, values: ArrayLike<number>): HostArray<'int32'> =>
  array(shape, 'int32', values instanceof Int32Array ? values : Int32Array.from(values));

const scratch = new DataView(new ArrayBuffer(4));

/** The number that the bits of an IEEE half (float16) stand for. */
export const fromFloat16 = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
};

/** The number that the bits of a bfloat16 stand for. */
export const fromBfloat16 = (bits: number): number => {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
};

/**
 * The elements as numbers in float32, the precision that layers compute in; float32 data is returned as it is,
 * without a copy. 64-bit integers and floats are rounded to the nearest float32.
 */
export const toFloat32 = ({ dtype, data }: HostArray): Float32Array => {
  switch (dtype) {
    case 'float32':
      return data as Float32Array;
    case 'float16':
      return Float32Array.from(data as Uint16Array, fromFloat16);
    case 'bfloat16':
      return Float32Array.from(data as Uint16Array, fromBfloat16);
    case 'int64':
    case 'uint64':
      return Float32Array.from(data as BigInt64Array as unknown as ArrayLike<number>, Number);
    default:
      return Float32Array.from(data as Float64Array);
  }
};
