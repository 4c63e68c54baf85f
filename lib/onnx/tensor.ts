/**
 * Initialisers: the arrays that an ONNX model carries, by name, with their bytes as they are in the file.
 */
import { bytesPerElement, type DType, sizeOf, type TypedArray } from '../data/array.js';
import { TensorProto_DataType as DataType } from './onnx_pb.js';

/** Element types that exported models use. */
export type ElementType = 'float32' | 'float16' | 'float64' | 'int32' | 'int64' | 'bool';

/** ONNX's numbers for them. */
export const dataTypes: Readonly<Record<ElementType, DataType>> = {
  float32: DataType.FLOAT,
  float16: DataType.FLOAT16,
  float64: DataType.DOUBLE,
  int32: DataType.INT32,
  int64: DataType.INT64,
  bool: DataType.BOOL,
};

/** An array of a model's. Its bytes are asked for when they are written, and not before. */
export interface Initializer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly bytes: () => Uint8Array;
}

/** How many bytes an initialiser takes. */
export const byteLength = ({ shape, type }: Pick<Initializer, 'shape' | 'type'>): number =>
  sizeOf(shape) * bytesPerElement[type as DType];

/** The bytes of a typed array; not a copy. */
export const bytesOf = (values: TypedArray): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** Bits of the IEEE half that is nearest to a number, ties to even; too large becomes infinite. */
export const toFloat16 = (value: number): number => {
  view.setFloat32(0, value);
  const bits = view.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) return sign | roundToEven(Math.abs(value) * 2 ** 24);
  const rounded = magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1);
  return sign | (rounded >>> 13);
};

const view = new DataView(new ArrayBuffer(4));

const roundToEven = (x: number): number => {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
};
